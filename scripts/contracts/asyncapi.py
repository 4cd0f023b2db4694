"""`easymo schemas asyncapi`: what flows on Kafka, as an AsyncAPI 3 document."""

from __future__ import annotations

from scripts.documents.writing import AsJson, AsYaml, OutputFile, write


def command(as_json: AsJson = False, as_yaml: AsYaml = False, output: OutputFile = None) -> None:
    """Every topic, event, sender and receiver, as one AsyncAPI 3 document.

    Made from the domains that exist, the catalogue of topics and the published schemas: it cannot be older
    than the code. Tools that read AsyncAPI make clients, mocks and pages of it; `make docs` makes ours.

    Examples:

    `easymo schemas asyncapi | jq '.channels | keys'`

    `easymo schemas asyncapi --yaml --output asyncapi.yaml`
    """
    from scripts.documents.asyncapi import document  # imports every domain

    write(document(), as_json=as_json, as_yaml=as_yaml, output=output)

"""`easymo schemas openapi`: what the ingress answers, as an OpenAPI 3.1 document."""

from __future__ import annotations

from scripts.documents.writing import AsJson, AsYaml, OutputFile, write


def command(as_json: AsJson = False, as_yaml: AsYaml = False, output: OutputFile = None) -> None:
    """Every path of the ingress with its methods, headers, answers and errors, as one OpenAPI 3.1 document.

    Made from the code's own paths and limits, and tried against the ingress itself in `make test`.

    Examples:

    `easymo schemas openapi | jq '.paths | keys'`

    `easymo schemas openapi --yaml --output openapi.yaml`
    """
    from ingress.openapi import document  # imports what the ingress is made of

    write(document(), as_json=as_json, as_yaml=as_yaml, output=output)

"""Show the message templates that Meta has to approve, or print them as Meta takes them.

Outside the 24 hours after a person last wrote, only an approved template reaches them. `--json` prints one
request a line, for `POST /{WhatsApp business account}/message_templates`.

Example: `easymo templates`, or

    easymo templates --json | while read -r template; do
      curl -sS "$EASYMO_GRAPH_BASE_URL/$WHATSAPP_ACCOUNT_ID/message_templates" -d "$template" \\
        -H "Authorization: Bearer $EASYMO_META_ACCESS_TOKEN" -H "Content-Type: application/json"
    done
"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from infra.whatsapp.templates import defined_templates


def command(
    as_json: Annotated[bool, typer.Option("--json", help="One request to Meta a line.")] = False,
) -> None:
    # No docstring: the module's is the help.
    if as_json:
        for template in defined_templates():
            typer.echo(json.dumps(template.for_meta(), ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(Column("template", no_wrap=True), "language", "what it says", "button")
    for template in defined_templates():
        table.add_row(template.name, template.language, template.body, template.button)
    Console().print(table)

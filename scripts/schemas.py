"""The published event schemas: list them, show one, publish new versions.

Example: `easymo schemas list`, then `easymo schemas show mobility.trip_scheduled`.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import Annotated, NoReturn

import typer
from rich.console import Console, Group
from rich.table import Column, Table
from rich.text import Text

from schemas.publishing import NotPublishable, Registry, State
from scripts.contracts import asyncapi, openapi
from scripts.contracts.audit import audit
from scripts.contracts.check import check
from scripts.contracts.oracle import oracle
from scripts.contracts.push import push
from scripts.contracts.review import review
from scripts.contracts.serve import serve

app = typer.Typer(no_args_is_help=True, help=__doc__)
app.command()(check)
app.command()(review)
app.command()(audit)
app.command()(oracle)
app.command()(serve)
app.command()(push)
app.command("asyncapi")(asyncapi.command)
app.command("openapi")(openapi.command)

FAILED = 2


@app.command("list")
def list_schemas(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Every event: its subject and version, and whether it is published, new or changed."""
    rows = [
        {"schema": entry.name, "state": entry.state.value, "says": (entry.model.__doc__ or "").split("\n")[0]}
        for entry in Registry().entries()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    Console().print(_listed(rows))


def _listed(rows: list[dict[str, str]]) -> Group:
    """Names whole, sentences in what is left, a gap between domains; no word of what is published."""
    table = Table(Column("schema", no_wrap=True), "says", box=None, padding=(0, 2, 0, 0))
    for domain, events in groupby(rows, key=lambda row: row["schema"].partition(".")[0]):
        if domain != rows[0]["schema"].partition(".")[0]:
            table.add_row()
        for row in events:
            state = "" if row["state"] == State.PUBLISHED else f"{row['state'].upper()} "
            table.add_row(row["schema"], Text.assemble((state, "bold yellow"), row["says"]))
    odd = sum(row["state"] != State.PUBLISHED for row in rows)
    told = f"{odd} of {len(rows)} are not published as they are" if odd else f"All {len(rows)} are published"
    return Group(table, f"\n{told}. `easymo schemas show NAME` shows one.")


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(help="A subject, such as whatsapp.message_received, with or without /v1.")
    ],
    example: Annotated[bool, typer.Option("--example", help="Show an example of a value instead.")] = False,
) -> None:
    """One schema: as published, or as it would be."""
    registry = Registry()
    models = sorted(registry.models.values(), key=lambda model: model.version_number())
    known = {model.subject(): model.dataschema() for model in models}  # the newest
    known |= {name: name for name in registry.models}
    if name not in known:
        _fail(f"There is no schema {name}. `easymo schemas list` shows all.")
    full = known[name]
    if example:
        found = registry.example(full)
        if found is None:
            _fail(f"{full} has no example yet.")
        typer.echo(found.decode())
        return
    typer.echo(registry.text_of(full), nl=False)


@app.command()
def publish() -> None:
    """Write the schema of every new version. Refuses when a published one would change."""
    try:
        published = Registry().publish()
    except NotPublishable as error:
        _fail(str(error))
    for name in published:
        typer.echo(f"published {name}")
    if not published:
        typer.echo("Nothing to do: every version is published.")


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(FAILED)

"""Kafka's topics: list the catalogue, show where the cluster differs from it, make it match.

Example: `easymo topics diff` shows what `easymo topics apply` would do; `easymo topics list --json` is for
programs.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from consumers import domain_names
from infra.kafka import topics
from infra.kafka.connection import topic_name
from infra.kafka.topics import Difference
from infra.settings import Settings, load_settings
from schemas.topics import catalogue

app = typer.Typer(no_args_is_help=True, help=__doc__)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Force = Annotated[bool, typer.Option("--force", help="Change partition counts although it breaks order.")]

DIFFERS = 1  # exit code of `diff`, as of diff(1)


@app.command("list")
def list_topics(as_json: AsJson = False) -> None:
    """Every topic of this installation: key, partitions, retention, what it carries."""
    settings = load_settings()
    rows = [
        {
            "topic": topic_name(settings, topic.name),
            "key": topic.key,
            "partitions": topic.partitions,
            "retention_days": topic.retention_days,
            "carries": topic.carries,
        }
        for topic in catalogue(domain_names())
    ]
    _show(rows, as_json=as_json)


@app.command()
def diff(as_json: AsJson = False) -> None:
    """Where the cluster differs from the catalogue; exit code 1 when it does."""
    found = _run(lambda settings: topics.diff(settings, domain_names()))
    _show_differences(found, as_json=as_json, none="The cluster matches the catalogue.")
    if found:
        raise typer.Exit(DIFFERS)


@app.command()
def apply(force: Force = False, as_json: AsJson = False) -> None:
    """Create and alter topics until the cluster matches the catalogue."""
    mended = _run(lambda settings: topics.apply(settings, domain_names(), force=force))
    _show_differences(mended, as_json=as_json, none="Nothing to do: the cluster matches the catalogue.")


def _run(action: Callable[[Settings], Coroutine[Any, Any, list[Difference]]]) -> list[Difference]:
    return asyncio.run(action(load_settings()))


def _show_differences(differences: Iterable[Difference], *, as_json: bool, none: str) -> None:
    rows = [asdict(difference) | {"mendable": difference.mendable} for difference in differences]
    if not rows and not as_json:
        typer.echo(none)
        return
    _show(rows, as_json=as_json)


def _show(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    name, *rest = (column.replace("_", " ") for column in rows[0])
    table = Table(Column(name, no_wrap=True), *rest)  # a name that is cut short is of no use
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console().print(table)

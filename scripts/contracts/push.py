"""`easymo schemas push`: our published schemas into a schema registry of somebody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.settings import Settings, load_settings
from schemas.publishing import Registry

if TYPE_CHECKING:
    from infra.registry.pushing import Pushed

REFUSED_EXIT_CODE = 1
COLOURS = {"there": "dim", "registered": "green", "missing": "yellow", "refused": "red"}


def push(
    url: Annotated[
        str, typer.Argument(help="The registry's address; by default EASYMO_SCHEMA_REGISTRY_URL.")
    ] = "",
    *,
    subject: Annotated[
        list[str] | None,
        typer.Option("--subject", help="Only this subject; may be given again. By default all."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only ask what is missing there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Register what is published here in another schema registry, which gives it ids of its own.

    What is there already stays as it is, so it may be repeated. Levels of compatibility there are not
    changed. Who has to log in sets EASYMO_SCHEMA_REGISTRY_USER and EASYMO_SCHEMA_REGISTRY_PASSWORD. The exit
    code is 1 when the registry refuses a schema.

    Examples:

    `easymo schemas push http://127.0.0.1:8092 --dry-run`

    `EASYMO_SCHEMA_REGISTRY_URL=https://registry.example easymo schemas push --subject core.opted_out --json`
    """
    pushed = asyncio.run(_push(url, _chosen(subject or ()), load_settings(), dry_run=dry_run))
    if as_json:
        typer.echo(orjson.dumps([asdict(each) for each in pushed], option=orjson.OPT_INDENT_2))
    else:
        _show(pushed)
    if any(each.outcome == "refused" for each in pushed):
        raise typer.Exit(REFUSED_EXIT_CODE)


def _chosen(subjects: Sequence[str]) -> dict[tuple[str, int], str]:
    texts = {}
    for name, text in Registry().published().items():
        subject, _, version = name.partition("/v")
        if not subjects or subject in subjects:
            texts[subject, int(version)] = text
    missing = sorted(set(subjects) - {subject for subject, _ in texts})
    if missing:
        raise typer.BadParameter(
            f"{', '.join(missing)} is not published; `easymo schemas list` shows what is.",
            param_hint="--subject",
        )
    return texts


async def _push(
    url: str, schemas: dict[tuple[str, int], str], settings: Settings, *, dry_run: bool
) -> list[Pushed]:
    # Late: the other commands of the group need no HTTP client.
    from infra.registry.pushing import push as push_all
    from infra.registry.remote import RemoteRegistry

    password = settings.schema_registry_password
    async with RemoteRegistry(
        url or settings.need("schema_registry_url"),
        user=settings.schema_registry_user,
        password=password.get_secret_value() if password else None,
    ) as remote:
        return [each async for each in push_all(remote, schemas, dry_run=dry_run)]


def _show(pushed: Sequence[Pushed]) -> None:
    console = Console()
    table = Table("schema", "there", "id there", "version there", "why")
    for each in pushed:
        table.add_row(
            f"{each.subject}/v{each.version}",
            f"[{COLOURS[each.outcome]}]{each.outcome}[/]",
            str(each.remote_id or ""),
            str(each.remote_version or ""),
            escape(each.why),
        )
    console.print(table)
    counts = {outcome: sum(each.outcome == outcome for each in pushed) for outcome in COLOURS}
    console.print(", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count) + ".")

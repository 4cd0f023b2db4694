"""What could not be handled: look at it, have it handled again, correct it, give it up.

Example: easymo dead-letters list --consumer jobs
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import click
import orjson
import ormsgpack
import typer
from rich.console import Console

from consumers.dead_letters import acts, finding
from consumers.dead_letters.rules import OPEN, Status
from infra.postgres.pool import transaction
from infra.settings import load_settings
from scripts.letters import acting, choosing, exporting, shown
from scripts.letters.batches import Act

app = typer.Typer(no_args_is_help=True, help=__doc__)

DEAD = (Status.DEAD,)
Rate = Annotated[float | None, typer.Option(help="At most so many letters a second.", min=0.1)]
Why = Annotated[str, typer.Option("--why", help="For the log.")]
Letter = Annotated[str, typer.Argument(help="A letter's number, or the id of its event.")]


@app.command("list")
def list_letters(
    *,
    consumer: choosing.Consumer = None,
    reason: choosing.Reason = None,
    kind: choosing.Type = None,
    contact: choosing.Contact = None,
    statuses: choosing.Statuses = None,
    since: choosing.Since = "",
    until: choosing.Until = "",
    everything: Annotated[bool, typer.Option("--all", help="Closed ones, too.")] = False,
    limit: Annotated[int, typer.Option(help="The latest so many.", min=1, max=10_000)] = 50,
    unmasked: choosing.Unmasked = False,
    as_json: choosing.AsJson = False,
) -> None:
    """The latest letters that are still open: dead (a person has to act), waiting, or parked.

    Example: `easymo dead-letters list --consumer sender --reason timeout --from 24h`
    """
    settings = load_settings()
    choice = choosing.choose(
        consumer=consumer, reason=reason, kind=kind, contact=contact, statuses=statuses, since=since,
        until=until, default=tuple(Status) if everything else OPEN,
    )  # fmt: skip

    async def find(pool: asyncpg.Pool[Any]) -> tuple[list[asyncpg.Record], int]:
        async with pool.acquire() as connection:
            counted = await finding.count(connection, choice)
            return await finding.latest(connection, choice, limit), sum(row["letters"] for row in counted)

    rows, total = acting.run(settings, find)
    letters = [shown.listed(row, shown.Mask(settings, unmasked=unmasked)) for row in rows]
    if as_json:
        acting.json({"total": total, "letters": letters})
    elif not letters:
        typer.echo("No letters." if everything else "No open letters. --all shows closed ones, too.")
    else:
        Console().print(shown.table(letters, datetime.now(UTC)))
        if total > len(letters):
            typer.echo(f"The latest {len(letters)} of {total:,}; --limit shows more.")


@app.command()
def show(letter: Letter, unmasked: choosing.Unmasked = False, as_json: choosing.AsJson = False) -> None:
    """One letter: the payload, how it failed, the trace, and all that happened to it.

    Example: `easymo dead-letters show 17`
    """
    settings = load_settings()

    async def find(pool: asyncpg.Pool[Any]) -> tuple[asyncpg.Record, list[asyncpg.Record]]:
        async with pool.acquire() as connection:
            found = await finding.one(connection, letter)
            return found, await finding.history(connection, found["id"])

    found, log = acting.run(settings, find)
    whole = shown.detail(found, log, shown.Mask(settings, unmasked=unmasked), settings)
    if as_json:
        acting.json(whole)
    else:
        shown.show(Console(), whole)


@app.command()
def redrive(
    letters: choosing.Letters = None,
    *,
    consumer: choosing.Consumer = None,
    reason: choosing.Reason = None,
    kind: choosing.Type = None,
    contact: choosing.Contact = None,
    statuses: choosing.Statuses = None,
    since: choosing.Since = "",
    until: choosing.Until = "",
    everything: choosing.Everything = False,
    dry_run: choosing.DryRun = False,
    rate: Rate = None,
    name: choosing.As = "",
    as_json: choosing.AsJson = False,
) -> None:
    """Have dead letters handled once more, by the consumer that failed, in the order of their keys.

    By filter, dead ones alone; by number or with `--status waiting`, also those that wait for their next
    try, which is then now. One that fails again is dead again at once. Doing it twice has one effect. Try
    one letter first: should many die again, the consumer stops itself.

    Example: `easymo dead-letters redrive --consumer jobs --reason timeout --dry-run`, then without it.
    """
    settings = load_settings()
    choice = choosing.choose(
        letters, consumer=consumer, reason=reason, kind=kind, contact=contact, statuses=statuses,
        since=since, until=until, default=DEAD,
    )  # fmt: skip
    choosing.check_meant(choice, everything=everything)
    who = choosing.operator(settings, name)

    def act(consumers: Sequence[str]) -> Act:
        ordered = acting.order_of(consumers)
        return lambda connection, ids: acts.redrive(connection, ids, who, ordered)

    acting.act_on(settings, choice, act, "redriven", dry_run=dry_run, rate=rate, as_json=as_json)


@app.command()
def discard(
    letters: choosing.Letters = None,
    *,
    consumer: choosing.Consumer = None,
    reason: choosing.Reason = None,
    kind: choosing.Type = None,
    contact: choosing.Contact = None,
    statuses: choosing.Statuses = None,
    since: choosing.Since = "",
    until: choosing.Until = "",
    everything: choosing.Everything = False,
    dry_run: choosing.DryRun = False,
    why: Why = "",
    name: choosing.As = "",
    as_json: choosing.AsJson = False,
) -> None:
    """Give letters up for good; in an ordered consumer, what waits behind them goes on.

    By filter, dead ones alone, unless --status says otherwise. The record itself is kept.

    Example: `easymo dead-letters discard 17 --why "a test of the provider's"`
    """
    settings = load_settings()
    choice = choosing.choose(
        letters, consumer=consumer, reason=reason, kind=kind, contact=contact, statuses=statuses,
        since=since, until=until, default=DEAD,
    )  # fmt: skip
    choosing.check_meant(choice, everything=everything)
    if not why.strip():
        raise typer.BadParameter('say why, for the log: --why "…"')
    who = choosing.operator(settings, name)

    def act(_: Sequence[str]) -> Act:
        return lambda connection, ids: acts.discard(connection, ids, who, why)

    acting.act_on(settings, choice, act, "discarded", dry_run=dry_run, rate=None, as_json=as_json)


@app.command()
def edit(
    letter: Letter,
    file: Annotated[
        str, typer.Option("--file", help="The corrected payload; - for standard input. Else your editor.")
    ] = "",
    why: Why = "",
    name: choosing.As = "",
) -> None:
    """Put a corrected payload in place of a letter's own, which is kept; then redrive it.

    The payload has to fit the published schema of its type. Without --file it opens in $EDITOR.

    Example: `easymo dead-letters edit 17 --file corrected.json --why "a wrong date"`
    """
    settings = load_settings()
    who = choosing.operator(settings, name)

    async def find(pool: asyncpg.Pool[Any]) -> asyncpg.Record:
        async with pool.acquire() as connection:
            return await finding.one(connection, letter)

    found = acting.run(settings, find)
    value = _corrected(found, file)
    if value is None:
        typer.echo("Nothing was changed.")
        return

    async def write(pool: asyncpg.Pool[Any]) -> None:
        async with transaction(pool) as connection:
            await acts.edit(connection, found["id"], value, who, why)

    acting.run(settings, write)
    waits = found["status"] in (Status.WAITING, Status.PARKED)
    then = "It takes effect at its next try." if waits else f"Next: easymo dead-letters redrive {found['id']}"
    typer.echo(f"Letter {found['id']} has its new payload; the first one is kept. {then}")


def _corrected(letter: asyncpg.Record, file: str) -> bytes | None:
    """The payload that is to take the place of the letter's, or None."""
    if file:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    value, _ = ormsgpack.unpackb(letter["corrected"] or letter["record"])
    payload = shown.payload(value)
    text = payload if isinstance(payload, str) else orjson.dumps(payload, option=orjson.OPT_INDENT_2).decode()
    changed = click.edit(text, extension=".json")
    return changed.encode() if changed is not None and changed.strip() != text.strip() else None


@app.command()
def export(
    letters: choosing.Letters = None,
    *,
    consumer: choosing.Consumer = None,
    reason: choosing.Reason = None,
    kind: choosing.Type = None,
    contact: choosing.Contact = None,
    statuses: choosing.Statuses = None,
    since: choosing.Since = "",
    until: choosing.Until = "",
    out: Annotated[Path | None, typer.Option("--out", help="A file; else standard output.")] = None,
    name: choosing.As = "",
) -> None:
    """Letters as JSON lines; key, value and headers byte for byte, in base64. Nothing in it is masked.

    Without filters, all that are open. It is written down in the log who took them out.

    Example: `easymo dead-letters export --consumer sender --out letters.jsonl`
    """
    settings = load_settings()
    who = choosing.operator(settings, name)
    choice = choosing.choose(
        letters, consumer=consumer, reason=reason, kind=kind, contact=contact, statuses=statuses,
        since=since, until=until,
    )  # fmt: skip

    if out is None:
        acting.run(settings, partial(exporting.write, choice=choice, who=who, line=sys.stdout.buffer.write))
        return
    with out.open("wb") as opened:
        count = acting.run(settings, partial(exporting.write, choice=choice, who=who, line=opened.write))
    typer.echo(f"{count:,} letters written to {out}.")

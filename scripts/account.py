"""Check that every event of a time range is accounted for, by every consumer.

Example: easymo account --from 24h
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Column, Table

from consumers import domain_names
from consumers.runtime.accounting import Account, Missing, State, account
from consumers.runtime.discovery import load_domain
from infra.journal.moments import parse_moment
from infra.settings import load_settings
from infra.telemetry.masking import Masking
from scripts.display import CountDisplay

UNACCOUNTED_EXIT_CODE = 1
SHOWN = 20  # in the table; --json has more


def command(
    *,
    since: Annotated[
        str, typer.Option("--from", help="Since when: 2026-11-20T14:30 (UTC), or how long ago: 90m, 24h, 3d.")
    ] = "24h",
    until: Annotated[str, typer.Option("--until", help="Until when.")] = "now",
    consumer: Annotated[
        list[str] | None, typer.Option("--consumer", help="Only this consumer; may be given again.")
    ] = None,
    topic: Annotated[
        list[str] | None, typer.Option("--topic", help="Only this topic; may be given again.")
    ] = None,
    show_contacts: Annotated[
        bool, typer.Option("--show-contacts", help="Do not mask phone numbers.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Check that every event of a time range is accounted for, by every consumer that reads it.

    Each ends as processed, superseded by a later one, dead (with a reason), gone (a timer that was cancelled,
    a copy too many), or it waits, with a due time; what lies above the committed offset is in flight. What is
    none of these is named, and the exit code is 1. Outcomes are kept for 9 days.

    Examples:

    `easymo account --from 24h`

    `easymo account --from 2026-11-20T08:00 --until 2026-11-20T12:00 --consumer jobs --json`
    """
    now = datetime.now(UTC)
    first, last = parse_moment(since, now), parse_moment(until, now)
    domains = [load_domain(name) for name in consumer or domain_names()]
    with CountDisplay("records") as display:
        found = asyncio.run(
            account(
                load_settings(),
                domains,
                first,
                last,
                now=now,
                topics=topic or (),
                progress=display.show,
            )
        )
    masking = None if show_contacts else Masking()
    if as_json:
        typer.echo(orjson.dumps(_as_json(found, masking), default=str, option=orjson.OPT_INDENT_2))
    else:
        _show(found, masking)
    if found.unaccounted:
        raise typer.Exit(UNACCOUNTED_EXIT_CODE)


def _as_json(found: Account, masking: Masking | None) -> dict[str, Any]:
    return {
        "from": found.since,
        "until": found.until,
        "total": found.total,
        "unaccounted": found.unaccounted,
        "consumers": [
            {
                "consumer": consumer,
                "topic": topic,
                **{state.value: states[state] for state in State},
                "waits_until": found.waits_until.get((consumer, topic)),
            }
            for (consumer, topic), states in sorted(found.states.items())
        ],
        "missing": [asdict(one) | {"key": _key(one, masking)} for one in found.missing],
    }


def _show(found: Account, masking: Masking | None) -> None:
    console = Console()
    table = Table(Column("consumer", no_wrap=True), Column("topic", no_wrap=True))
    shown = [state for state in State if any(states[state] for states in found.states.values())]
    for state in shown:
        table.add_column(state.value.replace("_", " "), justify="right")
    for (consumer, topic), states in sorted(found.states.items()):
        if states.total():
            table.add_row(consumer, topic, *(str(states[state] or "") for state in shown))
    console.print(table)
    if not found.unaccounted:
        console.print(f"[green]All {found.total} events are accounted for.[/]")
        return
    console.print(f"[red]{found.unaccounted} of {found.total} events are not accounted for:[/]")
    for one in found.missing[:SHOWN]:
        console.print(
            f"  {one.consumer}: {one.type} {one.event_id} of {_key(one, masking)}, "
            f"{one.at:%Y-%m-%d %H:%M:%S}, {one.topic}/{one.partition}@{one.offset}: {one.why}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if found.unaccounted > SHOWN:
        console.print(f"  … and {found.unaccounted - SHOWN} more; --json names up to 1,000.")
    console.print("`easymo replay TOPIC --to CONSUMER --from …` hands the consumer what it missed.")


def _key(one: Missing, masking: Masking | None) -> str:
    return one.key if masking is None else masking.text(one.key)

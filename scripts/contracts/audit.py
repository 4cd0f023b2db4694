"""`easymo schemas audit`: the records of a live topic, held against the schemas that they claim."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from infra.journal.auditing import Audit
    from infra.settings import Settings

BROKEN = 1
AT_ONCE = 5_000

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Audited:
    """What came of it, and how long the reading took."""

    audit: Audit
    seconds: float


def audit(
    topic: Annotated[str, typer.Option("--topic", help="The topic to read; see `easymo topics list`.")],
    *,
    since: Annotated[
        str, typer.Option("--since", help="2026-11-20T14:30 (UTC), or how long ago: 90m, 24h, 3d.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Read a live topic, and hold each record against the schema that its `ce_dataschema` claims.

    Counts by type and version: schemas that nobody here published (so are the timers that a domain sends
    itself), records that claim none, or another one than their type says, and invalid ones with the place;
    then drift: fields that records have and the schema does not, and the reverse. No value is shown, only
    what it looks like.

    It joins no group and commits nothing; it reads up to the end as it was at its start. Without --since:
    from the first record that is kept. The exit code is 1 when a record is not what it claims; drift alone is
    no error, since readers ignore fields that they do not know.

    Examples:

    `easymo schemas audit --topic core.events --since 24h`

    `easymo schemas audit --topic whatsapp.inbound --json | jq '.types[] | select(.keeps_its_word | not)'`
    """
    # Late: Kafka's client and the event models are wanted here alone, and take long to load.
    from infra.journal.moments import parse_moment
    from infra.settings import load_settings
    from schemas.publishing import Registry
    from scripts.display import CountDisplay

    moment = parse_moment(since, datetime.now(UTC)) if since else None
    with CountDisplay("records") as display:
        found = asyncio.run(read_topic(load_settings(), topic, moment, Registry().published(), display.show))
    if as_json:
        told = {
            "topic": topic,
            "since": moment,
            "records": found.audit.records,
            "seconds": round(found.seconds, 3),
            "types": found.audit.as_json(),
        }
        typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    else:
        _show(topic, found)
    if not all(tally.keeps_its_word for tally in found.audit.tallies()):
        raise typer.Exit(BROKEN)


async def read_topic(
    settings: Settings, topic: str, since: datetime | None, published: dict[str, str], progress: Progress
) -> Audited:
    """Audit a topic up to its end as of now. Raises NoSuchTopic, KafkaUnreachable, KafkaRefused."""
    from infra.journal.auditing import Audit
    from infra.journal.spans import Journal

    found = Audit(published)
    async with Journal(settings) as journal:
        spans = await journal.spans(topic, since)
        total = sum(span.size for span in spans)
        began = perf_counter()
        async for batch in journal.read(spans, AT_ONCE):
            for record in batch:
                found.look(record)
            progress(topic, found.records, total)
        return Audited(found, perf_counter() - began)


def _show(topic: str, found: Audited) -> None:
    console = Console(highlight=False)
    table = Table("type", "claims", "records", "invalid", "what is wrong")
    told = found.audit.as_json()
    for one in told:
        table.add_row(
            escape(one["type"]) or "[dim]none[/]", escape(one["schema"] or ""), f"{one['records']:,}",
            f"{one['invalid']:,}" if one["invalid"] else "", ", ".join(_wrong(one)),
        )  # fmt: skip
    if told:
        console.print(table)
    for one in told:
        for line in _lines(topic, one):
            console.print(f"{one['type']}: {line}", markup=False, soft_wrap=True)
    rate = found.audit.records / found.seconds if found.seconds else 0
    console.print(f"{found.audit.records:,} records of {topic}, {rate:,.0f} a second.", soft_wrap=True)


def _wrong(told: dict[str, Any]) -> list[str]:
    words = {
        "unknown": "nobody here published it",
        "schema_missing": "claims no schema",
        "schema_lies": "its type says otherwise",
    }
    return [said for name, said in words.items() if told[name]]


def _lines(topic: str, told: dict[str, Any]) -> list[str]:
    lines = [
        f"invalid at {one['pointer'] or 'the value'}: {one['why']} "
        f"({one['records']:,}, first {topic}/{one['first']})"
        for one in told["invalid_at"]
    ]
    lines += [
        f"{one['pointer']} is seen and not in the schema ({one['times']:,}, such as {one['example']})"
        for one in told["seen_not_declared"]
    ]
    if told["more_not_declared"]:
        lines.append(f"further fields that are not in the schema, {told['more_not_declared']:,} times")
    if told["declared_not_seen"]:
        lines.append(f"never seen: {', '.join(told['declared_not_seen'])}")
    return lines

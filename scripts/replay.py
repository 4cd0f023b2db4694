"""Hand a part of a topic to one consumer once more: what it missed, or everything anew.

Example: easymo replay whatsapp.inbound --to core --from 2h --dry-run
"""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Column, Table

from consumers.runtime.accounting import check_remembered
from consumers.runtime.discovery import load_domain
from consumers.runtime.replay_choice import Choice, check
from consumers.runtime.replaying import FIRST_TIME, Replayer, check_range, clip_to_committed
from infra.journal.moments import parse_moment
from infra.journal.outcomes import operator_connection
from infra.journal.replays import Replay, add_replay, find_replay
from infra.journal.spans import Journal, Span
from infra.kafka.publisher import Publisher
from infra.settings import Settings, load_settings
from scripts.display import CountDisplay

MEANINGS = {
    Choice.TAKES_EFFECT: "take effect",
    Choice.HANDLED: "handled before: left alone",
    Choice.WAITS: "wait, and take effect by themselves",
    Choice.GONE: "timers that were cancelled",
    Choice.CALLS_OUT: "would call out, which a rebuild does not",
    Choice.UNREADABLE: "no events",
    Choice.TOO_OLD: "too old: nobody remembers whether they were handled",
    Choice.OTHERS: "meant for other consumers",
    Choice.FILTERED: "left out by --contact or --type",
}


def command(
    *,
    topic: Annotated[str, typer.Argument(help="The topic to read; see `easymo topics list`.")] = "",
    to: Annotated[str, typer.Option("--to", help="The consumer that gets it.", metavar="CONSUMER")] = "",
    since: Annotated[
        str, typer.Option("--from", help="Since when: 2026-11-20T14:30 (UTC), or how long ago: 90m, 24h, 3d.")
    ] = "",
    until: Annotated[str, typer.Option("--until", help="Until when.")] = "now",
    offsets: Annotated[
        list[str] | None,
        typer.Option("--offsets", help="Instead of times: PARTITION:FIRST-LAST; may be given again."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Rebuild: what was handled before is handled anew.")
    ] = False,
    emit: Annotated[
        bool, typer.Option("--emit", help="With --again: publish what follows from it, too.")
    ] = False,
    contact: Annotated[
        str | None, typer.Option("--contact", help="Only events of this contact or person.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--type", help="Only this type, such as whatsapp.message_received.")
    ] = None,
    rate: Annotated[float, typer.Option("--rate", help="At most so many events a second.", min=0.1)] = 1000,
    resume: Annotated[int, typer.Option("--resume", help="Go on with the replay of this number.")] = 0,
    operator: Annotated[str, typer.Option("--as", help="Your name, for the record.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Hand a part of a topic to one consumer once more: what it missed, or everything anew.

    A *repair* (the default) makes only those events take effect that this consumer never handled. It
    remembers 9 days; an older range is refused. A *rebuild* (--again) handles all of them anew: what changes
    in the consumer's tables is kept, what it would publish is not, nor its timers, unless --emit is given
    and the consumer declares that safe. Only what lies below the consumer's committed offset is replayed; the
    rest it has yet to handle.

    A replay that was interrupted goes on with --resume and the number that it told at its beginning.

    Examples:

    `easymo replay whatsapp.inbound --to core --from 2h --dry-run`

    `easymo replay intents.jobs --to jobs --offsets 3:1200-1300`

    `easymo replay core.events --to sender --from 14d --again --rate 500`
    """
    settings = load_settings()
    now = datetime.now(UTC)
    who = operator or getpass.getuser()
    asked = None
    if not resume:
        asked = _asked(
            Replay(
                topic=topic, consumer=to, rebuild=again, emits=emit, contact=contact, kind=kind,
                spans=(), operator=who, began_on=now.date(),
            )
        )  # fmt: skip
        if bool(since) == bool(offsets):
            raise typer.BadParameter("give either --from (and --until) or --offsets")
    bounds = _Bounds(since, until, offsets or (), now)
    found = asyncio.run(_replay(settings, asked or resume, bounds, dry_run=dry_run, rate=rate))
    _show(found, dry_run=dry_run, as_json=as_json)


def _asked(replay: Replay) -> Replay:
    if not replay.topic or not replay.consumer:
        raise typer.BadParameter("name the topic, and the consumer with --to (or a replay with --resume)")
    check(load_domain(replay.consumer), replay.topic, rebuild=replay.rebuild, emits=replay.emits)
    return replay


class _Bounds:
    """The range that was asked for."""

    def __init__(self, since: str, until: str, offsets: Sequence[str], now: datetime) -> None:
        self.since = parse_moment(since, now) if since else None
        self.until = parse_moment(until, now) if until != "now" else None
        self.offsets = [_offsets(text) for text in offsets]
        self.now = now

    async def spans(self, journal: Journal, replay: Replay) -> list[Span]:
        """As Kafka has it. Raises TooOld for a repair that begins too early."""
        if self.since is None:
            wanted = [
                Span(replay.topic, partition, first, last + 1) for partition, first, last in self.offsets
            ]
            return await journal.clip(wanted)
        if not replay.rebuild:
            check_remembered(self.since, self.now)
        return await journal.spans(replay.topic, self.since, self.until)


def _offsets(text: str) -> tuple[int, int, int]:
    try:
        partition, _, both = text.partition(":")
        first, _, last = both.partition("-")
        return int(partition), int(first), int(last or first)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no PARTITION:FIRST-LAST, such as 3:1200-1300") from None


async def _replay(
    settings: Settings, asked: Replay | int, bounds: _Bounds, *, dry_run: bool, rate: float
) -> Replay:
    """Count, or carry out, a new replay or the rest of an old one."""
    async with Journal(settings) as journal, operator_connection(settings) as database:
        replay = asked if isinstance(asked, Replay) else await find_replay(database, asked)
        domain = load_domain(replay.consumer)
        if isinstance(asked, Replay):
            spans = await bounds.spans(journal, replay)
            replay.spans = await clip_to_committed(journal, domain, spans)
        await check_range(journal, replay, bounds.now)
        with CountDisplay("records") as display:
            replayer = Replayer(replay, domain, journal, database, now=bounds.now, progress=display.show)
            if dry_run:
                replay.id = 0  # only counted: nothing is recorded of it
                await replayer.count()
                return replay
            replayer.check_can_run()
            if not replay.id:
                await add_replay(database, replay)
            _tell(f"This is replay {replay.id}. Should it be interrupted: easymo replay --resume {replay.id}")
            publisher = Publisher(settings)
            await publisher.start()
            try:
                await replayer.run(publisher, rate=rate)
            finally:
                await publisher.stop()
    return replay


def _tell(line: str) -> None:
    Console(stderr=True, highlight=False).print(line, soft_wrap=True)


def _show(replay: Replay, *, dry_run: bool, as_json: bool) -> None:
    total = sum(replay.counts.get(choice.value, 0) for choice in Choice)
    if as_json:
        said: dict[str, Any] = {
            "replay": replay.id or None,
            "dry_run": dry_run,
            "topic": replay.topic,
            "consumer": replay.consumer,
            "mode": "rebuild" if replay.rebuild else "repair",
            "emits": replay.emits or not replay.rebuild,
            "total": total,
            **{choice.value: replay.counts.get(choice.value, 0) for choice in Choice},
            FIRST_TIME: replay.counts.get(FIRST_TIME, 0),
        }
        typer.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2))
        return
    table = Table(Column("records", justify="right"), Column("", no_wrap=True))
    table.add_row(str(total), f"in the range, below what {replay.consumer} has committed")
    for choice, meaning in MEANINGS.items():
        if replay.counts.get(choice.value):
            table.add_row(str(replay.counts[choice.value]), meaning)
    console = Console()
    console.print(table)
    if replay.counts.get(FIRST_TIME):
        console.print(
            f"{replay.counts[FIRST_TIME]} of them were never handled before, and what follows from them is "
            "not published. Should people get their answers: repair first (without --again).",
            soft_wrap=True,
        )
    if dry_run:
        console.print("Nothing was published. Leave --dry-run out to carry it out.")
    elif replay.counts.get(Choice.TAKES_EFFECT.value):
        console.print(
            f"They are on their way to {replay.consumer}, on redelivery.{replay.consumer}. "
            "`easymo account` tells when all are handled.",
            soft_wrap=True,
        )

"""Tell everything that happened to a message, an event or a contact, and where it is now.

Example: easymo trace wamid.HBgLMjUwNzg4MTIzNDU2
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer
from rich.console import Console
from rich.table import Column, Table

from consumers import domain_names
from consumers.runtime.accounting import Progress, State
from consumers.runtime.discovery import load_domain
from consumers.runtime.history import Historian
from consumers.runtime.hops import History, Standing
from consumers.sender.lookup import Sent, contacts_of, event_of, sent_messages
from infra.journal.moments import parse_moment
from infra.journal.outcomes import operator_connection
from infra.journal.spans import Journal
from infra.settings import Settings, load_settings
from infra.telemetry.masking import Masking
from schemas.ids import message_id
from schemas.topics import INBOUND
from scripts.display import CountDisplay

NOTHING_EXIT_CODE = 1
# What Meta's messages may be; the id of an event is made of the wamid and the type.
TYPES = (
    "text", "image", "audio", "video", "document", "sticker", "location", "contacts", "interactive", "button",
    "order", "system", "reaction", "unsupported", "unknown", "request_welcome", "edit", "revoke", "",
)  # fmt: skip

ENDED = {State.PROCESSED, State.SUPERSEDED, State.GONE, State.UNREMEMBERED}

Mask = Callable[[str], str]


def command(
    what: Annotated[
        str, typer.Argument(help="A wamid, an event's id, or a contact.", metavar="WAMID|EVENT_ID|CONTACT")
    ],
    *,
    since: Annotated[
        str, typer.Option("--from", help="How far back Kafka is searched: 90m, 24h, 2026-11-20T14:30.")
    ] = "24h",
    limit: Annotated[int, typer.Option(help="Of a contact: the last so many messages.", min=1, max=50)] = 5,
    show_contacts: Annotated[
        bool, typer.Option("--show-contacts", help="Do not mask phone numbers.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Tell everything that happened to a message, an event or a contact, and where it is now.

    Hop by hop, in the order of time: published where, handled by whom and how, what followed from it, why it
    was set aside; then, for each consumer, where everything is and what it waits for. The tables lead; Kafka
    is searched around the times that they name, or, for what nobody handled yet, from `--from` on. The exit
    code is 1 when nothing was found.

    Examples:

    `easymo trace wamid.HBgLMjUwNzg4MTIzNDU2 --json`

    `easymo trace 0e5c2b1e-7c1d-5d0f-9d51-0f2a4f1f3a77`

    `easymo trace +250788123456 --from 3h --limit 10`
    """
    now = datetime.now(UTC)
    masking = Masking()
    mask: Mask = str if show_contacts else masking.text
    with CountDisplay("records") as display:
        history, sent = asyncio.run(
            _trace(load_settings(), what, parse_moment(since, now), now, limit=limit, progress=display.show)
        )
    if as_json:
        typer.echo(orjson.dumps(_as_json(history, sent, mask), default=str, option=orjson.OPT_INDENT_2))
    else:
        _show(history, sent, mask)
    if history.is_empty:
        raise typer.Exit(NOTHING_EXIT_CODE)


async def _trace(
    settings: Settings, what: str, since: datetime, now: datetime, *, limit: int, progress: Progress
) -> tuple[History, list[Sent]]:
    async with Journal(settings) as journal, operator_connection(settings) as database:
        domains = [load_domain(name) for name in domain_names()]
        historian = Historian(journal, database, domains, since=since, now=now, progress=progress)
        event = await event_of(database, what) if what.startswith("wamid.") else _event_id(what)
        if event is not None:
            history = await historian.of_events([event])
        elif what.startswith("wamid."):
            history = await historian.of_events([message_id(what, kind) for kind in TYPES], INBOUND)
        else:
            contact = _contact(what)
            names = {contact, *await contacts_of(database, contact)}
            history = await historian.of_contacts(sorted(names), limit)
        return history, await sent_messages(database, {hop.event for hop in history.hops})


def _event_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _contact(text: str) -> str:
    """A phone number as Meta writes it, digits only; anything else as it is."""
    digits = re.sub(r"[\s()+-]", "", text)
    return digits if digits.isdigit() else text


def _as_json(history: History, sent: list[Sent], mask: Mask) -> dict[str, Any]:
    return {
        "hops": [_masked(asdict(hop), mask, "key", "reason") for hop in history.hops],
        "messages": [_masked(asdict(one), mask, "wamid", "error") for one in sent],
        "now": [_masked(asdict(one), mask, "reason") for one in history.now],
        "not_in_kafka": [
            {"event": one.id, "type": one.type, "topic": one.topic, "around": one.around}
            for one in history.not_found
        ],
        "cut": history.cut,
    }


def _masked(values: dict[str, Any], mask: Mask, *names: str) -> dict[str, Any]:
    return values | {name: mask(values[name]) for name in names if values[name] is not None}


def _show(history: History, sent: list[Sent], mask: Mask) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    if history.is_empty:
        console.print("Nothing is known of it. Was it longer ago than --from says?")
        return
    columns = (Column(name, no_wrap=name in ("time", "what"), overflow="fold") for name in _COLUMNS)
    table = Table(*columns, show_lines=True)
    for hop in history.hops:
        place = f"{hop.topic}/{hop.partition}@{hop.offset}" if hop.topic else hop.consumer or ""
        words = mask(hop.key) if hop.key else hop.outcome or ""
        if hop.delivery:
            words += f", delivery {hop.delivery}"
        if hop.reason:
            words += f": {mask(hop.reason)}"
        followed = " ".join(output.split()[0] for output in hop.outputs)
        words += f" → {followed}" if followed else ""
        table.add_row(f"{hop.at:%m-%d %H:%M:%S.%f}"[:-3], hop.what, str(hop.event), hop.type, place, words)
    for one in sent:
        words = f"{one.state} {mask(one.wamid or '')} {mask(one.error or '')}".strip()
        table.add_row(f"{one.state_at:%m-%d %H:%M:%S}", "message", str(one.event_id), "", "WhatsApp", words)
    console.print(table)
    open_ones = [one for one in history.now if one.state not in ENDED]
    console.print(f"Where it is now: {len(history.now) - len(open_ones)} handled to the end, and")
    for standing in open_ones:
        console.print(f"  {_standing(standing, mask)}", markup=False, highlight=False, soft_wrap=True)
    if not open_ones:
        console.print("  nothing else: it is over.")
    for lost in history.not_found:
        console.print(
            f"  {lost.type} {lost.id}: not seen on {lost.topic} around {lost.around}", soft_wrap=True
        )
    if history.cut:
        console.print("More followed than is shown: trace one of the events above.")


WIDE = 200  # of what goes to a file or a pipe: nothing is to be folded there
_COLUMNS = ("time", "what", "event", "type", "where", "how")


def _standing(one: Standing, mask: Mask) -> str:
    words = f"{one.consumer}: {one.type} {one.event} is {one.state.value.replace('_', ' ')}"
    if one.until is not None:
        words += f" until {one.until:%Y-%m-%d %H:%M:%S}"
    return words + (f" ({mask(one.reason)})" if one.reason else "")

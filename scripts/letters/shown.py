"""How letters look: a table, one of them whole, a line of an export."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import orjson
import ormsgpack
from rich.console import Console
from rich.table import Table
from rich.text import Text

from infra.settings import Settings
from infra.telemetry.masking import Masking, known_secrets

COLOURS = {"dead": "red", "waiting": "yellow", "parked": "yellow", "resolved": "green"}
LISTED = (
    "id", "consumer", "event_id", "status", "ce_type", "contact", "reason", "attempts", "due", "first_at",
    "last_at", "edited",
)  # fmt: skip
FACTS = (
    "consumer", "status", "ce_type", "event_id", "contact", "topic", "partition", "offset", "written_at",
    "reason", "error_type", "attempts", "due", "first_at", "last_at", "trace_id",
)  # fmt: skip


class Mask:
    """Takes phone numbers out of what is shown, unless they are asked for."""

    def __init__(self, settings: Settings, *, unmasked: bool) -> None:
        self._masking = None if unmasked else Masking(known_secrets(settings))

    def text(self, text: str) -> str:
        """The text as it may be shown."""
        return text if self._masking is None else self._masking.text(text)

    def value(self, value: Any) -> Any:
        """The same for anything that JSON holds."""
        return value if self._masking is None else self._masking.value(value)


def listed(row: asyncpg.Record, mask: Mask) -> dict[str, Any]:
    """A letter in a list."""
    found = {name: row[name] for name in LISTED}
    return found | {name: mask.text(row[name]) for name in ("contact", "reason", "ce_type", "consumer")}


def table(rows: Sequence[dict[str, Any]], now: datetime) -> Table:
    """Letters under one another, with times from now."""
    shown = Table(expand=True)  # the last column gives way
    for name in ("letter", "consumer", "status", "tries", "failed", "next"):
        shown.add_column(name, no_wrap=True)
    shown.add_column("what, whose, and why it failed", no_wrap=True, overflow="ellipsis", ratio=1)
    for row in rows:
        cells = (
            str(row["id"]),
            row["consumer"],
            row["status"],
            str(row["attempts"]),
            f"{span(now - row['last_at'])} ago",
            f"in {span(row['due'] - now)}" if row["due"] is not None else "",
            f"{row['ce_type'] or '(no type)'} {row['contact']}\n{row['reason']}",
        )
        shown.add_row(*map(Text, cells), style=COLOURS.get(row["status"], ""))
    return shown


def span(time: timedelta) -> str:
    """A span of time in its largest unit; what is over is 0s."""
    seconds = max(0, int(time.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def moment(at: datetime | None) -> str:
    """A time for people, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S}" if at is not None else ""


def detail(
    letter: asyncpg.Record, log: Iterable[asyncpg.Record], mask: Mask, settings: Settings
) -> dict[str, Any]:
    """One letter and all that happened to it."""
    value, headers = ormsgpack.unpackb(letter["record"])
    found = {"id": letter["id"]} | {name: mask.value(letter[name]) for name in FACTS}
    for name in ("due", "written_at", "first_at", "last_at", "event_id"):
        found[name] = letter[name]
    trace = settings.trace_url if letter["trace_id"] else None
    found["trace_url"] = trace.replace("{trace_id}", letter["trace_id"]) if trace else None
    found["payload"] = mask.value(payload(value))
    found["corrected"] = None
    if letter["corrected"] is not None:
        found["corrected"] = mask.value(payload(ormsgpack.unpackb(letter["corrected"])[0]))
    found["headers"] = [[name, mask.value(payload(content))] for name, content in headers]
    found["stack"] = mask.text(letter["stack"])
    found["log"] = [
        {"at": row["at"], "who": row["who"], "act": row["act"], "outcome": row["outcome"]}
        | {"note": mask.text(row["note"])}
        for row in log
    ]
    return found


def payload(content: bytes | None) -> Any:
    """JSON as it is, text as text, anything else as `base64:…`."""
    if content is None:
        return None
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        found = None
    if isinstance(found, dict | list):
        return found
    try:
        return content.decode()
    except UnicodeDecodeError:
        return f"base64:{b64encode(content).decode()}"


def show(console: Console, found: dict[str, Any]) -> None:
    """Print one letter."""
    facts = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name in ("id", *FACTS, "trace_url"):
        value = found[name]
        text = moment(value) if isinstance(value, datetime) else str(value) if value not in (None, "") else ""
        if text:
            facts.add_row(Text(name.replace("_", " "), style="bold"), Text(text))
    console.print(facts)
    for title, name in (("Payload", "payload"), ("Corrected payload", "corrected")):
        if found[name] is not None or name == "payload":
            console.print(f"\n[bold]{title}[/]")
            _print_value(console, found[name])
    console.print("\n[bold]Headers[/]")
    for name, value in found["headers"]:
        console.print(Text(f"{name}: {value}"), soft_wrap=True)
    if found["stack"]:
        console.print("\n[bold]Stack[/]")
        console.print(Text(found["stack"].rstrip()), soft_wrap=True)
    log = Table("at", "who", "act", "outcome", "note", title="Log", title_justify="left")
    for row in found["log"]:
        log.add_row(moment(row["at"]), *(Text(row[name]) for name in ("who", "act", "outcome", "note")))
    console.print()
    console.print(log)


def _print_value(console: Console, value: Any) -> None:
    if isinstance(value, dict | list):
        console.print_json(orjson.dumps(value).decode())
    else:
        console.print(Text("(no value)" if value is None else str(value)), soft_wrap=True)

"""Meta's message, a plain dict, into what was said. Pure; no shape of message raises.

Shapes: developers.facebook.com, WhatsApp webhooks reference, "messages".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from schemas.content import LocationShared, MediaSent, OtherSent, Tapped, TextSaid

Message = dict[str, Any]
Said = TextSaid | Tapped | LocationShared | MediaSent | OtherSent

MEDIA = frozenset(("image", "video", "audio", "document", "sticker"))
# Nothing to answer: a reaction, second thoughts about an earlier message, and what address.py reads.
SILENT = frozenset(("reaction", "edit", "revoke", "system"))
_OUR_ID = re.compile(r"[a-z_]+:[a-z_]+(:.*)?", re.DOTALL)


def said_of(message: Message) -> Said | None:
    """What a message says; None where nothing is to be answered (see SILENT)."""
    kind = message.get("type")
    if kind == "text":
        return TextSaid(body=text_of(part_of(message, "text").get("body")) or "")
    if kind in SILENT:
        return None
    if kind in MEDIA:
        return _media(str(kind), part_of(message, str(kind)))
    read = _READERS.get(str(kind))
    if read is not None:
        return read(part_of(message, str(kind)))
    name = kind if isinstance(kind, str) else "unknown"
    return OtherSent(type=name, raw=_raw(message, name))


def part_of(message: Message, name: str) -> Message:
    """An object within a message; empty where there is none."""
    part = message.get(name)
    return part if isinstance(part, dict) else {}


def _raw(message: Message, name: str) -> Message:
    part = message.get(name, message.get("errors"))
    if isinstance(part, dict):
        return part
    return {} if part is None else {name: part}


def text_of(value: object) -> str | None:
    """A string without NUL, which PostgreSQL cannot keep; None for whatever is no string."""
    if not isinstance(value, str):
        return None
    return value.replace("\0", "") if "\0" in value else value


def _interactive(interactive: Message) -> Said:
    kind = interactive.get("type")
    if kind in ("list_reply", "button_reply"):
        reply = part_of(interactive, str(kind))
        identity = text_of(reply.get("id"))
        if identity:
            return Tapped(id=identity, title=text_of(reply.get("title")) or "")
    name = kind if isinstance(kind, str) else "interactive"
    return OtherSent(type=name, raw=_raw(interactive, name))


def _quick_reply(button: Message) -> Said:
    """The answer button of a template: its payload is an id of ours, or else its text is what counts."""
    payload, text = text_of(button.get("payload")) or "", text_of(button.get("text")) or ""
    if _OUR_ID.fullmatch(payload):
        return Tapped(id=payload, title=text)
    return TextSaid(body=text or payload)


def _location(location: Message) -> Said:
    try:
        latitude, longitude = float(location["latitude"]), float(location["longitude"])
    except (KeyError, TypeError, ValueError):
        return OtherSent(type="location", raw=location)
    if not (abs(latitude) <= 90 and abs(longitude) <= 180) or math.isnan(latitude + longitude):
        return OtherSent(type="location", raw=location)
    return LocationShared(
        latitude=latitude,
        longitude=longitude,
        name=text_of(location.get("name")),
        address=text_of(location.get("address")),
    )


def _media(kind: str, media: Message) -> Said:
    identity = text_of(media.get("id"))
    if not identity:
        return OtherSent(type=kind, raw=media)
    return MediaSent(
        media=kind,
        media_id=identity,
        mime_type=text_of(media.get("mime_type")),
        caption=text_of(media.get("caption")),
        filename=text_of(media.get("filename")),
    )


_READERS: dict[str, Callable[[Message], Said]] = {
    "interactive": _interactive,
    "button": _quick_reply,
    "location": _location,
}

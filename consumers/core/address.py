"""How Meta names the sender of a message, and what a `system` message tells of a change. Pure.

Source: developers.facebook.com, "System messages webhook reference" and "Business-scoped user IDs".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from consumers.core.parse import Message, part_of, text_of
from schemas.events.whatsapp import MessageReceived

_NOT_DIGITS = re.compile(r"\D")


class Address(NamedTuple):
    """The sender's names. `contact` is the user id where there is one, else the phone number."""

    contact: str
    phone: str | None
    user_id: str | None


def address_of(data: MessageReceived) -> Address:
    """The names that come with a message, without NUL, which PostgreSQL cannot keep."""
    contact, phone, user_id = data.contact, data.phone, data.user_id
    if user_id is None:
        if phone is None and contact.isdigit():
            phone = contact
        contact = phone or contact  # whose digits are the same, however the number was written
    if "\0" in contact or "\0" in (phone or "") or "\0" in (user_id or ""):
        return Address(text_of(contact) or "", text_of(phone), text_of(user_id))
    return Address(contact, phone, user_id)


@dataclass(slots=True, frozen=True)
class Change:
    """A person's address changed: which names are no longer theirs, and which are from now on."""

    gone: tuple[str, ...]
    phone: str | None
    user_id: str | None


def change_of(message: Message) -> Change | None:
    """What a `system` message tells about an address, or None if it tells nothing.

    `user_changed_number` and `user_changed_user_id` do. Others may name the person as well: a new key
    (`customer_identity_changed`) is no new address, and takes none away.
    """
    if message.get("type") != "system":
        return None
    system = part_of(message, "system")
    kind = system.get("type")
    if not isinstance(kind, str) or not kind.startswith("user_changed"):
        return None
    phone = _digits(system.get("wa_id"))
    user_id = text_of(system.get("user_id")) or None
    named = (
        _digits(message.get("from")),
        text_of(message.get("from_user_id")),
        text_of(system.get("previous_user_id")),
    )
    gone = tuple(dict.fromkeys(name for name in named if name and name not in (phone, user_id)))
    return Change(gone, phone, user_id) if phone or user_id else None


def is_anothers(user_id: str | None, since: datetime, shown: str | None, at: datetime, *, told: bool) -> bool:
    """Whether the phone number in a message, though known, is not that of the one who is known by it.

    A number whose owner goes by another user id (`user_id`) than the sender's (`shown`) has changed hands:
    the id of one human being changes only with the number, and then Meta tells. Where it tells of the change
    (`told`) without the new id, whoever was known under the number before (`since`) is another one.
    """
    if user_id is None:
        return False
    return user_id != shown if shown is not None else told and since <= at


def names_in(data: MessageReceived) -> tuple[str, ...]:
    """Every contact that a message is evidence of, its sender's first."""
    contact, phone, user_id = address_of(data)
    if user_id is None and data.message.get("type") != "system":
        return (contact,) if contact else ()
    names: tuple[str | None, ...] = (contact, user_id, phone)
    change = change_of(data.message)
    if change is not None:
        names += (*change.gone, change.user_id, change.phone)
    return tuple(dict.fromkeys(name for name in names if name))


def _digits(value: object) -> str | None:
    return (_NOT_DIGITS.sub("", str(value)) or None) if isinstance(value, str | int) else None

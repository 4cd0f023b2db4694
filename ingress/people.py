"""Who a message or a status is about, from its own fields and the notification's `contacts`.

Since April 2026 Meta names a person by a business-scoped user id as well, and for people with a username
perhaps by that alone: the id is the contact where there is one, else the phone number.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Names(NamedTuple):
    """Which fields name the person: in a message the sender, in a status the recipient."""

    user_id: str
    phone: str


SENDER = Names("from_user_id", "from")
RECIPIENT = Names("recipient_user_id", "recipient_id")

# What of an entry of `contacts` a message carries in fields of its own; a status carries no profile.
_CARRIED = frozenset({"profile", "user_id", "wa_id"})


class Person(NamedTuple):
    """`contact` is the unit of order; `phone` has digits only; `details` is the entry of `contacts` where it
    says more than the other fields do."""

    contact: str
    phone: str | None
    user_id: str | None
    profile_name: str | None
    details: dict[str, Any] | None


def person_of(item: dict[str, Any], names: Names, entry: dict[str, Any]) -> Person | None:
    """Who `item` is about, with what the entry of `contacts` about them adds (`{}`: there is none); None when
    neither names anybody."""
    user_id = _name(item.get(names.user_id)) or _name(entry.get("user_id"))
    phone = _name(item.get(names.phone)) or _name(entry.get("wa_id"))
    contact = user_id or phone
    if contact is None:
        return None
    digits = _digits(phone)
    profile = entry.get("profile")
    profile_name = _name(profile.get("name")) if isinstance(profile, dict) else None
    told = (
        entry.keys() <= _CARRIED
        and entry.get("user_id", user_id) == user_id
        and entry.get("wa_id", digits) == digits
        and (names is SENDER or "profile" not in entry)
        and (profile is None or profile == {"name": profile_name})
    )
    return Person(contact, digits, user_id, profile_name, None if told else entry)


class Contacts:
    """The `contacts` of one change; `untold` are those that no message or status was about."""

    __slots__ = ("_by_name", "_entries", "_raw", "_told")

    def __init__(self, contacts: Any) -> None:
        """Anything at all: only entries of a list that are objects are looked at."""
        self._raw = contacts
        self._entries: list[Any] = contacts if isinstance(contacts, list) else []
        self._told: set[int] = set()
        self._by_name: dict[str, int] | None = None  # positions, made when there is more than one entry

    def of(self, item: dict[str, Any], names: Names, *, alone: bool) -> Person | None:
        """Who `item` is about, or None when nothing names anybody.

        The only entry belongs to the only item (`alone`), even where the item itself names nobody.
        """
        position = self._position(item, names, alone=alone)
        if position is None:
            return person_of(item, names, {})
        person = person_of(item, names, self._entries[position])
        if person is not None:
            self._told.add(position)
        return person

    def _position(self, item: dict[str, Any], names: Names, *, alone: bool) -> int | None:
        """Of the entry about whom the item names."""
        if alone and len(self._entries) == 1:
            return 0 if isinstance(self._entries[0], dict) else None
        if self._by_name is None:
            self._by_name = _positions(self._entries)
        for field in names:
            name = _name(item.get(field))
            if name is not None and name in self._by_name:
                return self._by_name[name]
        return None

    def untold(self) -> Any:
        """What no update carries: entries about nobody in the change, or the whole when it is no list."""
        if not isinstance(self._raw, list):
            return self._raw
        if len(self._told) == len(self._entries):
            return []
        return [entry for position, entry in enumerate(self._entries) if position not in self._told]


def _positions(entries: list[Any]) -> dict[str, int]:
    """By user id and by phone number; the first entry that bears a name has it."""
    found: dict[str, int] = {}
    for position, entry in enumerate(entries):
        if isinstance(entry, dict):
            for name in (_name(entry.get("user_id")), _name(entry.get("wa_id"))):
                if name is not None:
                    found.setdefault(name, position)
    return found


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _digits(number: str | None) -> str | None:
    if number is None or (number.isascii() and number.isdigit()):
        return number
    return "".join(character for character in number if character in "0123456789") or None

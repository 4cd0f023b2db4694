"""Splits what Meta posts into updates: every entry × change × message × status, and all that is left.

Pure. Nothing is dropped: what has no place in `whatsapp.inbound` or `whatsapp.statuses` (another field, an
unknown key, another shape, errors) goes to `whatsapp.account` as it came.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

import orjson

from ingress.people import RECIPIENT, SENDER, Contacts, Person, person_of
from ingress.update import Kind, UnreadableBody, Update
from schemas import topics
from schemas.events.whatsapp import AccountUpdated, MessageReceived, StatusReceived
from schemas.ids import content_id, message_id, status_id

SOURCE = "/ingress/whatsapp"
MESSAGE = Kind(MessageReceived, topics.INBOUND, SOURCE)
STATUS = Kind(StatusReceived, topics.STATUSES, SOURCE)
ACCOUNT = Kind(AccountUpdated, topics.ACCOUNT, SOURCE)

NOBODY = "unknown"  # the account of an entry that names none
_OBJECT = "whatsapp_business_account"
_PRODUCT = "whatsapp"
_MESSAGES = "messages"  # the field whose changes are split
# What each part is made of; whatever else is there is published as it is.
_NOTIFICATION = frozenset({"object", "entry"})
_ENTRY = frozenset({"id", "time", "changes"})
_CHANGE = frozenset({"field", "value"})
_VALUE = frozenset({"messaging_product", "metadata", "contacts", "messages", "statuses"})
_METADATA = frozenset({"display_phone_number", "phone_number_id"})
_LATEST_SECOND = 253_402_300_799  # the end of the year 9999, the last that a datetime holds

_dumps = orjson.dumps
_sorted = partial(orjson.dumps, option=orjson.OPT_SORT_KEYS)


def split(notification: Any, received_at: datetime) -> list[Update]:
    """The updates of one notification, in its order; `received_at` stands in for a missing timestamp.

    Raises UnreadableBody when it is no notification (no object with a list `entry`), or nested so deeply
    that it cannot be written again. Never anything else, whatever the JSON is.
    """
    entries = notification.get("entry") if isinstance(notification, dict) else None
    if not isinstance(entries, list):
        raise UnreadableBody("unexpected_shape", 'Expected an object with a list "entry".')
    updates: list[Update] = []
    try:
        if (usual := _usual(notification, entries, received_at)) is not None:
            return [usual]
        for entry in entries:
            _entry(entry, received_at, updates)
        extra = _beyond(notification, _NOTIFICATION)
        if notification.get("object", _OBJECT) != _OBJECT:
            extra["object"] = notification["object"]
        if extra:
            updates.append(_account(_Place(NOBODY, received_at, None), "notification", extra))
    except TypeError as error:  # orjson's: deeper than its 254 levels
        raise UnreadableBody("nested_too_deep", "The JSON is nested too deeply.") from error
    return updates


def _usual(notification: dict[str, Any], entries: list[Any], received_at: datetime) -> Update | None:
    """The update of a post as nearly all posts are, with one message or status and nothing unknown around it;
    None for any other.

    A short way to what the long way gives as well (a test compares them): it costs half, on each request.
    """
    if len(entries) != 1 or len(notification) != 2 or notification.get("object") != _OBJECT:
        return None
    entry = entries[0]
    if type(entry) is not dict or len(entry) != (3 if type(entry.get("time")) in (int, str) else 2):
        return None
    account_id, changes = entry.get("id"), entry.get("changes")
    if not account_id or type(account_id) is not str or type(changes) is not list or len(changes) != 1:
        return None
    change = changes[0]
    if type(change) is not dict or len(change) != 2 or change.get("field") != _MESSAGES:
        return None
    value = change.get("value")
    if type(value) is not dict or value.get("messaging_product") != _PRODUCT:
        return None
    return _usual_value(value, account_id, received_at)


def _usual_value(value: dict[str, Any], account_id: str, received_at: datetime) -> Update | None:
    metadata, contacts = value.get("metadata"), value.get("contacts")
    name, names, one = _ITEMS[0] if "messages" in value else _ITEMS[1]
    items = value.get(name)
    if type(metadata) is not dict or len(metadata) != 2 or account_id == NOBODY:
        return None
    number_id = metadata.get("phone_number_id")
    if not number_id or type(number_id) is not str or type(metadata.get("display_phone_number")) is not str:
        return None
    if type(items) is not list or len(items) != 1 or type(items[0]) is not dict:
        return None
    entry: Any = {}
    if contacts is not None:
        entry = contacts[0] if type(contacts) is list and len(contacts) == 1 else None
    if type(entry) is not dict or len(value) != (3 if contacts is None else 4):
        return None
    person = person_of(items[0], names, entry)
    around = {"phone_number_id": number_id, "account_id": account_id}
    return None if person is None else one(items[0], person, around, received_at)


class _Place(NamedTuple):
    """Where an update stood: the account, when Meta posted it, and that time as Meta wrote it."""

    account_id: str
    time: datetime
    posted: Any


def _entry(entry: Any, received_at: datetime, updates: list[Update]) -> None:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    if not isinstance(changes, list) or not changes:
        updates.append(_account(_Place(NOBODY, received_at, None), "entry", entry))
        return
    account_id, posted = _text(entry.get("id")), entry.get("time")
    place = _Place(account_id or NOBODY, _time(posted, received_at), posted)
    for change in changes:
        if isinstance(change, dict):
            _change(change, place, received_at, updates)
        else:
            updates.append(_account(place, "change", change))
    extra = _beyond(entry, _ENTRY, ("id", "time"))
    if extra:
        updates.append(_account(place, "entry", extra))


def _change(change: dict[str, Any], place: _Place, received_at: datetime, updates: list[Update]) -> None:
    field, value = _text(change.get("field")), change.get("value")
    if field == _MESSAGES and isinstance(value, dict):
        _messages(value, place, received_at, updates)
    else:
        updates.append(_account(place, field or NOBODY, value))
    extra = _beyond(change, _CHANGE, ("field",))
    if extra:
        updates.append(_account(place, "change", extra))


def _messages(value: dict[str, Any], place: _Place, received_at: datetime, updates: list[Update]) -> None:
    """The messages and statuses of one change, and one account update for whatever else it holds."""
    metadata = value.get("metadata")
    around = _around(metadata, place)
    contacts = Contacts(value.get("contacts"))
    rest = _beyond(value, _VALUE)
    if value.get("messaging_product", _PRODUCT) != _PRODUCT:
        rest["messaging_product"] = value["messaging_product"]
    before = len(updates)
    for name, names, one in _ITEMS:
        if name not in value:
            continue
        items = value[name]
        if not isinstance(items, list):
            rest[name] = items
            continue
        alone = len(items) == 1
        for item in items:
            person = contacts.of(item, names, alone=alone) if isinstance(item, dict) else None
            if person is None:
                rest.setdefault(name, []).append(item)
            else:
                updates.append(one(item, person, around, received_at))
    untold = contacts.untold()
    if untold:
        rest["contacts"] = untold
    if rest or len(updates) == before or not _is_plain(metadata):
        updates.append(_account(place, _MESSAGES, {"metadata": metadata, **rest}))


def _around(metadata: Any, place: _Place) -> dict[str, str]:
    """What every message and status of a change is told of where it was posted."""
    around = {}
    number_id = _text(metadata.get("phone_number_id")) if isinstance(metadata, dict) else None
    if number_id is not None:
        around["phone_number_id"] = number_id
    if place.account_id != NOBODY:
        around["account_id"] = place.account_id
    return around


def _message(
    message: dict[str, Any], person: Person, around: dict[str, str], received_at: datetime
) -> Update:
    wamid, kind = message.get("id"), message.get("type")
    if isinstance(wamid, str) and wamid:
        event_id = message_id(wamid, kind if isinstance(kind, str) else "")
    else:
        event_id = content_id("message", _sorted([person.contact, message]))
    value: dict[str, Any] = {"contact": person.contact, "message": message}
    if person.phone is not None:
        value["phone"] = person.phone
    if person.user_id is not None:
        value["user_id"] = person.user_id
    if person.profile_name is not None:
        value["profile_name"] = person.profile_name
    if person.details is not None:
        value["contact_details"] = person.details
    value.update(around)
    time = _time(message.get("timestamp"), received_at)
    return Update(MESSAGE, person.contact, event_id, time, _dumps(value))


def _status(status: dict[str, Any], person: Person, around: dict[str, str], received_at: datetime) -> Update:
    wamid, word, at = status.get("id"), status.get("status"), status.get("timestamp")
    if isinstance(wamid, str) and wamid and isinstance(word, str) and isinstance(at, str):
        event_id = status_id(wamid, word, at)
    else:
        event_id = content_id("status", _sorted([person.contact, status]))
    value: dict[str, Any] = {"contact": person.contact, "status": status}
    if person.details is not None:
        value["contact_details"] = person.details
    value.update(around)
    return Update(STATUS, person.contact, event_id, _time(at, received_at), _dumps(value))


_ITEMS = (("messages", SENDER, _message), ("statuses", RECIPIENT, _status))


def _account(place: _Place, field: str, value: Any) -> Update:
    """When it was posted is part of the id: the same news at another time is another event."""
    event_id = content_id("account", _sorted([place.account_id, field, value, place.posted]))
    data = {"account_id": place.account_id, "field": field}
    if value is not None:
        data["value"] = value
    return Update(ACCOUNT, place.account_id, event_id, place.time, _dumps(data))


def _beyond(value: dict[str, Any], known: frozenset[str], texts: Sequence[str] = ()) -> dict[str, Any]:
    """What `value` holds beside the known: other names, and those of `texts` whose value is no text, and so
    was not carried elsewhere."""
    beyond = {} if value.keys() <= known else {name: i for name, i in value.items() if name not in known}
    for name in texts:
        if type(text := value.get(name, "")) is not str and _text(text) is None:
            beyond[name] = value[name]
    return beyond


def _text(value: Any) -> str | None:
    """A name or id: Meta writes them as strings, in some places as numbers."""
    if type(value) is str:
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _is_plain(metadata: Any) -> bool:
    """Whether it says nothing but what every update carries, and our number, which everybody knows."""
    if not isinstance(metadata, dict):
        return metadata is None
    return not _beyond(metadata, _METADATA, ("phone_number_id", "display_phone_number"))


def _time(timestamp: Any, otherwise: datetime) -> datetime:
    """Meta's timestamp (seconds since 1970, mostly as a string), or `otherwise`."""
    text = None if timestamp is None else _text(timestamp)
    if text is None or len(text) > 12 or not (text.isascii() and text.isdigit()):
        return otherwise
    return _second(text) or otherwise


@lru_cache(maxsize=1024)
def _second(digits: str) -> datetime | None:
    """Thousands of updates name the same few seconds."""
    seconds = int(digits)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds <= _LATEST_SECOND else None

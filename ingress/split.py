"""Splits what Meta posts into updates: every entry × change × message × status, and all that is left.

Pure. Nothing is dropped: what has no place in `whatsapp.inbound` or `whatsapp.statuses` (another field, an
unknown key, another shape, errors) goes to `whatsapp.account` as it came.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

import orjson

from ingress.people import RECIPIENT, SENDER, Contacts, Person
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
_MESSAGES = "messages"  # the field whose changes are split
_SPLIT = {"metadata": True, "contacts": True, "messages": True, "statuses": True}
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
        for entry in entries:
            updates.extend(_entry(entry, received_at))
        extra = _beyond(notification, {"entry": True, "object": notification.get("object") == _OBJECT})
        if extra:
            updates.append(_account(_Place(NOBODY, received_at, None), "notification", extra))
    except TypeError as error:  # orjson's: deeper than its 254 levels
        raise UnreadableBody("nested_too_deep", "The JSON is nested too deeply.") from error
    return updates


class _Place(NamedTuple):
    """Where an update stood: the account, when Meta posted it, and that time as Meta wrote it."""

    account_id: str
    time: datetime
    posted: Any


def _entry(entry: Any, received_at: datetime) -> Iterator[Update]:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    if not isinstance(changes, list) or not changes:
        yield _account(_Place(NOBODY, received_at, None), "entry", entry)
        return
    account_id, posted = _text(entry.get("id")), entry.get("time")
    place = _Place(account_id or NOBODY, _time(posted, received_at), posted)
    for change in changes:
        if isinstance(change, dict):
            yield from _change(change, place, received_at)
        else:
            yield _account(place, "change", change)
    known = {"changes": True, "id": account_id is not None, "time": _text(posted) is not None}
    extra = _beyond(entry, known)
    if extra:
        yield _account(place, "entry", extra)


def _change(change: dict[str, Any], place: _Place, received_at: datetime) -> Iterator[Update]:
    field, value = _text(change.get("field")), change.get("value")
    if field == _MESSAGES and isinstance(value, dict):
        yield from _messages(value, place, received_at)
    else:
        yield _account(place, field or NOBODY, value)
    extra = _beyond(change, {"value": True, "field": field is not None})
    if extra:
        yield _account(place, "change", extra)


def _messages(value: dict[str, Any], place: _Place, received_at: datetime) -> Iterator[Update]:
    """The messages and statuses of one change, and one account update for whatever else it holds."""
    metadata = value.get("metadata")
    number_id = _text(metadata.get("phone_number_id")) if isinstance(metadata, dict) else None
    around = {
        "phone_number_id": number_id,
        "account_id": None if place.account_id == NOBODY else place.account_id,
    }
    contacts = Contacts(value.get("contacts"))
    rest = _beyond(value, _SPLIT | {"messaging_product": value.get("messaging_product") == "whatsapp"})
    split_any = False
    for name, names, one in (("messages", SENDER, _message), ("statuses", RECIPIENT, _status)):
        items = value.get(name, [])
        if not isinstance(items, list):
            rest[name] = items
            continue
        alone = len(items) == 1
        for item in items:
            person = contacts.of(item, names, alone=alone) if isinstance(item, dict) else None
            if person is None:
                rest.setdefault(name, []).append(item)
            else:
                split_any = True
                yield one(item, person, around, received_at)
    untold = contacts.untold()
    if untold:
        rest["contacts"] = untold
    if rest or not split_any or not _is_plain(metadata, number_id):
        yield _account(place, _MESSAGES, {"metadata": metadata, **rest})


def _message(
    message: dict[str, Any], person: Person, around: dict[str, Any], received_at: datetime
) -> Update:
    wamid, kind = message.get("id"), message.get("type")
    if isinstance(wamid, str) and wamid:
        event_id = message_id(wamid, kind if isinstance(kind, str) else "")
    else:
        event_id = content_id("message", _sorted([person.contact, message]))
    value = {
        "contact": person.contact,
        "message": message,
        "phone": person.phone,
        "user_id": person.user_id,
        "profile_name": person.profile_name,
        "contact_details": person.details,
        **around,
    }
    time = _time(message.get("timestamp"), received_at)
    return Update(MESSAGE, person.contact, event_id, time, _dumps(_present(value)))


def _status(status: dict[str, Any], person: Person, around: dict[str, Any], received_at: datetime) -> Update:
    wamid, word, at = status.get("id"), status.get("status"), status.get("timestamp")
    if isinstance(wamid, str) and wamid and isinstance(word, str) and isinstance(at, str):
        event_id = status_id(wamid, word, at)
    else:
        event_id = content_id("status", _sorted([person.contact, status]))
    value = {"contact": person.contact, "status": status, "contact_details": person.details, **around}
    return Update(STATUS, person.contact, event_id, _time(at, received_at), _dumps(_present(value)))


def _account(place: _Place, field: str, value: Any) -> Update:
    """When it was posted is part of the id: the same news at another time is another event."""
    event_id = content_id("account", _sorted([place.account_id, field, value, place.posted]))
    data = _present({"account_id": place.account_id, "field": field, "value": value})
    return Update(ACCOUNT, place.account_id, event_id, place.time, _dumps(data))


def _present(value: dict[str, Any]) -> dict[str, Any]:
    """Without what is absent, as the models write it."""
    return {name: item for name, item in value.items() if item is not None}


def _beyond(value: dict[str, Any], known: dict[str, bool]) -> dict[str, Any]:
    """What `value` holds beside the known; a known name whose value is not as known (False) counts too."""
    return {name: item for name, item in value.items() if not known.get(name, False)}


def _text(value: Any) -> str | None:
    """A name or id: Meta writes them as strings, in some places as numbers."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _is_plain(metadata: Any, number_id: str | None) -> bool:
    """Whether it says nothing but what every update carries, and our number, which everybody knows."""
    if not isinstance(metadata, dict):
        return metadata is None
    known = {
        "phone_number_id": number_id is not None,
        "display_phone_number": _text(metadata.get("display_phone_number")) is not None,
    }
    return not _beyond(metadata, known)


def _time(timestamp: Any, otherwise: datetime) -> datetime:
    """Meta's timestamp (seconds since 1970, mostly as a string), or `otherwise`."""
    text = _text(timestamp)
    if text is None or len(text) > 12 or not (text.isascii() and text.isdigit()):
        return otherwise
    seconds = int(text)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds <= _LATEST_SECOND else otherwise

"""Splitting anything: it never fails in another way than said, and never loses what was in it."""

from __future__ import annotations

import contextlib
import copy
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingress import split as ways
from ingress.split import split
from ingress.update import UnreadableBody
from tests.builders import a_contact, a_notification, a_status, a_text

RECEIVED_AT = datetime(2026, 1, 1, tzinfo=UTC)

KEYS = st.sampled_from(
    """object entry id time changes field value messaging_product metadata display_phone_number
    phone_number_id contacts profile name wa_id user_id messages from from_user_id type timestamp text body
    statuses status recipient_id recipient_user_id errors something_new""".split()  # noqa: SIM905
)
LEAVES = st.sampled_from(
    ["messages", "whatsapp", "text", "250788123456", "1767268800", "LEAF", "", 5, None, True, 0.5]
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)


def mostly(part: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The part, and in one of eight cases anything."""
    return st.integers(0, 7).flatmap(lambda number: part if number else ANYTHING)


def objects(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects with mostly these parts, of which few are missing, and few others are there."""
    whole = st.fixed_dictionaries({name: mostly(part) for name, part in parts.items()})
    missing: st.SearchStrategy[set[str]] = st.sets(st.sampled_from(sorted(parts)), max_size=1) | st.just(
        set()
    )
    more = st.dictionaries(KEYS, ANYTHING, max_size=1)
    return st.tuples(more, whole, missing).map(
        lambda drawn: {name: item for name, item in (drawn[0] | drawn[1]).items() if name not in drawn[2]}
    )


def lists(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(mostly(items), max_size=3)


NAMES = st.sampled_from(["250788123456", "RW.1", "RW.2", "250788000111"])
CONTACT = objects(profile=objects(name=st.just("LEAF")), wa_id=NAMES, user_id=NAMES)
MESSAGE = objects(**{"id": st.just("LEAF"), "from": NAMES, "from_user_id": NAMES, "text": ANYTHING})
STATUS = objects(id=st.just("LEAF"), status=st.just("LEAF"), recipient_id=NAMES, recipient_user_id=NAMES)
VALUE = objects(
    metadata=objects(phone_number_id=st.just("LEAF")),
    contacts=lists(CONTACT),
    messages=lists(MESSAGE),
    statuses=lists(STATUS),
    errors=ANYTHING,
)
CHANGE = objects(field=st.sampled_from(["messages", "messages", "messages", "flows"]), value=VALUE)
ENTRY = objects(id=st.just("LEAF"), changes=lists(CHANGE))
NOTIFICATION = st.fixed_dictionaries({"entry": st.lists(mostly(ENTRY), max_size=2)})


def numbered(value: Any, numbers: Iterator[int]) -> Any:
    """The same with every LEAF made one of a kind."""
    if isinstance(value, dict):
        return {name: numbered(item, numbers) for name, item in value.items()}
    if isinstance(value, list):
        return [numbered(item, numbers) for item in value]
    return f"LEAF{next(numbers)}." if value == "LEAF" else value


def carried_elsewhere(value: Any) -> Any:
    """Without our own number and the time of the posting, which are everybody's."""
    if isinstance(value, dict):
        return {
            name: carried_elsewhere(item)
            for name, item in value.items()
            if not (name in ("display_phone_number", "time") and isinstance(item, str))
        }
    return [carried_elsewhere(item) for item in value] if isinstance(value, list) else value


@settings(deadline=None)
@given(ANYTHING | NOTIFICATION)
def test_it_never_fails_in_another_way(notification: Any) -> None:
    with contextlib.suppress(UnreadableBody):
        for update in split(notification, RECEIVED_AT):
            assert update.kind.event.read(update.value)
            assert update.key


@settings(deadline=None)
@given(NOTIFICATION)
def test_nothing_is_lost(notification: Any) -> None:
    notification = numbered(notification, itertools.count())
    values = [update.value for update in split(notification, RECEIVED_AT)]
    leaves = [text for text in texts(carried_elsewhere(notification)) if text.startswith("LEAF")]
    told = b"".join(values).decode()
    assert [leaf for leaf in leaves if leaf not in told] == []


@settings(deadline=None)
@given(NOTIFICATION)
def test_a_repeat_has_the_same_ids(notification: Any) -> None:
    body = orjson.dumps(notification)
    first, second = (split(orjson.loads(body), RECEIVED_AT) for _ in range(2))
    assert first == second


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


@st.composite
def nearly_usual(draw: st.DrawFn) -> Any:
    """A post as nearly all are, with a change or two anywhere: what the short way is for, and must leave."""
    item = draw(st.sampled_from([a_text("x"), a_status(), a_text("x", from_user_id="RW.1")]))
    contacts = draw(st.sampled_from([[], [a_contact()], [a_contact(user_id="RW.1")]]))
    notification = copy.deepcopy(a_notification(item, contacts=contacts))
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.sampled_from(list(containers(notification))))
        if isinstance(place, list):
            place.append(draw(ANYTHING)) if draw(st.booleans()) else place.clear()
        elif place and draw(st.booleans()):
            del place[draw(st.sampled_from(sorted(place)))]
        else:
            place[draw(KEYS)] = draw(ANYTHING)
    return notification


def containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


@settings(deadline=None)
@given(nearly_usual())
def test_the_short_way_and_the_long_way_give_the_same(notification: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ways, "_usual", lambda *_: None)
        long = outcome(notification)
    assert outcome(notification) == long


def outcome(notification: Any) -> Any:
    try:
        return split(notification, RECEIVED_AT)
    except UnreadableBody as error:
        return error.code

"""What may be sent, in which form, and when to try again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from consumers.sender import rules
from consumers.sender.progress import lane_of, read_progress, read_time
from consumers.sender.rules import Address, NotSent
from infra.whatsapp.errors import Refusal, Remedy
from schemas.content import TemplateContent, TextContent
from schemas.events.whatsapp import SendMessage

NOW = datetime(2026, 4, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVENT = UUID(int=999)
TEXT = TextContent(body="hi")
TEMPLATE = TemplateContent(name="reminder", language="fr")


def _wish(**fields: Any) -> SendMessage:
    given: dict[str, Any] = {"person": "p", "content": TEXT} | fields
    return SendMessage(**given)


def _address(**fields: Any) -> Address:
    given: dict[str, Any] = {"person": "p", "contact": "250788000001", "heard_at": NOW - HOUR} | fields
    return Address(**given)


def test_within_the_window_anything_goes() -> None:
    assert rules.choose(_wish(template="reminder"), _address(), NOW, NOW) is TEXT


@pytest.mark.parametrize(
    ("silent", "is_open"),
    [
        (timedelta(hours=23, minutes=59, seconds=59), True),
        (timedelta(hours=24), False),
        (None, False),
    ],
)
def test_the_window_is_open_for_24_hours(silent: timedelta | None, is_open: bool) -> None:
    heard_at = NOW - silent if silent is not None else None
    assert rules.window_is_open(_address(heard_at=heard_at), NOW) is is_open


@pytest.mark.parametrize(
    ("locale", "language"), [("en", "en"), ("fr", "fr"), ("rw", "rw_RW"), ("sw", "sw"), ("xx", "en")]
)
def test_after_that_the_template_in_the_person_s_language(locale: str, language: str) -> None:
    wish = _wish(template="reminder", template_variables=("08:00",))
    chosen = rules.choose(wish, _address(heard_at=None, locale=locale), NOW, NOW)
    assert chosen == TemplateContent(name="reminder", language=language, variables=("08:00",))


def test_or_nothing_at_all() -> None:
    chosen = rules.choose(_wish(), _address(heard_at=None), NOW, NOW)
    assert chosen == rules.NotSent("outside_window")


@pytest.mark.parametrize(
    ("wish", "address", "asked_ago", "reason"),
    [
        (_wish(), _address(opted_out=True), 0, "opted_out"),
        (_wish(despite_opt_out=True), _address(opted_out=True), 0, None),
        (_wish(heard_at=NOW - HOUR), _address(opted_out=True, opted_at=NOW - HOUR), 0, "opted_out"),
        (_wish(heard_at=NOW), _address(opted_out=True, opted_at=NOW - HOUR), 0, None),  # opted in since
        (_wish(), _address(), 25, "expired"),
        (_wish(), _address(), 24, None),
        (_wish(content=TEMPLATE), _address(heard_at=None, unreachable_at=NOW - HOUR), 0, "unreachable"),
        (_wish(content=TEMPLATE), _address(heard_at=None, unreachable_at=NOW - 25 * HOUR), 0, None),
        (_wish(content=TEMPLATE), _address(unreachable_at=NOW - 2 * HOUR), 0, None),
        (_wish(), _address(unreachable_at=NOW), 0, None),
    ],
)
def test_what_is_not_sent(wish: SendMessage, address: Address, asked_ago: int, reason: str | None) -> None:
    chosen = rules.choose(wish, address, NOW - asked_ago * HOUR, NOW)
    assert chosen == (NotSent(reason) if reason else wish.content)


@pytest.mark.parametrize(
    ("address", "wish", "contact", "phone", "heard"),
    [
        (_address(), _wish(), "250788000001", None, False),
        (Address("p"), _wish(contact="RW.1", heard_at=NOW), "RW.1", None, True),
        (Address("p"), _wish(contact="RW.1"), "RW.1", None, False),
        # Another contact, heard of later: the number may have been given up.
        (
            _address(contact_at=NOW - HOUR, phone="250788000001"),
            _wish(contact="RW.1", heard_at=NOW),
            "RW.1",
            None,
            True,
        ),
        # Within the same second, as Meta tells it.
        (
            _address(contact="250788000001", contact_at=NOW, phone="250788000001", heard_at=NOW),
            _wish(contact="250788000009", heard_at=NOW),
            "250788000009",
            None,
            False,
        ),
        # An old turn's contact does not replace a newer one.
        (
            _address(contact="RW.2", contact_at=NOW, phone="250788000001", heard_at=NOW),
            _wish(contact="RW.1", heard_at=NOW - HOUR),
            "RW.2",
            "250788000001",
            False,
        ),
    ],
)
def test_what_the_message_itself_tells(
    address: Address, wish: SendMessage, *, contact: str, phone: str | None, heard: bool
) -> None:
    news, was_heard = rules.with_news(address, wish)
    assert (news.contact, news.phone, was_heard) == (contact, phone, heard)
    assert news is not address


def test_what_is_tried_instead() -> None:
    english = TEMPLATE.model_copy(update={"language": "en"})
    closed, untranslated, other = Refusal(131047, ""), Refusal(132001, ""), Refusal(131000, "")
    assert rules.instead(TEXT, TEMPLATE, closed) is TEMPLATE
    assert rules.instead(TEXT, None, closed) is None
    assert rules.instead(TEMPLATE, None, untranslated) == english
    assert rules.instead(english, None, untranslated) is None
    assert rules.instead(TEXT, TEMPLATE, other) is None
    assert rules.instead(TEMPLATE, TEMPLATE, closed) is None


@pytest.mark.parametrize(
    ("remedy", "deliveries", "seconds"),
    [
        *((Remedy.RETRY, n, s) for n, s in enumerate((5, 60, 300, 900, 3600, 3600))),
        *((Remedy.PACE_PAIR, n, s) for n, s in enumerate((4, 16, 64, 256, 1024, 1024))),
        (Remedy.GIVE_UP, 0, None),
        (Remedy.REJECT, 0, None),
        (Remedy.WAIT_DAY, 0, None),
    ],
)
def test_how_long_to_wait(remedy: Remedy, deliveries: int, seconds: int | None) -> None:
    expected = timedelta(seconds=seconds) if seconds is not None else None
    assert rules.retry_after(remedy, deliveries, EVENT) == expected


def test_those_who_waited_together_come_back_apart() -> None:
    waits = {rules.jitter(UUID(int=n), 10) for n in range(1000)}
    assert len(waits) == 1000
    assert timedelta(seconds=10) <= min(waits) < max(waits) < timedelta(seconds=15)


def test_away_is_asked_less_and_less_often_but_never_seldom() -> None:
    waits = [rules.away_after(n, UUID(int=0)).total_seconds() for n in range(100)]
    assert waits[:4] == [5, 10, 20, 40]
    assert max(waits) == rules.AWAY_SECONDS_LIMIT


@pytest.mark.parametrize(
    ("seen", "began", "now", "sure"),
    [
        (None, -HOUR.seconds, 61, False),
        (60, -HOUR.seconds, 61, False),
        (61, -HOUR.seconds, 62, True),
        (None, -HOUR.seconds, 180, False),
        (None, -HOUR.seconds, 181, True),
        (10, -HOUR.seconds, 181, True),
        # All senders were down when the call ended, and its status lay unread.
        (None, 600, 601, False),
        (None, 600, 780, False),
        (10, 600, 780, False),
        (None, 600, 781, True),
        (61, 600, 601, True),
    ],
)
def test_when_a_doubt_ends(seen: int | None, began: int, now: int, sure: bool) -> None:
    seen_at = NOW + timedelta(seconds=seen) if seen is not None else None
    since, at = (NOW + timedelta(seconds=seconds) for seconds in (began, now))
    assert rules.surely_not_sent(NOW, seen_at, since, at) is sure


def test_a_doubt_is_looked_at_every_few_seconds() -> None:
    after = [rules.look_again_after(NOW, NOW + timedelta(seconds=s)).total_seconds() for s in (0, 30, 300)]
    assert after == [5, 15, 30]


def test_a_status_is_read() -> None:
    status = {"id": "wamid.1", "status": "read", "timestamp": "1775390400"}
    progress = read_progress({**status, "biz_opaque_callback_data": str(EVENT)})
    assert progress is not None
    assert (progress.event_id, progress.state, progress.at) == (EVENT, "read", NOW)


@pytest.mark.parametrize("stamp", [None, "", "x", "9" * 30, "-1" * 20, 7.5, [], "1e9"])
def test_a_time_that_is_none(stamp: object) -> None:
    read = read_time({"timestamp": stamp})
    assert read is None or isinstance(stamp, float)


def test_a_lane_is_the_partition_of_its_contact() -> None:
    assert {lane_of(str(n).encode()) for n in range(1000)} == set(range(12))

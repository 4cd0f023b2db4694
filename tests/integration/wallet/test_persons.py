"""What the wallet knows of people: the latest word stands, whatever is said again after it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from schemas.events.core import AddressChanged, PersonSeen
from schemas.model import EventData
from tests.integration.wallet.street import Person, Street

HOUR = timedelta(hours=1)


def _moved(person: Person, phone: str, at: datetime) -> AddressChanged:
    return AddressChanged(person=person.id, contact=phone, phone=phone, at=at)


def _seen(person: Person, at: datetime, phone: str | None, name: str | None, locale: str) -> PersonSeen:
    return PersonSeen(person=person.id, contact=person.id, at=at, phone=phone, name=name, locale=locale)


async def _happens(street: Street, person: Person, events: list[EventData], *, at_once: bool) -> None:
    """In one chunk, or each in a chunk of its own."""
    chunks = [events] if at_once else [[event] for event in events]
    for chunk in chunks:
        await street.hears(*((person.id, event) for event in chunk), source="/consumers/core")


async def _known(street: Street, person: Person) -> tuple[object, ...]:
    (row,) = await street.rows("SELECT phone, name, locale FROM people WHERE person = $1", person.id)
    return tuple(row)


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_number_given_up_does_not_come_back(street: Street, at_once: bool) -> None:
    aline = await street.person("Aline", "250788000001")
    first = _moved(aline, "250788000002", street.now - 2 * HOUR)
    second = _moved(aline, "250788000003", street.now - HOUR)
    await _happens(street, aline, [first, second, first], at_once=at_once)
    assert await _known(street, aline) == ("250788000003", "Aline", "en")


async def test_money_for_a_number_goes_to_whoever_has_it_now(street: Street) -> None:
    aline = await street.person("Aline", "250788000001", tokens=2_000)
    carine = await street.person("Carine")
    eric = await street.person("Eric", "250788000002", age=timedelta(days=29))
    gave_up = _moved(eric, "250788000003", street.now - HOUR)
    took_over = _moved(carine, "250788000002", street.now - HOUR)
    had_it = _moved(eric, "250788000002", street.now - 2 * HOUR)
    await street.hears(
        (eric.id, had_it), (eric.id, gave_up), (carine.id, took_over), source="/consumers/core"
    )
    await street.hears((eric.id, had_it), source="/consumers/core")
    await aline.starts("send_tokens")
    await aline.says("250788000002")
    await aline.says("100")
    assert await carine.balance() == 100


async def test_a_number_that_is_somebody_elses_now_takes_no_money_to_whoever_had_it(street: Street) -> None:
    aline = await street.person("Aline", "250788000001", tokens=2_000)
    eric = await street.person("Eric", "250788000002")
    carine = await street.person("Carine", "250788000002", age=timedelta(days=2))
    seen = _seen(eric, street.now, None, None, "en")  # the last of the two who wrote
    lost = AddressChanged(person=eric.id, contact="RW.1", former="250788000002", at=street.now - HOUR)
    await _happens(street, eric, [seen, lost], at_once=False)
    assert (await _known(street, eric))[0] is None
    await aline.starts("send_tokens")
    await aline.says("250788000002")
    await aline.says("100")
    assert (await carine.balance(), await eric.balance()) == (100, 0)


async def test_another_contact_without_a_number_leaves_the_number(street: Street) -> None:
    aline = await street.person("Aline", "250788000001")
    moved = AddressChanged(person=aline.id, contact="RW.2", former="RW.1", at=street.now)
    await _happens(street, aline, [moved], at_once=False)
    assert (await _known(street, aline))[0] == "250788000001"


@pytest.mark.parametrize("at_once", [True, False])
async def test_how_somebody_was_seen_before_does_not_come_back(street: Street, at_once: bool) -> None:
    aline = await street.person("Aline", "250788000001")
    old = _seen(aline, street.now - 2 * HOUR, "250788000002", "Ange", "sw")
    new = _seen(aline, street.now - HOUR, "250788000003", "Ange U.", "rw")
    await _happens(street, aline, [old, new, old], at_once=at_once)
    assert await _known(street, aline) == ("250788000003", "Ange U.", "rw")


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_number_told_before_somebody_was_seen_with_another_changes_nothing(
    street: Street, at_once: bool
) -> None:
    aline = await street.person("Aline", "250788000001")
    seen = _seen(aline, street.now - HOUR, "250788000003", "Aline", "en")
    moved = _moved(aline, "250788000002", street.now - 2 * HOUR)
    await _happens(street, aline, [seen, moved], at_once=at_once)
    assert (await _known(street, aline))[0] == "250788000003"


@pytest.mark.parametrize("at_once", [True, False])
async def test_what_the_latest_word_leaves_out_stays_as_it_was(street: Street, at_once: bool) -> None:
    aline = await street.person("Aline", None)
    told = _seen(aline, street.now - 2 * HOUR, "250788000002", "Ange", "sw")
    silent = _seen(aline, street.now - HOUR, None, None, "rw")
    await _happens(street, aline, [told, silent], at_once=at_once)
    assert await _known(street, aline) == ("250788000002", "Ange", "rw")


@pytest.mark.parametrize("at_once", [True, False])
async def test_somebody_is_with_us_since_the_first_word_of_them_in_whatever_order(
    street: Street, at_once: bool
) -> None:
    aline = await street.person("Aline", "250788000001", age=HOUR)
    words = [_seen(aline, street.now - hours * HOUR, None, None, "en") for hours in (3, 5, 4)]
    await _happens(street, aline, [*words], at_once=at_once)
    (row,) = await street.rows("SELECT since, seen_at FROM people WHERE person = $1", aline.id)
    assert tuple(row) == (street.now - 5 * HOUR, street.now - HOUR)

"""What Meta tells about messages afterwards: in any order, again and again, and late."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from schemas.content import TemplateContent
from tests.integration.sender.office import Office
from tests.waiting import eventually

EVERY_ORDER = list(itertools.permutations(("sent", "delivered", "read")))


@pytest.mark.parametrize("order", EVERY_ORDER)
async def test_a_message_only_moves_forward(office: Office, aline: str, order: tuple[str, ...]) -> None:
    await office.meets(aline)
    wish = await office.asks(aline, "Muraho")
    await office.becomes(wish)
    for status in (*order, *order):
        await office.hears_status(aline, status, wish)
    await office.becomes(wish, "read")
    other = await office.asks(aline, "a mark at the end of the statuses")
    await office.becomes(other)
    await office.hears_status(aline, "sent", other)
    await office.becomes(other, "sent")
    assert (await office.becomes(wish))["state"] == "read"


async def test_a_failure_is_kept_with_its_reason(office: Office, aline: str) -> None:
    await office.meets(aline)
    wish = await office.asks(aline, "Muraho")
    await office.becomes(wish)
    await office.hears_status(aline, "failed", wish, errors=[{"code": 131000, "title": "Something"}])
    row = await office.becomes(wish, "failed")
    assert (row["error_code"], row["error"]) == (131000, "131000 Something")
    await office.hears_status(aline, "delivered", wish)
    await office.becomes(wish, "delivered")  # it arrived after all


@pytest.mark.parametrize(
    "told",
    [
        {"biz_opaque_callback_data": "somebody else's"},
        {"biz_opaque_callback_data": None},
        {"status": "warning"},
        {"timestamp": "never"},
        {"id": None},
    ],
)
async def test_statuses_that_are_not_about_us_do_no_harm(
    office: Office, aline: str, told: dict[str, str]
) -> None:
    await office.meets(aline)
    wish = await office.asks(aline, "Muraho")
    await office.becomes(wish)
    await office.hears_status(aline, "read", wish, **told)
    await office.hears_status(aline, "delivered", wish)
    await office.becomes(wish, "delivered")


async def test_a_template_follows_when_meta_says_late_that_the_window_was_closed(
    office: Office, aline: str
) -> None:
    chat = await office.meets(aline, "fr")
    wish = await office.asks(aline, "free text", template="reminder", template_variables=("RAA",))
    await office.becomes(wish)
    failed, why = datetime.now(UTC), [{"code": 131047}]
    for _ in range(2):  # Meta repeats
        await office.hears_status(aline, "failed", wish, at=failed, id=f"wamid.{aline}", errors=why)
    await chat.hears("Votre trajet RAA approche.")
    later = failed + timedelta(seconds=5)
    await office.hears_status(aline, "failed", wish, at=later, id=f"wamid.{aline}", errors=why)
    await office.becomes(await office.asks(aline, "after"))
    assert office.bodies(aline) == ["free text", "Votre trajet RAA approche.", "after"]


async def test_marketing_that_meta_holds_back_comes_again_a_day_later_and_only_once(
    office: Office, aline: str
) -> None:
    await office.meets(aline)
    reminder = TemplateContent(name="reminder", language="en", variables=("RAA",))
    wish = await office.asks(aline, reminder)
    await office.becomes(wish)
    await office.hears_status(aline, "failed", wish, errors=[{"code": 131049}])
    await office.becomes(wish, "failed")
    (timer,) = [row for row in await office.waiting() if row["name"] == f"again:{wish}"]
    assert timedelta(hours=23) < timer["due"] - datetime.now(UTC) <= timedelta(hours=24)
    await office.becomes(await office.asks(aline, "nothing else has to wait for it"))


async def test_somebody_who_cannot_be_reached_gets_no_templates_for_a_day(office: Office, aline: str) -> None:
    await office.meets(aline, hours_ago=25)
    reminder = TemplateContent(name="reminder", language="en", variables=("RAA",))
    wish = await office.asks(aline, reminder)
    await office.becomes(wish)
    await office.hears_status(aline, "failed", wish, errors=[{"code": 131026, "title": "Undeliverable"}])
    await office.becomes(wish, "failed")
    row = await office.becomes(await office.asks(aline, reminder))
    assert (row["state"], row["error"]) == ("not_sent", "unreachable")
    await office.meets(aline)  # they write again
    assert (await office.becomes(await office.asks(aline, reminder)))["state"] == "accepted"


async def test_the_sender_knows_how_far_it_has_read(office: Office, aline: str) -> None:
    at = (datetime.now(UTC) + timedelta(minutes=3)).replace(microsecond=0)
    await office.hears_status(aline, "read", None, at=at)
    await office.hears_status(aline, "read", None, at=at - timedelta(hours=1))
    await office.hears_status(aline, "read", None, at=at + timedelta(days=1))  # somebody's clock is wrong

    async def seen() -> bool:
        rows = await office.database.fetch("SELECT seen_at FROM sender.status_lane")
        return at in [row["seen_at"] for row in rows]

    await eventually(seen)
    latest = await office.database.fetchval("SELECT max(seen_at) FROM sender.status_lane")
    assert latest == at

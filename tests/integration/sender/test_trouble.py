"""Meta refuses, is away, or says nothing: nothing is lost, nothing is sent twice unmarked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from consumers.dead_letters import acts
from consumers.runtime.policy import RETRY_DELAYS
from consumers.sender import rules
from infra.postgres.pool import open_pool, transaction
from infra.whatsapp.breaker import Breaker
from schemas import topics
from schemas.content import MediaContent
from tests.integration.sender.office import Office, person
from tests.waiting import eventually


async def _wait_and_go_on(office: Office, reason: str, phone: str, *, tries: int) -> timedelta:
    """A message meets trouble, waits for `reason`, goes out when due; a later one stays behind it."""
    first = await office.asks(phone, "first")
    row = await office.waits(first, reason)
    assert row["tries"] == tries
    second = await office.asks(phone, "second")
    await office.waits(second, "")
    await office.make_due()
    await office.becomes(second)
    assert office.bodies(phone) == ["first", "second"]
    wait: timedelta = row["due"] - datetime.now(UTC)
    return wait


@pytest.mark.parametrize(
    ("code", "tries", "most"),
    [(131000, 1, 5), (131016, 1, 5), (131056, 1, 4), (130429, 0, 3)],
)
async def test_what_passes_by_itself_is_tried_again(
    office: Office, aline: str, code: int, tries: int, most: float
) -> None:
    await office.meets(aline)
    office.simulator.faults.add("error", code=code, times=1, to=aline)
    wait = await _wait_and_go_on(office, f"refused: {code}", aline, tries=tries)
    assert wait <= timedelta(seconds=most)


@pytest.mark.parametrize("code", [131026, 130403, 131050, 130472])
async def test_what_nobody_can_help_is_recorded(office: Office, aline: str, code: int) -> None:
    await office.meets(aline)
    office.simulator.faults.add("error", code=code, times=1, to=aline)
    row = await office.becomes(await office.asks(aline, "lost"))
    assert (row["state"], row["error_code"]) == ("failed", code)
    await office.becomes(await office.asks(aline, "next"))
    assert office.bodies(aline) == ["next"]


async def test_what_is_wrong_with_the_message_is_dead(office: Office, aline: str) -> None:
    await office.meets(aline)
    office.simulator.faults.add("error", code=100, times=1, to=aline)
    wish = await office.asks(aline, "wrong")
    await office.ends(wish, "dead")
    row = await office.message(wish)
    assert row is not None
    assert (row["state"], row["error_code"]) == ("failed", 100)
    await office.becomes(await office.asks(aline, "next"))


async def test_a_file_that_is_none_is_dead(office: Office, aline: str) -> None:
    await office.meets(aline)
    wish = await office.asks(aline, MediaContent(media="image", data="no file"))
    await office.ends(wish, "dead")
    row = await office.message(wish)
    assert row is not None
    assert row["state"] == "failed"

    async def told() -> bool:
        letters = await office.records(topics.DEAD_LETTERS)
        return any(b"no base64" in dict(r.headers)["kafka_dlt-exception-message"] for r in letters)

    await eventually(told)
    await office.becomes(await office.asks(aline, "next"))


async def test_a_message_without_an_address_waits_for_one(office: Office, aline: str) -> None:
    chat = office.simulator.chat(aline)
    await office.asks(aline, "to whom?", heard_at=datetime.now(UTC))
    await office.meets(aline)  # what tells the address came second
    await office.make_due()
    await chat.hears("to whom?")


async def test_a_message_to_nobody_is_dead_in_the_end(office: Office, aline: str) -> None:
    wish = await office.asks(aline, "to whom?", heard_at=datetime.now(UTC))
    await office.ends(wish, "processed")
    await office.make_due()

    async def dead() -> bool:
        letters = await office.records(topics.DEAD_LETTERS)
        return any(letter.key == person(aline).encode() for letter in letters)

    await eventually(dead)
    assert await office.message(wish) is None  # it was never about to be sent
    assert office.bodies(aline) == []


async def test_a_doubt_is_settled_by_a_status(office: Office, aline: str) -> None:
    wish = await _in_doubt(office, aline)
    second = await office.asks(aline, "second")
    await office.hears_status(aline, "delivered", wish, id=f"wamid.{aline}")
    row = await office.becomes(wish, "delivered")
    assert (row["wamid"], row["repeats"]) == (f"wamid.{aline}", 0)
    await office.make_due()
    await office.becomes(second)
    assert office.bodies(aline) == ["perhaps", "second"]


async def test_a_doubt_waits_while_nobody_can_know(office: Office, aline: str) -> None:
    await office.meets(aline)
    office.simulator.faults.add("drop", times=1, to=aline)
    wish = await office.asks(aline, "perhaps")
    await office.waits(wish, "in doubt")
    await office.make_due()
    await office.waits(wish, "no status yet")
    assert office.bodies(aline) == []


async def test_without_a_status_in_time_it_is_sent_again_and_marked(office: Office, aline: str) -> None:
    await office.meets(aline)
    office.simulator.faults.add("drop", times=1, to=aline)
    wish = await office.asks(aline, "perhaps")
    await office.waits(wish, "in doubt")
    # The statuses of this contact have been read until well after the call, without a word of it.
    await office.hears_status(aline, "read", None, at=datetime.now(UTC) + timedelta(seconds=90))
    await office.outcome_becomes("processed")
    row = await _sent_again(office, wish)
    assert row["repeats"] == 1
    assert office.bodies(aline) == ["perhaps"]
    # Others share this contact's partition of the statuses: nothing of theirs was read until then.
    await office.database.execute("UPDATE sender.status_lane SET seen_at = least(seen_at, now())")


async def test_a_doubt_without_any_statuses_ends_too(office: Office, aline: str) -> None:
    await office.meets(aline)
    office.simulator.faults.add("drop", times=1, to=aline)
    wish = await office.asks(aline, "perhaps")
    await office.waits(wish, "in doubt")
    await _was_called(office, wish, timedelta(minutes=4))
    assert (await _sent_again(office, wish))["repeats"] == 1


async def test_a_doubt_from_before_the_sender_began_waits_for_the_statuses_that_lay_unread(
    office: Office, aline: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So short that the statuses of others, who share the partition, do not show that this one was read on.
    monkeypatch.setattr(rules, "DOUBT_LIMIT", rules.DOUBT_MARGIN / 3)
    wish = await _in_doubt(office, aline)
    await _was_called(office, wish, rules.DOUBT_MARGIN / 2)
    office.listening.since = None  # it has just begun
    await office.make_due()
    await office.waits(wish, "no status yet", delivery=2)
    assert office.bodies(aline) == ["perhaps"]
    await office.hears_status(aline, "delivered", wish, id=f"wamid.{aline}")  # the one that lay there
    await office.becomes(wish, "delivered")
    await office.make_due()
    await office.ends(wish, "processed")
    assert office.bodies(aline) == ["perhaps"]


@pytest.mark.parametrize("code", [131000, 130429])
async def test_what_turns_out_to_have_gone_out_is_not_sent_again(
    office: Office, aline: str, code: int
) -> None:
    wish = await _in_doubt(office, aline)
    await _waits_to_be_repeated(office, aline, wish, code)
    await office.hears_status(aline, "delivered", wish, id=f"wamid.{aline}")
    await office.becomes(wish, "delivered")
    await office.make_due()
    await office.ends(wish, "processed")
    await office.becomes(await office.asks(aline, "next"))
    assert office.bodies(aline) == ["perhaps", "next"]


async def test_what_turns_out_to_have_failed_is_sent_again(office: Office, aline: str) -> None:
    wish = await _in_doubt(office, aline)
    await _waits_to_be_repeated(office, aline, wish, 131000)
    await office.hears_status(aline, "failed", wish, errors=[{"code": 131000}])
    await office.becomes(wish, "failed")
    await office.make_due()
    await office.ends(wish, "processed")
    assert office.bodies(aline) == ["perhaps", "perhaps"]


async def _in_doubt(office: Office, aline: str) -> UUID:
    """A message that Meta took, of which we did not hear."""
    await office.meets(aline)
    office.simulator.faults.add("cut", times=1, to=aline)
    wish = await office.asks(aline, "perhaps")
    await office.waits(wish, "in doubt")
    return wish


async def _waits_to_be_repeated(office: Office, aline: str, wish: UUID, code: int) -> None:
    """It was taken for one that did not go out, and its second call is refused for now: no claim is left."""
    await _was_called(office, wish, timedelta(minutes=4))
    office.simulator.faults.add("error", code=code, times=1, to=aline)
    await office.make_due()
    await office.waits(wish, f"refused: {code}", delivery=2)


async def test_a_message_in_doubt_is_not_repeated_for_ever(office: Office, aline: str) -> None:
    await office.meets(aline)
    office.simulator.faults.add("drop", times=3, to=aline)
    wish = await office.asks(aline, "perhaps")
    for delivery in range(1, 4):
        await office.waits(wish, "in doubt", delivery=delivery)
        await _was_called(office, wish, timedelta(minutes=4))
        await office.make_due()
    await office.ends(wish, "dead")
    letters = [r for r in await office.records(topics.DEAD_LETTERS) if r.key == person(aline).encode()]
    assert b"in doubt again and again" in dict(letters[-1].headers)["kafka_dlt-exception-message"]
    row = await office.message(wish)
    assert row is not None
    assert (row["state"], row["wamid"]) == ("failed", None)


async def test_what_died_after_its_last_try_has_failed_and_can_be_redriven(
    office: Office, aline: str
) -> None:
    await office.meets(aline)
    office.simulator.faults.add("error", code=131016, times=len(RETRY_DELAYS) + 1, to=aline)
    wish = await office.asks(aline, "late")
    for delivery in range(1, len(RETRY_DELAYS) + 1):
        await office.waits(wish, "refused: 131016", delivery=delivery)
        await office.make_due()
    await office.ends(wish, "dead")
    row = await office.message(wish)
    assert row is not None
    assert row["state"] == "failed"
    assert "131016" in row["error"]
    find = "SELECT id FROM dead_letters.letter WHERE event_id = $1 AND status = 'dead'"

    async def kept() -> bool:
        return await office.database.fetchval(find, wish) is not None

    await eventually(kept)
    async with await open_pool(office.settings, "dead_letters", size=1) as pool, transaction(pool) as own:
        done = await acts.redrive(own, [await own.fetchval(find, wish)], "olive", {"sender": True})
    assert len(done.done) == 1
    row = await office.becomes(wish, "accepted")
    assert (row["error"], office.bodies(aline)) == (None, ["late"])


async def _was_called(office: Office, wish: object, ago: timedelta) -> None:
    """Turn the clock: the call was made so long ago, and the sender listened before."""
    office.listening.since = datetime.now(UTC) - ago
    await office.database.execute(
        "UPDATE sender.message SET claimed_at = claimed_at - $1::interval WHERE event_id = $2", ago, wish
    )


async def _sent_again(office: Office, wish: object) -> dict[str, object]:
    await office.make_due()
    return dict(await office.becomes(wish, "accepted"))  # type: ignore[arg-type]


async def test_while_the_circuit_is_open_messages_wait_and_never_die(
    office: Office, aline: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often they are turned away: that is nobody's failure, and no try."""
    await office.meets(aline)
    with monkeypatch.context() as patch:
        patch.setattr(Breaker, "wait", lambda _: 30.0)
        message = await office.asks(aline, "patience")
        for delivery in range(1, len(RETRY_DELAYS) + 3):
            row = await office.waits(message, "circuit_open", delivery=delivery)
            assert row["tries"] == 0
            await office.make_due()
    await office.make_due()
    await office.becomes(message)
    assert office.bodies(aline) == ["patience"]

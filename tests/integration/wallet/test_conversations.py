"""Conversations about tokens: home, history, sending, and what both sides hear."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from consumers.runtime.records import Outcome
from consumers.wallet.store.views import AccountViews
from schemas.content import MediaSent, TextSaid
from schemas.events.conversation import Unclaimed
from schemas.events.wallet import Capture, Transfer
from tests.integration.wallet.street import Person, Street
from tests.shown import choices_of

ALINE, ERIC = "250788123456", "250788000111"


async def test_home_shows_the_balance_and_nine_ways_on(street: Street) -> None:
    aline = await street.person("Aline", ALINE, tokens=5_000)
    await aline.starts("wallet_home")
    aline.hears("*5,000 tokens* (worth RWF 2,500)", "Send tokens", "Top up", "Cash out", "Redeem", "Business")
    await aline.taps("Earn tokens")
    aline.hears("*10 tokens* for each friend", "2,000 tokens", "Invite friends")
    nobody = await street.person("Nobody", None)
    await nobody.starts("wallet_home")
    nobody.hears("*0 tokens*")
    await nobody.starts("transactions")
    nobody.hears("no transactions yet", "Earn tokens", "Top up")


async def test_tokens_are_sent_to_a_number(street: Street) -> None:
    aline, eric = await street.person("Aline", ALINE, tokens=5_000), await street.person("Eric", ERIC)
    await aline.starts("send_tokens")
    aline.hears("To whom?", "at most 50,000", "100,000 a day", "Partners")
    await aline.says("0788 999 999")
    aline.hears("0788999999 is not on EasyMO yet", "Invite friends")
    await aline.says("0788123456")
    aline.hears("your own number")
    await aline.says("0788 000 111")
    aline.hears("How many tokens for Eric (+250****111)? You have 5,000.")
    await aline.says("5")
    aline.hears("At least 10 tokens")
    await aline.says("6000")
    aline.hears("You do not have so many tokens", "Top up")
    await aline.says("1,500")
    aline.hears("✅ *1,500 tokens* sent to Eric (+250****111). You have 3,500 left.", "Transactions")
    eric.hears("💸 You received *1,500 tokens* from Aline (+250****456).", "My wallet")
    assert (await aline.balance(), await eric.balance()) == (3_500, 1_500)
    await aline.starts("send_tokens")
    aline.hears("To whom?", "Eric", "+250****111")
    await aline.taps("Eric")
    aline.hears("How many tokens for Eric")
    await aline.starts("transactions")
    aline.hears("*-1,500* to Eric (+250****111)", "*+5,000* top-up")


async def test_a_large_transfer_is_confirmed_and_a_repeat_answers_the_first_result(street: Street) -> None:
    aline, eric = await street.person("Aline", ALINE, tokens=60_000), await street.person("Eric", ERIC)
    await aline.starts("send_tokens")
    await aline.says("0788000111")
    await aline.says("50001")
    aline.hears("At most 50,000 tokens can be sent at a time.")
    await aline.says("10000")
    aline.hears("Send *10,000 tokens* to Eric (+250****111)?", "Confirm", "Cancel")
    eric.hears_nothing_more()
    await aline.taps("Confirm")
    aline.hears("✅ *10,000 tokens* sent", "50,000 left")
    eric.hears("*10,000 tokens* from Aline")
    await aline.taps("Confirm")
    aline.hears("✅ *10,000 tokens* sent", "50,000 left")
    eric.hears_nothing_more()
    assert await eric.balance() == 10_000
    assert len(street.of(Transfer)) == 1
    confirm = next(i for c in aline.read for i, t in choices_of(c) if t == "Confirm")
    await eric.taps_id(confirm)
    eric.hears("earlier conversation")
    await eric.taps_id(f"wallet:send:{uuid4()}")
    eric.hears("being done already, or it is over", "My wallet")
    await eric.taps_id("wallet:send:nonsense")
    eric.hears("earlier conversation")


async def test_a_transfer_can_be_cancelled(street: Street) -> None:
    aline = await street.person("Aline", ALINE, tokens=60_000)
    await street.person("Eric", ERIC)
    await aline.starts("send_tokens")
    await aline.says("0788000111")
    await aline.says("20k")
    await aline.taps("Cancel")
    aline.hears("Nothing was changed", "Send tokens")
    assert await aline.balance() == 60_000


async def test_who_has_too_little_is_told_what_to_do(street: Street) -> None:
    aline = await street.person("Aline", ALINE, tokens=1_000)
    await aline.starts("send_tokens")
    aline.hears("You need 2,000 tokens or more", "Top up", "Earn tokens")


async def test_what_is_looked_at_first_is_told_to_both_when_it_moves(street: Street) -> None:
    young = await street.person("Young", ALINE, tokens=6_000, age=timedelta(hours=1))
    eric = await street.person("Eric", ERIC, locale="fr")
    await young.starts("send_tokens")
    await young.says("0788000111")
    await young.says("1500")
    young.hears("set aside: somebody of our team looks at this transfer first", "My wallet")
    eric.hears_nothing_more()
    (transfer,) = street.of(Transfer)
    await street.hears((young.id, Capture(id=uuid4(), hold=transfer.id)), source="/scripts/review")
    young.hears("*1,500 tokens* sent to Eric")
    eric.hears("Vous avez reçu *1,500 jetons* de Young")


async def test_something_else_at_a_question_may_be_meant_for_others(street: Street) -> None:
    aline = await street.person("Aline", ALINE, tokens=5_000)
    await aline.starts("send_tokens")
    await aline.says("book a ride")
    (unclaimed,) = street.of(Unclaimed)
    assert unclaimed.otherwise is not None
    await aline.sends(MediaSent(media="image", media_id="1"))
    assert len(street.of(Unclaimed)) == 2


async def test_more_transactions_are_shown_five_at_a_time(street: Street) -> None:
    aline = await street.person("Aline", ALINE, tokens=20_000)
    for number in range(6):
        command = Transfer(
            id=uuid4(), debit=aline.id, credit="system:rides", amount=100 + number, kind="ride"
        )
        await street.hears((aline.id, command), source="/consumers/mobility")
    await aline.starts("transactions")
    first = aline.hears("the latest first", "*-105* service", "More")
    assert "*-100*" not in getattr(first, "body", "")
    await aline.taps("More")
    aline.hears("Earlier transactions", "*-100* service", "*+20,000* top-up")
    await aline.taps_id("wallet:before:1")
    aline.hears("no earlier transactions", "My wallet")
    for junk in ("x", "", "vendor.5", "9" * 40):
        await aline.taps_id(f"wallet:before:{junk}")
        aline.hears("earlier conversation")


async def test_a_conversation_that_fails_does_not_hold_up_money(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    aline = await street.person("Aline", ALINE, tokens=5_000)

    async def broken(*_: object) -> None:
        raise RuntimeError("a defect")

    with monkeypatch.context() as patch:
        patch.setattr(AccountViews, "standing", broken)
        await aline.sends(TextSaid(body="wallet"), "wallet_home", outcome=Outcome.DEFERRED)
    assert len(aline.unread) == 1  # an apology
    waiting = await street.rows(
        "SELECT kind, holds FROM runtime.later WHERE consumer = 'wallet' AND key = $1", aline.id.encode()
    )
    assert [tuple(row) for row in waiting] == [("deferred", False)]
    command = Transfer(id=uuid4(), debit=aline.id, credit="system:rides", amount=100, kind="ride")
    await street.hears((aline.id, command), source="/consumers/mobility")
    assert await aline.balance() == 4_900
    await aline.starts("wallet_home")
    aline.hears("*4,900 tokens*")


async def test_commands_lock_no_conversation(street: Street) -> None:
    aline = await street.person("Aline", ALINE, tokens=5_000)
    count = "SELECT count(*) FROM runtime.conversation WHERE consumer = 'wallet' AND person = $1"
    assert (await street.rows(count, aline.id))[0][0] == 0
    await aline.starts("wallet_home")
    assert (await street.rows(count, aline.id))[0][0] == 1


async def test_word_of_many_transfers_costs_as_much_as_of_a_few(street: Street) -> None:
    givers = [await street.person(f"P{number}", None, tokens=3_000) for number in range(24)]
    eric = await street.person("Eric", ERIC)

    async def gives(people: list[Person]) -> int:
        sends = [
            (each.id, Transfer(id=uuid4(), debit=each.id, credit=eric.id, amount=10, kind="send"))
            for each in people
        ]
        await street.hears(*sends, source="/consumers/wallet")
        return street.statements[-1]

    assert await gives(givers[:2]) == await gives(givers[2:])
    assert len(eric.unread) == len(givers)
    for giver in givers:
        giver.hears("*10 tokens* sent to Eric")

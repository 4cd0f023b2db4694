"""Two persons turn out to be one: whose businesses, limits, words and rewards are theirs then."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from schemas.events.conversation import Unclaimed
from schemas.events.core import PersonsJoined, ReferralGiven
from schemas.events.wallet import Capture, CreditPayment, Reverse, Transfer
from tests.integration.wallet.street import Person, Street

ALINE, ERIC = "250788123456", "250788000111"
YOUNG = timedelta(minutes=5)


async def _joined(street: Street, folded: Person, kept: Person) -> None:
    joined = PersonsJoined(kept=kept.id, folded=folded.id, at=street.now)
    await street.hears((kept.id, joined), source="/consumers/core")


async def _sends(person: Person, to: str, amount: str) -> None:
    await person.starts("send_tokens")
    await person.says(to)
    await person.says(amount)


async def _opens_business(person: Person, name: str) -> None:
    await person.starts("business_wallet")
    await person.says(name)
    person.hears(f"{name} is open")


async def test_the_businesses_of_both_are_the_kept_ones(street: Street) -> None:
    old, new = await street.person("Old", ERIC), await street.person("New", None)
    aline = await street.person("Aline", ALINE, tokens=10_000)
    await _opens_business(old, "Boulangerie Old")
    await _opens_business(new, "Salon New")
    for name, amount in (("boulangerie", "700"), ("SALON", "300")):
        await aline.starts("send_tokens")
        await aline.says(name)
        await aline.taps("Boulangerie Old" if amount == "700" else "Salon New")
        await aline.says(amount)
    await _joined(street, old, new)
    await new.starts("business_wallet")
    new.hears("Which of your businesses?", "Boulangerie Old", "Salon New")
    await new.taps("Boulangerie Old")
    new.hears("*Boulangerie Old*: 700 tokens")
    await new.taps("Payments")
    new.hears("*+700* from Aline")
    await new.taps("To my wallet")
    new.hears("*700 tokens* are in your own wallet now. You have 700.")
    await new.taps("Salon New")
    new.hears("*Salon New*: 300 tokens")
    assert await new.balance() == 700


async def test_a_business_of_somebody_else_is_not_ones_own(street: Street) -> None:
    boss, aline = await street.person("Boss", ERIC), await street.person("Aline", ALINE)
    await _opens_business(boss, "Chez Boss")
    (row,) = await street.rows("SELECT owner FROM vendors WHERE person = $1", boss.id)
    for tap in ("business", "take_over", "business_payments"):
        await aline.taps_id(f"wallet:{tap}:{row['owner']}")
        aline.hears("earlier conversation")
    await aline.taps_id(f"wallet:before:{row['owner']}.5")
    aline.hears("earlier conversation")
    assert not street.of(Transfer)


async def test_a_person_and_their_business_are_one_recipient(street: Street) -> None:
    boss = await street.person("Boss", ERIC)
    aline = await street.person("Aline", ALINE, tokens=10_000)
    await _opens_business(boss, "Chez Boss")
    await _sends(aline, ERIC, "100")
    await aline.starts("send_tokens")
    await aline.says("chez boss")
    await aline.taps("Chez Boss")
    await aline.says("100")
    await _sends(aline, ERIC, "100")
    aline.hears("somebody of our team looks at this transfer first")


async def test_what_the_folded_one_sent_counts_on(street: Street) -> None:
    eric = await street.person("Eric", ERIC)
    old = await street.person("Old", None, tokens=100_000)
    new = await street.person("New", None, tokens=100_000)
    await _sends(old, ERIC, "50000")
    await old.taps("Confirm")
    await _joined(street, old, new)
    await _sends(new, ERIC, "50001")
    new.hears("50,000")  # at most, of one transfer
    await new.says("50000")
    await new.taps("Confirm")
    await _sends(new, ERIC, "10")
    new.hears("100,000")  # a day
    assert await eric.balance() == 100_000


async def test_the_balance_told_is_that_of_who_has_the_account_now(street: Street) -> None:
    old, new = await street.person("Old", None, tokens=3_000), await street.person("New", None)
    eric = await street.person("Eric", ERIC)
    await _joined(street, old, new)
    sent = Transfer(id=uuid4(), debit=old.id, credit=eric.id, amount=100, kind="send")
    await street.hears((old.id, sent), source="/consumers/wallet")
    old.hears("You have 2,900")
    paid = CreditPayment.of("momo", uuid4().hex, 500, old.id)
    await street.hears((old.id, paid), source="/consumers/payments")
    old.hears("3,900")


async def test_who_was_folded_while_a_transfer_was_looked_at_hears_of_it_as_the_kept_one(
    street: Street,
) -> None:
    young = await street.person("Young", None, tokens=5_000, age=YOUNG)
    kept = await street.person("Young", "250788000222", age=YOUNG)
    old, new = await street.person("Eric", ERIC), await street.person("Eric", None)
    await _sends(young, ERIC, "1500")
    (hold,) = [each.id for each in street.of(Transfer) if each.kind == "send"]
    await _joined(street, old, new)
    await _joined(street, young, kept)
    await street.hears((young.id, Capture(id=uuid4(), hold=hold)), source="/operators")
    new.hears("*1,500 tokens* from Young")
    kept.hears("*1,500 tokens* sent to Eric", "You have 3,500")
    assert await new.balance() == 1_500


async def _code_of(person: Person) -> str:
    await person.starts("invite")
    (row,) = await person.street.rows("SELECT code FROM referral_codes WHERE person = $1", person.id)
    return str(row["code"])


async def _brings(promoter: Person, joiner: Person) -> None:
    given = ReferralGiven(person=joiner.id, code=await _code_of(promoter), at=promoter.street.now)
    await promoter.street.hears((joiner.id, given), source="/consumers/core")


async def test_who_was_brought_under_two_ids_was_brought_once(street: Street) -> None:
    promoter = await street.person("Aline", ALINE, age=YOUNG)
    one, two = [await street.person("Eric", None, age=YOUNG) for _ in range(2)]
    await _brings(promoter, one)
    await _brings(promoter, two)
    assert await promoter.balance() == 20
    await _joined(street, one, two)
    assert await promoter.balance() == 10
    await _joined(street, two, promoter)  # and it was themselves, all along
    assert await promoter.balance() == 0
    assert not await street.rows("SELECT FROM referrals")


async def test_who_brought_themselves_gives_the_reward_back(street: Street) -> None:
    first = await street.person("Aline", ALINE, age=YOUNG)
    second = await street.person("Aline", None, age=YOUNG)
    await _brings(first, second)
    assert await first.balance() == 10
    await _joined(street, second, first)
    (back,) = street.of(Reverse)
    assert back.note == "one person"
    assert await first.balance() == 0
    await first.starts("invite")
    first.hears("Friends so far: 0")
    await first.taps("Leader board")
    first.hears("Nobody has brought a friend yet")


async def test_two_who_brought_each_other_give_both_rewards_back(street: Street) -> None:
    first, second = [await street.person("Aline", None, age=YOUNG) for _ in range(2)]
    await _brings(first, second)
    await _brings(second, first)
    await _joined(street, second, first)
    assert len(street.of(Reverse)) == 2
    assert await first.balance() == 0


async def test_who_was_joined_before_is_still_who_was_paid_for(street: Street) -> None:
    first, second, third = [await street.person("Aline", None, age=YOUNG) for _ in range(3)]
    await _brings(first, second)
    await _joined(street, second, third)
    await _joined(street, third, first)
    assert await first.balance() == 0


async def test_the_code_of_the_folded_one_is_the_kept_ones_and_brings_them_nothing(street: Street) -> None:
    first, second = [await street.person("Aline", None, age=YOUNG) for _ in range(2)]
    code = await _code_of(second)
    await _code_of(first)
    await _joined(street, second, first)
    first.unread.clear()
    given = ReferralGiven(person=first.id, code=code, at=street.now)
    await street.hears((first.id, given), source="/consumers/core")
    first.hears("your own code")
    friend = await street.person("Eric", None, age=YOUNG)
    given = ReferralGiven(person=friend.id, code=code, at=street.now)
    await street.hears((friend.id, given), source="/consumers/core")
    assert await first.balance() == 10


async def test_a_receiver_who_was_joined_meanwhile_is_named_to_the_sender(street: Street) -> None:
    aline = await street.person("Aline", ALINE, tokens=5_000)
    old, new = await street.person("Eric", ERIC), await street.person("Eric N", None)
    await aline.starts("send_tokens")
    await aline.says(ERIC)
    await _joined(street, old, new)
    await aline.says("500")
    aline.hears("*500 tokens* sent to Eric N")
    new.hears("*500 tokens* from Aline")


async def test_a_partners_name_takes_no_words_that_lead_elsewhere(street: Street) -> None:
    boss, aline = await street.person("Boss", ERIC), await street.person("Aline", ALINE, tokens=5_000)
    await _opens_business(boss, "Moto Garage Kigali")
    await aline.starts("send_tokens")
    await aline.says("moto")
    (unclaimed,) = street.of(Unclaimed)
    assert unclaimed.otherwise is not None
    aline.hears("Which partner?", "Moto Garage Kigali")
    await aline.taps("Moto Garage Kigali")
    await aline.says("500")
    aline.hears("*500 tokens* sent to Moto Garage Kigali")

"""Conversations about referrals, MoMo QR codes, and the wallet of a business."""

from __future__ import annotations

import base64
import re
import struct
from datetime import timedelta
from urllib.parse import unquote
from uuid import uuid4

import pytest
import segno

from consumers.wallet.flows.qr import png
from schemas.content import LinkContent, MediaContent
from schemas.events.core import PersonsJoined, ReferralGiven
from schemas.events.insurance import PolicyIssued
from schemas.events.wallet import Refused, Transfer
from tests.integration.wallet.street import Person, Street

ALINE, ERIC = "250788123456", "250788000111"
PNG = b"\x89PNG\r\n\x1a\n"


async def _code(person: Person) -> str:
    await person.starts("invite")
    link = person.hears("Your code is", "Friends so far")
    person.hears("Leader board", "My wallet")
    assert isinstance(link, LinkContent)
    code = re.search(r"\*([A-Z2-9]{8})\*", link.body)
    assert code is not None
    assert f"REF:{code[1]} to https://wa.me/250788000000?text=REF%3A{code[1]}" in unquote(
        link.url.replace("%253A", "%25" + "3A")
    )
    return code[1]


async def _gives(street: Street, person: Person, code: str) -> None:
    given = ReferralGiven(person=person.id, code=code, at=street.now)
    await street.hears((person.id, given), source="/consumers/core")


async def test_a_friend_who_joins_earns_tokens_once(street: Street) -> None:
    aline = await street.person("Aline", ALINE)
    code = await _code(aline)
    assert await _code(aline) == code
    eric = await street.person("Eric", ERIC, age=timedelta(minutes=1))
    await _gives(street, eric, code)
    eric.hears("The code counts", "Invite friends")
    aline.hears("A friend joined with your code: *10 tokens*")
    await _gives(street, eric, code)
    eric.hears("joined with a code already")
    old = await street.person("Old", "250788000112", age=timedelta(days=2))
    await _gives(street, old, code)
    old.hears("first day only")
    await _gives(street, aline, code)
    aline.hears("your own code")
    await _gives(street, old, "NONESUCH")
    old.hears("Nobody has that code")
    aline.hears_nothing_more()
    assert await aline.balance() == 10
    await aline.taps("Leader board")
    aline.hears("1. Aline (+250****456): 1")


async def test_a_policy_earns_a_bonus_once(street: Street) -> None:
    aline, eric = await street.person("Aline", ALINE), await street.person("Eric", ERIC)
    policy = str(uuid4())
    for person in (aline, aline, eric):  # said twice, and once of somebody else
        issued = PolicyIssued(policy=policy, person=person.id, at=street.now)
        await street.hears((policy, issued), source="/consumers/insurance")
    aline.hears("You insured your vehicle with us: *2,000 tokens*")
    aline.hears_nothing_more()
    eric.hears_nothing_more()
    assert (await aline.balance(), await eric.balance()) == (2_000, 0)
    assert [each.reason for each in street.of(Refused)] == ["exists_with_different_credit"]
    another = PolicyIssued(policy=str(uuid4()), person=aline.id, at=street.now)
    await street.hears((another.policy, another), source="/consumers/insurance")
    assert await aline.balance() == 4_000
    aline.hears("You insured")
    await aline.starts("transactions")
    aline.hears("*+2,000* bonus")


async def test_two_accounts_of_one_person_earn_nothing_twice(street: Street) -> None:
    aline = await street.person("Aline", ALINE)
    code = await _code(aline)
    first = await street.person("Eric", ERIC, age=timedelta(minutes=1))
    await _gives(street, first, code)
    second = await street.person("Eric", ERIC, age=timedelta(minutes=1))
    joined = PersonsJoined(kept=second.id, folded=first.id, at=street.now)
    await street.hears((second.id, joined), source="/consumers/core")
    await _gives(street, second, code)
    second.hears("joined with a code already")
    assert await aline.balance() == 10


async def test_nobody_leads_yet(street: Street) -> None:
    aline = await street.person("Aline", ALINE)
    await aline.taps_id("wallet:leaders")
    aline.hears("Nobody has brought a friend yet", "Invite friends")


def _is_code_of(content: object, text: str) -> None:
    assert isinstance(content, MediaContent)
    picture = base64.b64decode(content.data or "", validate=True)
    assert picture.startswith(PNG)
    width, height = struct.unpack(">II", picture[16:24])
    modules = segno.make_qr(text, error="m").symbol_size(border=4)[0]
    assert width == height == modules * 12
    assert picture == png(text)
    assert (content.media, content.mime_type) == ("image", "image/png")


async def test_a_qr_code_of_ones_own_number(street: Street) -> None:
    aline = await street.person("Aline", ALINE)
    await aline.starts("momo_qr")
    aline.hears("Whom does the QR code pay", "My number", "0788123456", "Another number", "Merchant code")
    await aline.taps("My number")
    aline.hears("How much in RWF", "Skip")
    await aline.says("500")
    _is_code_of(aline.hears("Scan to pay RWF 500 to 0788123456"), "tel:*182*1*1*0788123456*500#")
    aline.hears("*182*1*1*0788123456*500#", "tel:%2A182%2A1%2A1%2A0788123456%2A500%23", "Another QR code")
    await aline.taps("Skip")
    aline.hears("earlier conversation", "MoMo QR code")


@pytest.mark.parametrize(
    ("row", "wrong", "said", "dialled"),
    [
        ("Another number", "0888", "0722 000 111", "*182*1*1*0722000111#"),
        ("Merchant code", "123", "1234", "*182*8*1*1234#"),
    ],
)
async def test_a_qr_code_of_others_without_an_amount(
    street: Street, row: str, wrong: str, said: str, dialled: str
) -> None:
    nobody = await street.person("Nobody", locale="en")
    await nobody.starts("momo_qr")
    await nobody.taps(row)
    nobody.hears("Which")
    await nobody.says(wrong)
    await nobody.says(said)
    nobody.hears("Skip")
    await nobody.taps("Skip")
    _is_code_of(nobody.hears("Scan to pay"), f"tel:{dialled}")
    nobody.hears(dialled)


async def test_a_business_is_paid_and_paid_over(street: Street) -> None:
    boss = await street.person("Boss", ERIC)
    aline = await street.person("Aline", ALINE, tokens=5_000)
    await aline.starts("send_tokens")
    await aline.taps("Partners")
    aline.hears("No business takes tokens yet", "Business wallet")
    await boss.starts("business_wallet")
    boss.hears("What is your business called?")
    await boss.says("Chez Boss")
    boss.hears("✅ Chez Boss is open")
    await boss.taps("Business wallet")
    boss.hears("*Chez Boss*: 0 tokens", "To my wallet", "Payments")
    await boss.taps("To my wallet")
    boss.hears("nothing to move yet")
    await aline.starts("send_tokens")
    await aline.taps("Partners")
    aline.hears("Which partner?", "Chez Boss", "+250****111")
    await aline.taps("Chez Boss")
    aline.hears("How many tokens for Chez Boss (+250****111)?")
    await aline.says("700")
    aline.hears("*700 tokens* sent to Chez Boss")
    boss.hears("*700 tokens* from Aline", "Business wallet")
    assert await boss.balance() == 0
    await boss.starts("business_wallet")
    boss.hears("700 tokens.\nPayments today: 1, together 700 tokens.")
    await boss.taps("Payments")
    boss.hears("*+700* from Aline")
    await boss.taps("To my wallet")
    boss.hears("*700 tokens* are in your own wallet now. You have 700.")
    assert await boss.balance() == 700
    assert [each.kind for each in street.of(Transfer)] == ["send", "own"]
    await boss.starts("transactions")
    boss.hears("*+700* between your wallets")
    for tap in ("take_over", "business_payments"):
        await aline.taps_id(f"wallet:{tap}")
        aline.hears("earlier conversation")

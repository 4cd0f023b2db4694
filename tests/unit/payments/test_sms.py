"""The SMS parser: one shape is money, everything else is named and is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.payments.rules.readings import MOMO, Ignored, Payer, Reading, Received
from consumers.payments.rules.sms import read_sms
from tests.unit.payments.texts import INSTEAD, TAILS, came_in

SENDER = "M-Money"


def moves_nothing(read: Reading) -> bool:
    """It is no credit, or one that waits for a person who says its worth."""
    return isinstance(read, Ignored) or (isinstance(read, Received) and read.amount_rwf is None)


def test_money_from_a_person() -> None:
    assert read_sms(SENDER, came_in()) == Received(
        MOMO,
        "76662021700",
        5000,
        "",
        Payer("Aline UWASE", "013"),
        datetime(2026, 11, 21, 12, 5, 9, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        *(("5000", 5000), ("5,000", 5000), ("5 000", 5000), ("5.000", 5000), ("100", 100)),
        *(("1,234,567", 1234567), ("5\u00a0000", 5000), ("1\u202f500", 1500)),
    ],
)
def test_separators(written: str, amount: int) -> None:
    read = read_sms(SENDER, came_in(amount=written, balance=written))
    assert isinstance(read, Received)
    assert read.amount_rwf == amount


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("space", ["", " "])
def test_an_advertisement_behind_it(tail: str, space: str) -> None:
    assert read_sms(SENDER, came_in() + space + tail) == read_sms(SENDER, came_in())


@pytest.mark.parametrize(
    "changes",
    [
        {"message": "for lunch. See you"},
        {"number": "250788123013"},
        {"name": "Jean d'Arc MUKA-MANA"},
        {"message": ""},
    ],
)
def test_what_a_payer_may_be_called_and_say(changes: dict[str, str]) -> None:
    read = read_sms(SENDER, came_in(**changes))
    assert isinstance(read, Received)
    assert (read.amount_rwf, read.transaction) == (5000, "76662021700")


@pytest.mark.parametrize("number", ["23503452ABC", "23503452-2", "123456789012345678901"])
def test_a_transaction_s_number_is_read_whole_or_not_at_all(number: str) -> None:
    assert read_sms("M-Money", came_in(id=number)) == Ignored("unreadable")


def test_a_payer_who_writes_an_id_of_their_own_gets_nothing_by_it() -> None:
    forged = "x. Your new balance:9 RWF. Financial Transaction Id: 11111111111"
    assert read_sms(SENDER, came_in(message=forged)) == Ignored("unreadable")


@pytest.mark.parametrize(
    "text",
    [
        came_in(name="Jean (Kigali) M"),
        came_in(balance="12000.50"),
        came_in(message="for airtime", balance="12000.50"),
        came_in(at="2026-13-45 99:99:99"),
        came_in() + " This transaction was reversed.",
    ],
)
def test_what_seems_to_be_money_and_names_one_payment_is_for_a_person(text: str) -> None:
    assert read_sms(SENDER, text) == Received(MOMO, "76662021700", None, "unreadable")


@pytest.mark.parametrize(("kind", "text"), INSTEAD)
def test_what_is_not_money_coming_in_is_named(kind: str, text: str) -> None:
    read = read_sms(SENDER, text)
    assert isinstance(read, Ignored)
    assert read.kind == kind


@pytest.mark.parametrize("sender", ["MTN", "M-Money2", "+250788123456", "", "M Money"])
def test_another_sender_is_a_forgery(sender: str) -> None:
    assert read_sms(sender, came_in()) == Ignored("forged")
    assert read_sms(sender, "Hello") == Ignored("other")


@pytest.mark.parametrize(
    "text",
    [
        came_in(amount="-5000"),
        came_in(amount="5000.50"),
        came_in(amount="5,00"),
        came_in(amount="50,00,000"),
        came_in(amount="five"),
        came_in(amount=""),
        came_in(at="2026-13-45 99:99:99"),
        came_in(id=""),
        came_in(number=""),
        came_in().replace("RWF", "USD"),
        came_in()[:-30],
        "Fwd: " + came_in(),
        came_in() + " This transaction was reversed.",
        came_in() + came_in(id="76662021701"),
        came_in().replace("received", "sent"),
    ],
)
def test_a_text_that_has_not_the_whole_grammar_credits_nothing(text: str) -> None:
    assert moves_nothing(read_sms(SENDER, text))


@pytest.mark.parametrize("amount", ["0", "000", "99999999"])
def test_an_amount_that_cannot_be_is_for_a_person(amount: str) -> None:
    read = read_sms(SENDER, came_in(amount=amount))
    assert isinstance(read, Received)
    assert (read.amount_rwf, read.trouble) == (None, "wrong_amount")


WORDS = (
    "You have received ",
    "5,000 RWF ",
    "from ",
    "Aline (*********013) ",
    "on your mobile money account at ",
    "2026-11-21 14:05:09. ",
    "Message from sender: . ",
    "Your new balance:12000 RWF. ",
    "Financial Transaction Id: 76662021700.",
)


@pytest.mark.parametrize(
    "text",
    [
        "Vous avez reçu 5 000 RWF de Aline UWASE (*********013) sur votre compte MoMo. Id: 76662021700.",
        "Mwakiriye 5.000 RWF avuye kuri Aline UWASE (*********013). Financial Transaction Id: 76662021700.",
        "Wakiriye 5000 RWF. Financial Transaction Id: 76662021700.",
        "VOUS AVEZ RECU 5000 RWF",
    ],
)
def test_a_credit_in_another_language_than_mtns_credits_nothing(text: str) -> None:
    """A person looks at it where it names a payment, else it is kept under a name that an alert counts."""
    read = read_sms(SENDER, text)
    seen = Received(MOMO, "76662021700", None, "unreadable") if "Transaction Id" in text else None
    assert read == (seen or Ignored("unreadable"))
    assert read_sms("+250788123456", text) == Ignored("forged")


@given(st.lists(st.sampled_from([*WORDS, "TxId: 1. ", "*165*S*", "Your payment of 5 RWF to "]), max_size=14))
def test_only_all_parts_in_their_order_credit(parts: list[str]) -> None:
    """In any other order, with a part missing or one too many in front, nothing is credited."""
    text = "".join(parts)
    read = read_sms(SENDER, text)
    if isinstance(read, Received) and read.amount_rwf is not None:
        assert text.startswith("".join(WORDS[:6]))
        assert WORDS[-1] in text
        assert read.amount_rwf == 5000
        assert read.transaction == "76662021700"


@given(st.text(max_size=300), st.integers(0, 300))
def test_text_put_into_it_never_makes_another_amount(noise: str, where: int) -> None:
    whole = came_in()
    read = read_sms(SENDER, whole[:where] + noise + whole[where:])
    if isinstance(read, Received) and read.amount_rwf is not None:
        head = (whole[:where] + noise + whole[where:]).split("RWF")[0]
        digits = "".join(c for c in head if c.isdigit())
        assert int(digits) == read.amount_rwf


@given(st.text(max_size=500))
def test_no_other_text_credits(text: str) -> None:
    assert moves_nothing(read_sms(SENDER, text))


@given(st.none() | st.integers() | st.lists(st.text()) | st.binary())
def test_what_is_no_text_is_unreadable(value: object) -> None:
    assert read_sms(SENDER, value) == Ignored("unreadable")
    assert read_sms(value, came_in()) == Ignored("unreadable")


@pytest.mark.parametrize(
    ("text", "transaction"),
    [
        ("Your transaction 73214484437 of 1,000 RWF has been reversed.", "73214484437"),
        ("TxId: 73214484437 was reversed.", "73214484437"),
        ("Financial Transaction Id: 73214484437, was reversed.", "73214484437"),
        ("Votre transaction de 1.000 RWF a \u00e9t\u00e9 annul\u00e9e.", ""),
    ],
)
def test_what_is_taken_back_is_named(text: str, transaction: str) -> None:
    assert read_sms(SENDER, text) == Ignored("reversal", transaction)


@pytest.mark.parametrize(
    ("number", "tail"), [("25078xxxx013", "013"), ("2507****013", "013"), ("x013", "013")]
)
def test_of_a_masked_number_what_stands_before_the_mask_is_not_its_end(number: str, tail: str) -> None:
    read = read_sms(SENDER, came_in(number=number))
    assert isinstance(read, Received)
    assert read.payer.tail == tail


@pytest.mark.parametrize("changes", [{"amount": "٥٠٠٠"}, {"id": "٧٦٦٦٢٠٢١٧٠٠"}, {"number": "*********٠١٣"}])
def test_other_scripts_digits_are_not_mtns(changes: dict[str, str]) -> None:
    assert moves_nothing(read_sms(SENDER, came_in(**changes)))


def test_a_credit_behind_a_prefix_is_for_a_person() -> None:
    assert read_sms(SENDER, "*134*R*" + came_in()) == Received(MOMO, "76662021700", None, "unreadable")

"""What the providers' JSON says, and that no JSON makes the reading fall over."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.payments.rules.readings import Failed, Ignored, Pending, Received
from consumers.payments.rules.reports import read_momo, read_report
from consumers.payments.rules.standings import last_word
from infra.payments.interface import Standing, State

ID = UUID("6f9619ff-8b86-5011-b42d-00c04fc964ff")
MOMO = {"transactionId": "T1", "amount": 500, "currency": "RWF", "status": "SUCCESSFUL"}


NAMED = {"metadata": {"request": str(ID)}}


def stripe(kind: str, **fields: Any) -> dict[str, Any]:
    subject = {"id": "cs_1", "payment_intent": "pi_1", "amount_total": 5000, "currency": "rwf"}
    return {"id": "evt_1", "type": kind, "data": {"object": subject | fields}}


def paypal(kind: str, **fields: Any) -> dict[str, Any]:
    resource = {"id": "CAP-1", "amount": {"currency_code": "USD", "value": "4.00"}, "custom_id": str(ID)}
    return {"id": "WH-1", "event_type": kind, "resource": resource | fields}


@pytest.mark.parametrize("amount", [500, "500", 500.0, "500.00"])
def test_a_payment_through_the_gateway(amount: Any) -> None:
    read = read_report("momo", MOMO | {"amount": amount, "externalId": str(ID)})
    assert isinstance(read, Received)
    assert (read.transaction, read.amount_rwf, read.request) == ("T1", 500, ID)


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({"amount": -500}, "wrong_amount"),
        ({"amount": 0}, "wrong_amount"),
        ({"amount": 500.5}, "wrong_amount"),
        ({"amount": "500.50"}, "wrong_amount"),
        ({"amount": "1e9"}, "wrong_amount"),
        ({"amount": True}, "wrong_amount"),
        ({"amount": None}, "wrong_amount"),
        ({"amount": [500]}, "wrong_amount"),
        ({"amount": 10_000_001}, "wrong_amount"),
        ({"currency": "USD"}, "wrong_currency"),
        ({"currency": None}, "wrong_currency"),
    ],
)
def test_money_that_is_no_sum_of_rwf_has_no_amount_and_says_why(changes: Any, trouble: str) -> None:
    read = read_report("momo", MOMO | changes)
    assert isinstance(read, Received)
    assert (read.amount_rwf, read.trouble) == (None, trouble)


def test_other_statuses() -> None:
    failed = read_report("momo", MOMO | {"status": "FAILED", "reason": "NOT_ENOUGH_FUNDS"})
    assert isinstance(failed, Failed)
    assert failed.reason == "NOT_ENOUGH_FUNDS"
    for status in ("PENDING", "CREATED", "", None, 7):
        assert isinstance(read_report("momo", MOMO | {"status": status}), Pending)


def test_our_id_alone_names_no_payment() -> None:
    """`externalId` is not unique: two payments of one request would be one."""
    nameless = {name: value for name, value in MOMO.items() if name != "transactionId"}
    assert read_report("momo", nameless | {"externalId": "x"}) == Ignored("unreadable", amount_rwf=500)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (
            stripe("checkout.session.completed", payment_status="paid", metadata={"request": str(ID)}),
            Received,
        ),
        (stripe("checkout.session.async_payment_succeeded", client_reference_id=str(ID)), Received),
        (stripe("payment_intent.succeeded", amount_received=5000, metadata={"request": str(ID)}), Received),
        (stripe("checkout.session.completed", payment_status="unpaid", client_reference_id=str(ID)), Pending),
        (stripe("payment_intent.payment_failed", client_reference_id=str(ID)), Pending),
        (stripe("payment_intent.canceled", client_reference_id=str(ID)), Failed),
    ],
)
def test_stripe(content: dict[str, Any], kind: type) -> None:
    read = read_report("stripe", content)
    assert isinstance(read, kind)
    assert isinstance(read, Received | Pending | Failed)
    assert (read.transaction, read.amount_rwf, read.request) == ("pi_1", 5000, ID)


def test_what_stripe_and_paypal_tell_besides() -> None:
    assert read_report("stripe", stripe("charge.refunded")) == Ignored("reversal", "pi_1", 5000)
    part = stripe("charge.refunded", amount_refunded=1200)
    assert read_report("stripe", part) == Ignored("reversal", "pi_1", 1200)
    assert read_report("stripe", stripe("customer.created")) == Ignored("other", "pi_1")
    for ended in ("charge.dispute.closed", "charge.dispute.funds_reinstated", "charge.refund.updated"):
        assert read_report("stripe", stripe(ended)) == Ignored("other", "pi_1")
    assert read_report("paypal", paypal("PAYMENT.CAPTURE.REFUNDED")) == Ignored("reversal", "CAP-1")
    above = [{"rel": "self", "href": "x/refunds/R-1"}, {"rel": "up", "href": "x/v2/payments/captures/CAP-7"}]
    refunded = paypal("PAYMENT.CAPTURE.REVERSED", links=above)
    assert read_report("paypal", refunded) == Ignored("reversal", "CAP-7")
    assert read_report("paypal", paypal("CHECKOUT.ORDER.APPROVED")) == Ignored("other", "CAP-1")
    assert isinstance(read_report("paypal", paypal("PAYMENT.CAPTURE.DENIED")), Failed)


def test_paypals_dollars_wait_for_a_person() -> None:
    read = read_report("paypal", paypal("PAYMENT.CAPTURE.COMPLETED"))
    assert isinstance(read, Received)
    assert (read.amount_rwf, read.trouble, read.request) == (None, "wrong_currency", ID)


NAMES = st.sampled_from(
    [
        "transactionId",
        "amount",
        "currency",
        "status",
        "reason",
        "externalId",
        "payer",
        "data",
        "object",
        "type",
        "metadata",
        "resource",
        "event_type",
        "id",
        "sender",
        "message",
        "created",
        "payment_status",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=20,
)


@given(st.sampled_from(["momo", "momo-sms", "stripe", "paypal", "another"]), st.dictionaries(NAMES, JSON))
def test_no_json_makes_it_fall_over(provider: str, content: dict[str, Any]) -> None:
    read = read_report(provider, content)
    if isinstance(read, Received):
        assert read.amount_rwf is None or read.amount_rwf > 0
        assert read.transaction


@pytest.mark.parametrize("nothing", [0, "0", "000", "-", "null", "None", "N/A", "n.a", "undefined", "", " "])
def test_what_stands_for_no_name_is_none(nothing: Any) -> None:
    """Were it one, all payments would be one: the first is credited, the others told again."""
    names = {"transactionId": nothing, "financialTransactionId": "23503452"}
    told = read_momo({**names, "amount": 500, "currency": "RWF", "status": "SUCCESSFUL"})
    assert isinstance(told, Received)
    assert (told.transaction, told.also) == ("23503452", ())
    a, b = (last_word(Standing(State.SUCCESSFUL, str(nothing), "500", "RWF"), UUID(int=n)) for n in (1, 2))
    assert (a.transaction, b.transaction) == (str(UUID(int=1)), str(UUID(int=2)))


@pytest.mark.parametrize("name", ["1", "10", "A0", "nullable-7"])
def test_a_short_name_is_one(name: str) -> None:
    told = read_momo({"transactionId": name, "amount": 500, "currency": "RWF", "status": "SUCCESSFUL"})
    assert told.transaction == name

"""What is no whole amount does not even become a command: the event is dead, with the place at fault."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.envelope import MalformedEvent
from schemas.events.payments import PayOut, RequestPayment
from schemas.events.wallet import Capture, CashOut, CreditPayment, Hold, Transfer
from schemas.model import EventData
from schemas.publishing import Registry

NO_INTEGERS = ("10.5", "10.0", "1e3", '"10"', '"1,000"', "true", "[10]", "{}", "NaN", "0x10")
MODELS: list[tuple[type[EventData], str]] = [
    (Transfer, "amount"),
    (Hold, "amount"),
    (Capture, "amount"),
    (CashOut, "amount"),
    (CreditPayment, "amount_rwf"),
    (RequestPayment, "amount_rwf"),
    (PayOut, "amount_rwf"),
]
of_each = pytest.mark.parametrize(
    ("model", "field"), MODELS, ids=lambda value: getattr(value, "__name__", "")
)


def written(model: type[EventData], **changes: Any) -> bytes:
    """The published example, changed."""
    example = json.loads(Registry().example(f"{model.subject()}/{model.version()}") or "")
    return json.dumps(example | changes).encode()


@of_each
def test_an_amount_is_a_whole_number_of_json(model: type[EventData], field: str) -> None:
    assert getattr(model.read(written(model, **{field: 1_000})), field) == 1_000
    for amount in NO_INTEGERS:
        value = written(model, **{field: "AMOUNT"}).replace(b'"AMOUNT"', amount.encode())
        with pytest.raises(MalformedEvent):
            model.read(value)


@pytest.mark.parametrize("model", [RequestPayment, PayOut])
@pytest.mark.parametrize("amount", [-500, 0, 10_000_001, 10**30])
def test_what_a_provider_is_never_asked_for(model: type[EventData], amount: int) -> None:
    with pytest.raises(MalformedEvent, match=r"amount_rwf: Input should be (greater|less) than"):
        model.read(written(model, amount_rwf=amount))


@pytest.mark.parametrize("owner", ["", " ", "a b", "x" * 129, "'; DROP TABLE accounts; --", "é"])
def test_an_owner_is_a_name(owner: str) -> None:
    with pytest.raises(MalformedEvent, match="debit"):
        Transfer.read(written(Transfer, debit=owner))

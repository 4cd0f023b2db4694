"""Lifting: an older version becomes the newest step by step, and what cannot be lifted says why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import MalformedEvent
from schemas.events.core import AddressChanged, AddressChangedV1
from schemas.model import EventData
from schemas.publishing import Registry
from schemas.upcasts import STEPS, Step, read_as, split_type
from schemas.upcasts.core import address_changed

AT = datetime(2025, 6, 15, 12, 0, tzinfo=UTC)


class Order1(EventData):
    """By its text."""

    event_type: ClassVar[str] = "shop.ordered.v1"
    total: str


class Order2(EventData):
    """In francs."""

    event_type: ClassVar[str] = "shop.ordered.v2"
    total_rwf: int


class Order3(EventData):
    """In francs, and in whose."""

    event_type: ClassVar[str] = "shop.ordered.v3"
    total_rwf: int
    payer: str = "customer"


WAY = {
    Order1.event_type: Step(Order1, Order2, lambda old: Order2(total_rwf=int(old.total))),
    Order2.event_type: Step(Order2, Order3, lambda old: Order3(total_rwf=old.total_rwf)),
}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("shop.ordered.v1", b'{"total":"5"}'),
        ("shop.ordered.v2", b'{"total_rwf":5}'),
        ("shop.ordered.v3", b'{"total_rwf":5}'),
        ("shop.ordered.v7", b'{"total_rwf":5,"tip_rwf":1}'),
    ],
)
def test_every_version_is_read_as_the_newest(kind: str, value: bytes) -> None:
    assert read_as(Order3, kind, value, WAY) == Order3(total_rwf=5)


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("shop.sold.v1", b"{}", "no version of shop.ordered"),
        ("shop.ordered", b"{}", "no version of shop.ordered"),
        ("shop.ordered.v0", b"{}", "no version of shop.ordered"),
        ("shop.ordered.vNext", b"{}", "no version of shop.ordered"),
        ("shop.ordered.v1", None, "no value"),
        ("shop.ordered.v1", b'{"total":5}', r"shop\.ordered\.v1: total"),
        ("shop.ordered.v1", b'{"total":"much"}', "cannot be lifted to v3: ValueError$"),
        ("shop.ordered.v4", b"{}", "as v3 would read it"),
    ],
)
def test_what_cannot_be_lifted_says_why(kind: str, value: bytes | None, why: str) -> None:
    with pytest.raises(MalformedEvent, match=why):
        read_as(Order3, kind, value, WAY)


def test_a_missing_step_is_named() -> None:
    with pytest.raises(MalformedEvent, match=r"nothing lifts shop\.ordered\.v2 to the next"):
        read_as(Order3, "shop.ordered.v1", b'{"total":"5"}', {Order1.event_type: WAY[Order1.event_type]})


@pytest.mark.parametrize(("old", "new"), [(Order1, Order3), (Order2, Order1), (AddressChangedV1, Order2)])
def test_a_step_goes_to_the_next_version(old: type[EventData], new: type[EventData]) -> None:
    with pytest.raises(ValueError, match="is not the version after"):
        Step(old, new, lambda data: data)


@given(st.text(max_size=20) | st.from_regex(r"[a-z.]{0,9}\.?v?[0-9]{0,7}", fullmatch=True))
def test_a_type_is_split_whatever_it_is(kind: str) -> None:
    subject, number = split_type(kind)
    assert kind == (f"{subject}.v{number}" if number is not None else subject)


def test_every_older_version_can_be_lifted() -> None:
    models = Registry().models.values()
    newest = {
        model.subject(): max(m.version_number() for m in models if m.subject() == model.subject())
        for model in models
    }
    older = {model.event_type for model in models if model.version_number() < newest[model.subject()]}
    assert older == set(STEPS)


def test_each_example_of_an_older_version_is_lifted() -> None:
    registry = Registry()
    for kind, step in STEPS.items():
        examples = registry.examples_of(step.old.dataschema())
        assert examples
        for example in examples.values():
            assert isinstance(read_as(step.new, kind, example), step.new)


@pytest.mark.parametrize(
    ("contact", "phone"),
    [("250788123456", "250788123456"), ("RW.1234567890", None), ("1", None), ("٢٥٠٧٨٨١٢٣٤٥٦", None)],
)
def test_the_number_of_an_old_change_of_address_is_its_contact(contact: str, phone: str | None) -> None:
    old = AddressChangedV1(person="p", contact=contact, former="RW.1", at=AT)
    new = AddressChanged(person="p", contact=contact, former="RW.1", phone=phone, at=AT)
    assert address_changed(old) == new


def test_the_readers_of_v1_read_v2() -> None:
    new = AddressChanged(person="p", contact="RW.1", phone="250788123456", at=AT)
    assert AddressChangedV1.read(new.write()) == AddressChangedV1(person="p", contact="RW.1", at=AT)


def test_an_old_time_without_an_offset_is_malformed() -> None:
    value = b'{"person":"p","contact":"1","at":"2025-06-15T12:00:00"}'
    with pytest.raises(MalformedEvent, match="at: Input should have timezone info"):
        read_as(AddressChanged, AddressChangedV1.event_type, value)

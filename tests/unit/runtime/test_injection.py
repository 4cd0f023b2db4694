"""What a handler asks for by type, and what it is told when nobody provides it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from consumers.decision import Decision, nothing
from consumers.domain import Context, Domain, Store, Turn
from consumers.runtime.injection import Binder, Bound, Unbound
from infra.postgres.session import Session
from schemas.envelope import Envelope
from tests.unit.runtime.made import Poke


class Shelf(Store):
    """A store that reads ahead."""

    async def load(self, events: Sequence[tuple[Envelope, Any, str]]) -> None:
        self.loaded = [person for _, _, person in events]


class Drawer(Store):
    """A store that does not."""


async def with_both(poke: Poke, shelf: Shelf, drawer: Drawer) -> Decision:
    return nothing()


def a_session() -> Session:
    return Session(None)  # type: ignore[arg-type]


async def test_a_handler_is_given_values_by_type() -> None:
    async def handler(number: int, text: str) -> str:
        return text * number

    assert await Bound(handler).call({str: "ab", int: 2, float: 1.0}) == "abab"


async def test_a_missing_value_is_named_with_its_handler() -> None:
    async def handler(number: int) -> None: ...

    with pytest.raises(Unbound, match=r"handler asks for <class 'int'>"):
        await Bound(handler).call({})


def test_a_parameter_without_a_type_is_named_with_its_handler() -> None:
    async def handler(number) -> None: ...  # type: ignore[no-untyped-def]

    with pytest.raises(Unbound, match=r"handler: what is number\?"):
        Bound(handler)


async def test_every_transaction_has_stores_of_its_own() -> None:
    domain = Domain("probe")
    domain.handles(Poke)(with_both)
    binder = Binder(domain)
    assert binder.stores == (Drawer, Shelf)
    first, second = binder.open_stores(a_session()), binder.open_stores(a_session())
    assert first[Shelf] is not second[Shelf]
    await binder.load(first, [(None, None, "ann")])
    assert first[Shelf].loaded == ["ann"]


def test_every_handler_of_a_domain_is_bound() -> None:
    domain = Domain("probe")

    async def started(turn: Turn) -> Decision:
        return nothing()

    async def tapped(turn: Turn, shelf: Shelf) -> Decision:
        return nothing()

    async def left(context: Context, drawer: Drawer) -> Decision:
        return nothing()

    domain.starts("a")(started)
    domain.taps("b")(tapped)
    domain.leaves(left)
    binder = Binder(domain)
    assert {binder[handler].name.rpartition(".")[2] for handler in (started, tapped, left)} == {
        "started",
        "tapped",
        "left",
    }
    assert binder.stores == (Drawer, Shelf)

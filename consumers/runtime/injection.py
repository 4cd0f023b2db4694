"""What a handler asks for by the type of its parameters is looked up once, when the consumer starts."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from consumers.domain import Domain, Store
from consumers.runtime import paging
from infra.postgres.session import Session

Values = Mapping[type, Any]


class Unbound(Exception):
    """A handler asks for something that nobody provides; the message names both."""


def parameters_of(handler: Callable[..., Any]) -> dict[str, type]:
    """The type of each parameter of a handler. Raises Unbound for one without a type."""
    hints = typing.get_type_hints(handler)
    found = {}
    for name in inspect.signature(handler).parameters:
        if name not in hints:
            raise Unbound(f"{handler.__module__}.{handler.__qualname__}: what is {name}? Give it a type.")
        found[name] = hints[name]
    return found


class Bound:
    """A handler with its parameters resolved: called with the values at hand, by type."""

    __slots__ = ("_handler", "_types", "name")

    def __init__(self, handler: Callable[..., Awaitable[Any]]) -> None:
        self._handler = handler
        self._types = tuple(parameters_of(handler).values())
        self.name = f"{handler.__module__}.{handler.__qualname__}"

    @property
    def types(self) -> tuple[type, ...]:
        """What it asks for."""
        return self._types

    def call(self, values: Values) -> Awaitable[Any]:
        """The handler's coroutine. Raises Unbound when a value is missing."""
        try:
            return self._handler(*[values[kind] for kind in self._types])
        except KeyError as error:
            raise Unbound(f"{self.name} asks for {error.args[0]}, which nobody provides") from None


class Binder:
    """The bound handlers of one domain, and the stores that they use."""

    def __init__(self, domain: Domain) -> None:
        self._bound: dict[Callable[..., Any], Bound] = {}
        handlers = list(_handlers(domain))
        for handler in handlers:
            self._bound[handler] = Bound(handler)
        self.types = {kind for bound in self._bound.values() for kind in bound.types}
        stores = [kind for kind in self.types if isinstance(kind, type) and issubclass(kind, Store)]
        self.stores: tuple[type[Store], ...] = tuple(sorted(stores, key=lambda kind: kind.__name__))
        self._loading = tuple(store for store in self.stores if store.load is not Store.load)

    def __getitem__(self, handler: Callable[..., Any]) -> Bound:
        return self._bound[handler]

    def open_stores(self, session: Session) -> dict[type, Any]:
        """A new instance of each store, for one transaction."""
        return {store: store(session) for store in self.stores}

    async def load(self, stores: Mapping[type, Any], events: list[tuple[Any, Any, str]]) -> None:
        """Let the stores that want to read ahead for the whole chunk."""
        for store in self._loading:
            await stores[store].load(events)


def _handlers(domain: Domain) -> Iterable[Callable[..., Any]]:
    yield paging.turn_page
    for route in domain.routes.values():
        parts = (route.handler, route.prepare, route.record, route.ask, route.give_up)
        yield from (part for part in parts if part is not None)
    yield from (handler for _, handler in domain.intents.values())
    yield from domain.actions.values()
    for at_step in domain.steps.values():
        yield from (handler for _, handler in at_step)
    yield from domain.services
    if domain.on_leave is not None:
        yield domain.on_leave

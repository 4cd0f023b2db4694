"""The vocabulary a domain is written in.

A handler is given values and returns a `Decision`: replies, events, timers and the next step are returned,
never performed. Only the runtime commits and publishes. What a handler needs is asked for by the type of
its parameters: `Turn`, `Context`, an event model, a `Store`, or a resource such as `Intents`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from consumers.decision import (
    Decision,
    Emit,
    Fatal,
    InDoubt,
    Reject,
    Retry,
    Schedule,
    Tell,
    ask,
    done,
    nothing,
    stay,
    unclaimed,
)
from consumers.route import Doubt, GivenUp, Handler, Route, WayOut
from consumers.texts import Renderable
from consumers.turn import Context, Conversation, Turn
from infra.postgres.session import Session
from infra.postgres.store import Store
from infra.settings import Settings
from schemas.envelope import Envelope
from schemas.model import EventData

__all__ = [
    "Context",
    "Conversation",
    "Decision",
    "Domain",
    "Doubt",
    "Emit",
    "Fatal",
    "GivenUp",
    "InDoubt",
    "Intents",
    "MenuRow",
    "Reject",
    "Retry",
    "Route",
    "Schedule",
    "Store",
    "Tell",
    "Turn",
    "ask",
    "done",
    "nothing",
    "stay",
    "unclaimed",
]

HANDLER_SECONDS = 5.0  # a handler that transacts only reads its own tables
PERFORM_SECONDS = 20.0  # a call to the world; the lease outlives it


@dataclass(slots=True, frozen=True)
class MenuRow:
    """A row that this domain gives to the home menu; `countries` empty: everywhere."""

    title: Renderable
    description: Renderable = ""
    priority: int = 0  # higher stands first
    countries: frozenset[str] = frozenset()


@dataclass(slots=True, frozen=True)
class Intent:
    """Something a person may want of a domain."""

    domain: str
    name: str
    keywords: tuple[str, ...]
    priority: int
    menu: MenuRow | None = None


@dataclass(slots=True, frozen=True)
class Intents:
    """Every intent of every domain of the installation: the resource that core routes by."""

    all: tuple[Intent, ...]


class Identify(Protocol):
    """Whose conversation each event belongs to, looked up for a whole chunk at once."""

    async def __call__(self, session: Session, events: Sequence[tuple[Envelope, EventData]]) -> list[str]: ...


class Domain:
    """One domain: what it hears, and who handles it.

    `workers` and `chunk` describe its consumer: a database-bound one has few workers and large chunks, one
    that waits for the world many workers and small chunks. `ordered`: an event that waits holds back the
    later ones of its key; a turn holds back nothing. `conversational`: handlers run under the lock of the
    person's conversation; `locks_turns_only`: only turns do, and nothing else touches conversations.
    `may_emit_again`: what it publishes, sets timers for and calls out for may happen once more, when somebody
    has a topic handled anew and asks for that.
    """

    def __init__(
        self,
        name: str,
        *,
        priority: int = 0,
        workers: int = 4,
        chunk: int = 250,
        ordered: bool = False,
        conversational: bool = True,
        locks_turns_only: bool = False,
        topics: Sequence[str] = (),
        may_emit_again: bool = False,
    ) -> None:
        self.name = name
        self.priority = priority
        self.workers = workers
        self.chunk = chunk
        self.ordered = ordered
        self.conversational = conversational
        self.locks_turns_only = locks_turns_only
        self.may_emit_again = may_emit_again
        self.topics = tuple(topics)  # besides intents.<name> and redelivery.<name>
        self.routes: dict[str, Route] = {}  # by the type of the newest version, which handlers are given
        self.routes_of_subjects: dict[str, Route] = {}  # the same by subject, for all other versions
        self.intents: dict[str, tuple[Intent, Handler]] = {}
        self.steps: dict[str, list[tuple[type | None, Handler]]] = {}
        self.actions: dict[str, Handler] = {}
        self.on_leave: Handler | None = None
        self.identify: Identify | None = None
        # What handlers need besides tables: opened when the consumer starts, given by type.
        self.resources: Callable[[Settings], AbstractAsyncContextManager[dict[type, Any]]] | None = None
        self.services: list[Callable[..., Awaitable[None]]] = []

    def starts(
        self, intent: str, *, keywords: Sequence[str] = (), menu: MenuRow | None = None
    ) -> Callable[[Handler], Handler]:
        """Handles the start of a conversation: by a keyword, or by the row it gives to the home menu."""

        def register(handler: Handler) -> Handler:
            if intent in self.intents:
                raise ValueError(f"{self.name} starts {intent} twice")
            self.intents[intent] = (
                Intent(self.name, intent, tuple(keywords), self.priority, menu),
                handler,
            )
            return handler

        return register

    def at(self, step: str, *, expects: type | None = None) -> Callable[[Handler], Handler]:
        """Handles a turn at `step`; `expects` one kind of content (a class of schemas.content), or any."""

        def register(handler: Handler) -> Handler:
            self.steps.setdefault(step, []).append((expects, handler))
            return handler

        return register

    def taps(self, action: str) -> Callable[[Handler], Handler]:
        """Handles a tapped row or button `<domain>:<action>[:<argument>]`, at whatever step."""

        def register(handler: Handler) -> Handler:
            if action in self.actions:
                raise ValueError(f"{self.name} handles the tap {action} twice")
            self.actions[action] = handler
            return handler

        return register

    def runs(self, service: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """A task that runs beside the consumer, for ever; it may ask for Pool, Publisher and Settings."""
        self.services.append(service)
        return service

    def leaves(self, handler: Handler) -> Handler:
        """Handles the person's leaving: clean up; replies are not sent."""
        self.on_leave = handler
        return handler

    def tap(self, action: str, argument: object = "") -> str:
        """The id of a row or button: `<domain>:<action>[:<argument>]`."""
        return f"{self.name}:{action}:{argument}" if argument != "" else f"{self.name}:{action}"

    def handles(
        self, model: type[EventData], *, idempotent: bool = False, seconds: float = HANDLER_SECONDS
    ) -> Callable[[Handler], Handler]:
        """Handles an event or a timer in the chunk's transaction.

        `model` is the newest version of the event: older ones are lifted to it (schemas/upcasts).
        `idempotent`: handling it twice does no harm, so no row remembers that it was handled.
        """

        def register(handler: Handler) -> Handler:
            self._add(Route(model, "transact", handler, seconds, idempotent))
            return handler

        return register

    def performs(
        self,
        model: type[EventData],
        *,
        in_doubt: WayOut = "repeat",
        idempotent: bool = False,
        seconds: float = PERFORM_SECONDS,
    ) -> Callable[[Callable[..., Awaitable[Any]]], Callable[..., Awaitable[Any]]]:
        """Handles an event by calling out, with no transaction held: claim, perform, record.

        The handler returns a Decision, or, where `records` is registered too, any value. `in_doubt` says
        what to do about a call whose lease lapsed unrecorded: `ask` (see `asks`), `repeat` (the call is
        idempotent), or `person` (set aside for somebody to decide). `idempotent`: so much so that nothing
        is claimed or remembered, and a crash simply repeats it.
        """

        def register(handler: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
            self._add(Route(model, "perform", handler, seconds, idempotent, in_doubt))
            return handler

        return register

    def prepares(self, model: type[EventData]) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
        """Reads, in the claiming transaction, what the call needs; a Decision instead ends it there.

        What it returns is given to `performs` and `records` by its type.
        """
        return self._part(model, "prepare")

    def records(self, model: type[EventData]) -> Callable[[Handler], Any]:
        """Turns what the call returned (given by its type) into a Decision, in the recording transaction."""
        return self._part(model, "record")

    def asks(self, model: type[EventData]) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
        """Looks up, in the claiming transaction, what became of a call in `Doubt`.

        Returns a Decision when it was carried out, None when it surely was not (it is performed then);
        raises Retry while nobody can know yet.
        """
        return self._part(model, "ask")

    def gives_up(self, model: type[EventData]) -> Callable[[Callable[..., Awaitable[None]]], Any]:
        """Writes down, in the transaction that ends it, that an event is dead (`GivenUp` says why)."""
        return self._part(model, "give_up")

    def _add(self, route: Route) -> None:
        if route.model.event_type in self.routes:
            raise ValueError(f"{self.name} handles {route.model.event_type} twice")
        other = self.routes_of_subjects.setdefault(route.model.subject(), route)
        if other is not route:
            raise ValueError(
                f"{self.name} handles two versions of {route.model.subject()}: "
                f"handle the newest, and lift the older one to it (schemas/upcasts)"
            )
        self.routes[route.model.event_type] = route

    def _part(self, model: type[EventData], name: str) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
        def register(handler: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
            setattr(self.routes[model.event_type], name, handler)
            return handler

        return register

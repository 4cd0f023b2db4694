"""How one type of event is handled: by which functions, and what they are told besides the event."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from consumers.decision import Decision
from schemas.model import EventData

Handler = Callable[..., Awaitable[Decision]]
WayOut = Literal["ask", "repeat", "person"]
Mode = Literal["transact", "perform"]


@dataclass(slots=True)
class Route:
    """How one type of event is handled.

    `transact` has a `handler` alone. `perform` runs in three steps: `prepare` (optional, in
    the transaction that claims), `handler` (calls out, no transaction held), `record` (optional, in the
    transaction that records the result). Either may have `give_up`, for an event that ends dead.
    """

    model: type[EventData]
    mode: Mode
    handler: Callable[..., Awaitable[Any]]
    seconds: float
    idempotent: bool = False
    in_doubt: WayOut = "repeat"
    prepare: Callable[..., Awaitable[Any]] | None = None
    record: Handler | None = None
    ask: Callable[..., Awaitable[Any]] | None = None
    give_up: Callable[..., Awaitable[None]] | None = None
    kind: str = field(init=False)  # the type of the version that is read here
    schema: str = field(init=False)  # what `ce_dataschema` says of it

    def __post_init__(self) -> None:
        self.kind = self.model.event_type
        self.schema = self.model.dataschema()


@dataclass(slots=True, frozen=True)
class Doubt:
    """A call whose lease lapsed unrecorded: it was begun at `claimed_at`, and nobody knows how it ended."""

    claimed_at: datetime


@dataclass(slots=True, frozen=True)
class GivenUp:
    """An event that is dead from now on, and why."""

    reason: str

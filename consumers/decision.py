"""What a handler returns, or raises: values that only the runtime acts upon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from consumers.replies import Reply
from consumers.texts import Renderable
from schemas.model import EventData


class Reject(Exception):
    """This event can never be handled: dead at once, with this reason."""


class Retry(Exception):
    """This event cannot be handled now: deferred, and tried again later.

    `after` overrides the schedule of retries. `counts=False`: nobody is at fault (an open circuit, a rate
    limit), so the wait uses up no attempt.
    """

    def __init__(self, reason: str, *, after: timedelta | None = None, counts: bool = True) -> None:
        super().__init__(reason)
        self.after = after
        self.counts = counts


class InDoubt(Exception):
    """A call to the world may or may not have been carried out (a read time-out, say).

    Raised by `performs` only. The claim stays, and after `after` the domain's way out of doubt is taken.
    """

    def __init__(self, reason: str, *, after: timedelta = timedelta(seconds=5)) -> None:
        super().__init__(reason)
        self.after = after


class Fatal(Exception):
    """This consumer cannot go on at all: it stops, loudly."""


@dataclass(slots=True, frozen=True)
class Emit:
    """An event for others, on `topic`, ordered with whatever else has the same `key`."""

    topic: str
    key: str
    data: EventData
    subject: str = ""
    origin: str = ""


@dataclass(slots=True, frozen=True)
class Schedule:
    """A timer: `data` comes back to this domain when it is due. `name` cancels or replaces it."""

    name: str
    due: datetime
    data: EventData
    key: str


@dataclass(slots=True, frozen=True)
class Tell:
    """A reply to another person than the one who speaks."""

    person: str
    reply: Reply
    template: str | None = None
    template_variables: tuple[Renderable, ...] = ()
    locale: str | None = None  # None: that in which this domain last heard the person


@dataclass(slots=True, frozen=True)
class Decision:
    """What a handler decided. Values only; see `ask`, `stay`, `done`, `unclaimed`, `nothing`."""

    replies: tuple[Reply, ...] = ()
    step: str | None = None
    keeps_step: bool = True
    data: Mapping[str, Any] | None = None  # None: unchanged
    emits: tuple[Emit, ...] = ()
    timers: tuple[Schedule, ...] = ()
    cancels: tuple[str, ...] = ()
    tells: tuple[Tell, ...] = ()
    ended: bool = False
    claimed: bool = True
    locale: str | None = None  # the language of the replies, where it is not the turn's
    dead: str = ""  # of a recorded call: it stands, and the event is dead all the same, for this reason

    def emit(self, *events: Emit) -> Self:
        """The same, and these events."""
        return replace(self, emits=self.emits + events)

    def schedule(self, *timers: Schedule) -> Self:
        """The same, and these timers."""
        return replace(self, timers=self.timers + timers)

    def cancel(self, *names: str) -> Self:
        """The same, without the timers of these names."""
        return replace(self, cancels=self.cancels + names)

    def tell(
        self,
        person: str,
        reply: Reply,
        template: str | None = None,
        *variables: Renderable,
        locale: str | None = None,
    ) -> Self:
        """The same, and a reply to somebody else (with a template, should they have been silent 24 h)."""
        return replace(self, tells=(*self.tells, Tell(person, reply, template, variables, locale)))

    def with_all(self, other: Decision) -> Self:
        """The same, and everything that another decision has others do: its events, timers and tellings."""
        return replace(
            self,
            emits=self.emits + other.emits,
            timers=self.timers + other.timers,
            cancels=self.cancels + other.cancels,
            tells=self.tells + other.tells,
        )

    def speaking(self, locale: str) -> Self:
        """The same, said in another language than the turn's."""
        return replace(self, locale=locale)

    def say(self, *replies: Reply) -> Self:
        """The same, and these replies after it."""
        return replace(self, replies=self.replies + replies)


def ask(step: str, *replies: Reply, **answers: Any) -> Decision:
    """Go to `step`, saying `replies`; `answers` (JSON values) join what the conversation remembers."""
    return Decision(replies=replies, step=step, keeps_step=False, data=answers)


def stay(*replies: Reply, **answers: Any) -> Decision:
    """Stay at this step, saying `replies`."""
    return Decision(replies=replies, data=answers)


def done(*replies: Reply) -> Decision:
    """The conversation is over; core is told, and what it remembered is forgotten."""
    return Decision(replies=replies, keeps_step=False, ended=True)


def unclaimed(otherwise: Reply | None = None) -> Decision:
    """This domain makes nothing of the turn: core routes it again.

    `otherwise` is said when nobody else wants it either; the conversation then stays where it is.
    """
    return Decision(replies=(otherwise,) if otherwise else (), claimed=False)


def nothing() -> Decision:
    """Nothing follows."""
    return _NOTHING


_NOTHING = Decision()

"""Pieces that the use cases share: reading answers, buttons, and answers that disturb nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from consumers.domain import Decision, Turn, done, stay
from consumers.mobility.domain import mobility
from consumers.mobility.rules.people import Role
from consumers.mobility.texts import trips, words
from consumers.replies import Button, Buttons, Reply
from consumers.texts import Renderable
from schemas.content import LocationShared
from schemas.events.mobility import Place


def aside(turn: Turn, *replies: Reply) -> Decision:
    """Answer a tap without disturbing what the person is in the middle of, if anything."""
    return stay(*replies) if turn.step else done(*replies)


def button(title: Renderable, action: str, argument: object = "") -> Button:
    """A button of this domain."""
    return Button(mobility.tap(action, argument), title)


def next_steps(body: Renderable, *, has_trips: bool = True) -> Buttons:
    """A sentence that would otherwise lead nowhere."""
    steps = (button(words.see_drivers(), "vehicles"), button(words.schedule_trip(), "plan"))
    return Buttons(body, (*steps, button(words.my_trips(), "trips")) if has_trips else steps)


def read_id(value: str) -> UUID | None:
    """The id that a tap holds, or None for anything else."""
    try:
        return UUID(value)
    except ValueError:
        return None


def heard_at(turn: Turn) -> datetime:
    """When the person wrote: a turn that was held up says where they were then, not now."""
    return min(turn.routed.at, turn.now)


def shared_place(location: LocationShared) -> Place:
    """The place that a person shared."""
    return Place(latitude=location.latitude, longitude=location.longitude)


def remembered(place: Place | None) -> list[float] | None:
    """A place as a conversation remembers it."""
    return [place.latitude, place.longitude] if place else None


def read_place(data: Mapping[str, Any], name: str) -> Place | None:
    """A place that the conversation remembers, or None."""
    match data.get(name):
        case [latitude, longitude]:
            try:
                return Place(latitude=latitude, longitude=longitude)
            except ValidationError:
                return None
    return None


def look_around(role: Role) -> Button:
    """Whom this side of a trip looks for, one tap away."""
    if role is Role.PASSENGER:
        return button(words.see_drivers(), "drivers")
    return button(words.see_passengers(), "passengers")


def cancel_plan(plan: UUID) -> Button:
    """Calls off a planned trip."""
    return button(trips.cancel(), "unplan", plan)

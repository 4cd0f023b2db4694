"""How an event of an older version becomes one of the newest: step by step, from each version to the next."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from schemas.envelope import MalformedEvent
from schemas.model import EventData

TYPE = re.compile(r"(.+)\.v([1-9][0-9]{0,4})", re.DOTALL)

Old = TypeVar("Old", bound=EventData)
New = TypeVar("New", bound=EventData)
Read = TypeVar("Read", bound=EventData)


class Step:
    """From one version of a subject to the next."""

    __slots__ = ("lift", "new", "old")

    def __init__(self, old: type[EventData], new: type[EventData], lift: Callable[[Any], EventData]) -> None:
        """Raises ValueError where `new` is not the version after `old`, of the same subject."""
        if (new.subject(), new.version_number()) != (old.subject(), old.version_number() + 1):
            raise ValueError(f"{new.event_type} is not the version after {old.event_type}")
        self.old, self.new, self.lift = old, new, lift


STEPS: dict[str, Step] = {}  # by the older version's type; filled by the modules beside this one


def lifts(old: type[Old], new: type[New]) -> Callable[[Callable[[Old], New]], Callable[[Old], New]]:
    """Registers the pure function that makes a `new` of an `old`. Raises ValueError for a second one."""

    def register(function: Callable[[Old], New]) -> Callable[[Old], New]:
        if old.event_type in STEPS:
            raise ValueError(f"{old.event_type} is lifted twice")
        STEPS[old.event_type] = Step(old, new, function)
        return function

    return register


def read_as(model: type[Read], kind: str, value: bytes | None, steps: Mapping[str, Step] = STEPS) -> Read:
    """The value of an event of the type `kind`, another version of the model's subject, as the model has it.

    An older one is read by the model of its own version and lifted. A newer one is read as it is: what is
    published as the next version can be read by the readers of the last (decision 0081).

    Raises MalformedEvent: another subject, no version, no way up from there, or data that does not fit.
    """
    subject, number = split_type(kind)
    if subject != model.subject() or number is None:
        raise MalformedEvent(f"{kind} is no version of {model.subject()}")
    if number >= model.version_number():
        try:
            return model.read(value)
        except MalformedEvent as error:
            raise MalformedEvent(f"{kind}, as {model.version()} would read it: {error}") from None
    way = way_from(kind, model, steps)
    data = way[0].old.read(value)
    try:
        for step in way:
            data = step.lift(data)
    except ValueError as error:  # a ValidationError is one; its text may quote what no log line may hold
        why = type(error).__name__
        raise MalformedEvent(f"{kind} cannot be lifted to {model.version()}: {why}") from None
    assert isinstance(data, model), f"{kind} was lifted to {type(data).__name__}, not {model.__name__}"
    return data


def way_from(kind: str, model: type[EventData], steps: Mapping[str, Step] = STEPS) -> list[Step]:
    """The steps from an older version up to the model's. Raises MalformedEvent where one is missing."""
    way: list[Step] = []
    at = kind
    while at != model.event_type:
        step = steps.get(at)
        if step is None:
            raise MalformedEvent(
                f"it is {kind}, and nothing lifts {at} to the next version: write that in schemas/upcasts"
            )
        way.append(step)
        at = step.new.event_type
    return way


def split_type(kind: str) -> tuple[str, int | None]:
    """`core.opted_out.v2` as its subject and number; None where that is no number from 1 on."""
    match = TYPE.fullmatch(kind)
    return (match[1], int(match[2])) if match else (kind, None)

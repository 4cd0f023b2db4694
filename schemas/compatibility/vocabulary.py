"""The words of compatibility: modes and policies as Confluent's registry has them, and differences."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Schema = dict[str, Any] | bool


class Mode(StrEnum):
    """Which readers and writers of a subject's versions have to understand each other."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def transitive(self) -> bool:
        """Whether every version counts, not only the latest."""
        return self.value.endswith("_TRANSITIVE")

    @property
    def forbids(self) -> frozenset[Breaks]:
        """What no difference may break in this mode."""
        name = self.value.removesuffix("_TRANSITIVE")
        return {
            "NONE": frozenset[Breaks](),
            "BACKWARD": frozenset({Breaks.NEW_READER}),
            "FORWARD": frozenset({Breaks.OLD_READER}),
            "FULL": frozenset({Breaks.NEW_READER, Breaks.OLD_READER}),
        }[name]


class Policy(StrEnum):
    """What a writer writes into an object whose schema says nothing of other properties.

    STRICT: anything. LENIENT: only what is declared, as our writers do; an `additionalProperties` that is
    written down, even as `true`, means what it says in both.
    """

    STRICT = "STRICT"
    LENIENT = "LENIENT"


class Breaks(StrEnum):
    """Who cannot read what the other version's writers wrote."""

    NEW_READER = "new_reader"  # forbidden by BACKWARD
    OLD_READER = "old_reader"  # forbidden by FORWARD


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two schemas.

    `kind`: UPPER_SNAKE, Confluent's name where it has one. `pointer`: a JSON pointer into the new schema, or
    into the old one for what is gone (`#/properties/amount/type`). `breaks`: empty where it is harmless.
    """

    kind: str
    pointer: str
    breaks: frozenset[Breaks]
    sentence: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A difference from a published version that the subject's mode forbids."""

    version: int
    difference: Difference


class UnusableSchema(Exception):
    """A text that is no schema we can work with; the message names the place and says what to do."""

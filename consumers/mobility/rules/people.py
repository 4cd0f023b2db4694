"""How people and trips are named to others, and what they may answer with a word."""

from __future__ import annotations

import hashlib
from enum import StrEnum

# No letter or digit that is mistaken for another when read aloud or typed.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE_LENGTH = 5

_SKIP_WORDS = frozenset(
    {"skip", "no", "none", "later", "passer", "sauter", "non", "simbuka", "oya", "ruka", "hapana"}
)


class Role(StrEnum):
    """On which side of a trip a person is."""

    PASSENGER = "passenger"
    DRIVER = "driver"

    @property
    def other(self) -> Role:
        """Whom this side looks for."""
        return Role.DRIVER if self is Role.PASSENGER else Role.PASSENGER


def read_role(value: object) -> Role | None:
    """The role that a tap or an earlier answer holds, or None for anything else."""
    try:
        return Role(str(value))
    except ValueError:
        return None


def reference(identity: str) -> str:
    """A short name for a person or a trip, always the same, that tells nothing about them."""
    number = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:8])
    letters = ""
    for _ in range(REFERENCE_LENGTH):
        number, index = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[index]
    return letters


def wants_to_skip(text: str) -> bool:
    """Whether a typed answer means: go on without it."""
    return text.strip().casefold() in _SKIP_WORDS

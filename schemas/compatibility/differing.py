"""What two schemas differ in, and whom each difference breaks."""

from __future__ import annotations

from schemas.compatibility.vocabulary import Breaks, Difference, Policy, Schema


def differences(new: Schema, old: Schema, policy: Policy = Policy.LENIENT) -> list[Difference]:
    """Every difference between two versions, with whom it breaks. Raises UnusableSchema."""
    if new == old:
        return []
    return [Difference("COMPATIBILITY_NOT_PROVED", "#", frozenset(Breaks), "The schemas differ.")]

"""What two schemas differ in, and whom each difference breaks."""

from __future__ import annotations

import math
from time import monotonic

from schemas.compatibility import (
    differing_parts,
    differing_tuples,
    differing_unions,
    differing_values,
    proving_parts,
    proving_values,
)
from schemas.compatibility.comparing import NOT_PROVED, Comparison
from schemas.compatibility.document import Document
from schemas.compatibility.proving import Prover
from schemas.compatibility.sentences import sentence
from schemas.compatibility.values import json_key
from schemas.compatibility.vocabulary import Breaks, Difference, Policy, Schema

# Each of them registers what it knows of some keywords.
assert all(
    (proving_values, proving_parts, differing_values, differing_parts, differing_tuples, differing_unions)
)


def differences(
    new: Schema, old: Schema, policy: Policy = Policy.LENIENT, *, until: float = math.inf
) -> list[Difference]:
    """Every difference between two versions, with whom it breaks. Raises UnusableSchema.

    A side that none of them breaks is proved to read all that the other may write. Where that cannot be
    proved, or not `until` a time (of the clock `monotonic`), there is a difference that says so
    (COMPATIBILITY_NOT_PROVED).
    """
    try:
        if json_key(new) == json_key(old):
            return []
        if monotonic() > until:
            return [_not_proved("there is no time left for it")]
        comparison = Comparison(Prover(policy, until))
        comparison.compare_all(Document(new).root, Document(old).root)
    except RecursionError:  # of schemas deeper than `load` lets through, and of proofs that nest as deep
        return [_not_proved("nested too deep")]
    return comparison.differences()


def _not_proved(why: str) -> Difference:
    breaks = frozenset(Breaks)
    return Difference(NOT_PROVED, "#", breaks, sentence(NOT_PROVED, "#", why, breaks))

"""A new schema against the versions before it, by its subject's mode."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from time import monotonic

from schemas.compatibility.differing import differences
from schemas.compatibility.vocabulary import Mode, Policy, Schema, UnusableSchema, Violation

MODES = Path(__file__).parents[1] / "registry" / "modes.json"


def check(
    new: Schema,
    versions: Mapping[int, Schema],
    mode: Mode,
    policy: Policy = Policy.LENIENT,
    *,
    seconds: float = math.inf,
) -> list[Violation]:
    """What in a new schema the mode forbids, against each version it names; [] where it is compatible.

    A mode that is not transitive looks at the highest version alone. What cannot be proved within `seconds`,
    for all versions together, counts as not proved. Raises UnusableSchema.
    """
    if mode is Mode.NONE or not versions:
        return []
    until = monotonic() + seconds
    against = sorted(versions) if mode.transitive else [max(versions)]
    return [
        Violation(version, difference)
        for version in against
        for difference in differences(new, versions[version], policy, until=until)
        if difference.breaks & mode.forbids
    ]


def mode_of(subject: str) -> Mode:
    """The mode of a subject, as `registry/modes.json` sets it. Raises UnusableSchema when that is spoilt."""
    modes = _modes()
    return modes.get(subject, modes["*"])


@cache
def _modes() -> dict[str, Mode]:
    try:
        return {subject: Mode(name) for subject, name in json.loads(MODES.read_bytes()).items()}
    except (ValueError, AttributeError) as error:
        raise UnusableSchema(f"{MODES}: {error}. It maps subjects, and * for all others, to modes.") from None

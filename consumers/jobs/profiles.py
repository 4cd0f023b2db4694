"""How the other side sees and reaches who speaks: kept when they post or apply, renewed later."""

from __future__ import annotations

from consumers.domain import Turn
from consumers.jobs.rules import tidy
from consumers.jobs.store import JobStore, Profile


def profile_of(turn: Turn) -> Profile:
    """How to reach who speaks, as far as this turn says."""
    return Profile(turn.routed.phone, tidy(turn.routed.name or "") or None)


def refresh(turn: Turn, store: JobStore) -> None:
    """Buffer another number or name of somebody who may have posted or applied before."""
    store.refresh_profile(turn.person, profile_of(turn), turn.routed.at)

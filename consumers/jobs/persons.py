"""What core tells of persons: two are one, and how they are named and reached now."""

from __future__ import annotations

from consumers.domain import Decision, nothing
from consumers.jobs.domain import jobs
from consumers.jobs.rules import tidy
from consumers.jobs.store import JobStore, Profile
from consumers.jobs.store_applications import ApplicationStore
from schemas.events.core import PersonSeen, PersonsJoined


@jobs.handles(PersonsJoined)
async def joined(data: PersonsJoined, applications: ApplicationStore) -> Decision:
    """Jobs and applications of the one belong to the other."""
    await applications.fold(data.kept, data.folded)
    return nothing()


@jobs.handles(PersonSeen, idempotent=True)
async def seen(data: PersonSeen, store: JobStore) -> Decision:
    """A new number or name, of somebody who posted or applied."""
    store.refresh_profile(data.person, Profile(data.phone, tidy(data.name or "") or None))
    return nothing()

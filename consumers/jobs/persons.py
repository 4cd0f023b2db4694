"""What core tells of persons: two are one, or one has another number.

`PersonSeen` is left alone: it comes for everybody who writes to any domain, and each would get a conversation
here. Who comes back to jobs is refreshed by their own turn (see `profiles.refresh`).
"""

from __future__ import annotations

from consumers.domain import Decision, nothing
from consumers.jobs.domain import jobs
from consumers.jobs.store import JobStore, Profile
from consumers.jobs.store_applications import ApplicationStore
from schemas.events.core import AddressChanged, PersonsJoined


@jobs.handles(PersonsJoined)
async def joined(data: PersonsJoined, applications: ApplicationStore) -> Decision:
    """Jobs and applications of the one belong to the other."""
    await applications.fold(data.kept, data.folded)
    return nothing()


@jobs.handles(AddressChanged, idempotent=True)
async def address_changed(data: AddressChanged, store: JobStore) -> Decision:
    """A new number, of somebody who posted or applied; or theirs is somebody else's, and none is known."""
    if data.phone is not None:
        store.refresh_profile(data.person, Profile(phone=data.phone), data.at)
    elif data.former is not None:
        store.lose_phone(data.person, data.former)
    return nothing()

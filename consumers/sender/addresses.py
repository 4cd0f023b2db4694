"""Where people are reached, kept up from what core publishes about them. Every handler may run twice."""

from __future__ import annotations

from consumers.domain import Decision, nothing
from consumers.sender.domain import sender
from consumers.sender.store.addresses import AddressStore
from schemas.events.core import AddressChanged, OptedIn, OptedOut, PersonSeen, PersonsJoined


@sender.handles(PersonSeen, idempotent=True)
async def person_seen(seen: PersonSeen, addresses: AddressStore) -> Decision:
    """Somebody wrote to us: from here, in this language, and the window is open."""
    addresses.seen(seen)
    return nothing()


@sender.handles(AddressChanged, idempotent=True)
async def address_changed(change: AddressChanged, addresses: AddressStore) -> Decision:
    """Somebody is reached elsewhere from now on."""
    addresses.changed(change)
    return nothing()


@sender.handles(OptedOut, idempotent=True)
async def opted_out(word: OptedOut, addresses: AddressStore) -> Decision:
    """Nothing may be sent to this person any more."""
    addresses.opted(word.person, word.at, out=True)
    return nothing()


@sender.handles(OptedIn, idempotent=True)
async def opted_in(word: OptedIn, addresses: AddressStore) -> Decision:
    """This person may be written to again."""
    addresses.opted(word.person, word.at, out=False)
    return nothing()


@sender.handles(PersonsJoined, idempotent=True)
async def persons_joined(joined: PersonsJoined, addresses: AddressStore) -> Decision:
    """Two persons are one: the newer address counts, and messages asked for either reach them."""
    await addresses.joined(joined.kept, joined.folded)
    return nothing()

"""What core says of persons: somebody is there, or two are one."""

from __future__ import annotations

from consumers.domain import Context, Decision, nothing
from consumers.wallet.domain import wallet
from consumers.wallet.flows.answering import answer
from consumers.wallet.flows.referring import take_back_rewards
from consumers.wallet.store.ledger import LedgerStore
from consumers.wallet.store.people import PeopleStore
from schemas.events.core import AddressChanged, PersonSeen, PersonsJoined


@wallet.handles(PersonSeen, idempotent=True)
async def person_seen(seen: PersonSeen, ledger: LedgerStore, people: PeopleStore) -> Decision:
    """Whoever writes to us has an account; its age is that of the first message."""
    ledger.open(seen.person, seen.at)
    people.save(seen.person, seen.phone, seen.name, seen.locale, seen.at)
    return nothing()


@wallet.handles(PersonsJoined)
async def persons_joined(
    joined: PersonsJoined, context: Context, ledger: LedgerStore, people: PeopleStore
) -> Decision:
    """What belonged to one moves to the other by a transfer; what is held follows when its hold ends.

    If one had brought the other, nobody was brought; and who was brought under both ids was brought once.
    """
    brought = await people.own_referrals(joined.folded, joined.kept)
    people.fold(joined.folded, joined.kept)
    outcome = ledger.join(context.new_id("join"), joined, context.now)
    decision = nothing() if outcome is None else answer(outcome, origin=wallet.name, key=joined.kept)
    return take_back_rewards(decision, context, brought)


@wallet.handles(AddressChanged, idempotent=True)
async def address_changed(changed: AddressChanged, people: PeopleStore) -> Decision:
    """A new number; or the one they had is somebody else's, and none is known."""
    if changed.phone is not None:
        people.save_phone(changed.person, changed.phone, changed.at)
    elif changed.former is not None:
        people.lose_phone(changed.person, changed.former)
    return nothing()

"""What core says of persons: somebody is there, or two are one."""

from __future__ import annotations

from consumers.domain import Context, Decision, nothing
from consumers.wallet.domain import wallet
from consumers.wallet.flows.answering import answer
from consumers.wallet.store.ledger import LedgerStore
from schemas.events.core import PersonSeen, PersonsJoined


@wallet.handles(PersonSeen, idempotent=True)
async def person_seen(seen: PersonSeen, ledger: LedgerStore) -> Decision:
    """Whoever writes to us has an account; its age is that of the first message."""
    ledger.open(seen.person, seen.at)
    return nothing()


@wallet.handles(PersonsJoined)
async def persons_joined(joined: PersonsJoined, context: Context, ledger: LedgerStore) -> Decision:
    """What belonged to one moves to the other by a transfer; what is held follows when its hold ends."""
    outcome = ledger.join(context.new_id("join"), joined, context.now)
    return nothing() if outcome is None else answer(outcome, origin=wallet.name, key=joined.kept)

"""All of mobility's tables in one parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from consumers.domain import Store
from consumers.mobility.store.charges import ChargeStore
from consumers.mobility.store.people import PeopleStore
from consumers.mobility.store.plans import PlanStore
from consumers.mobility.store.presences import PresenceStore
from consumers.mobility.store.subscriptions import SubscriptionStore
from consumers.mobility.store.trips import TripStore
from infra.postgres.session import Session
from schemas.envelope import Envelope
from schemas.events.conversation import TurnRouted
from schemas.events.wallet import Answer, ExpireHold, Posted, Transfer


class Tables(Store):
    """Each table under its name."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.people = PeopleStore(session)
        self.presences = PresenceStore(session)
        self.trips = TripStore(session)
        self.plans = PlanStore(session)
        self.charges = ChargeStore(session)
        self.subscriptions = SubscriptionStore(session)

    async def load(self, events: Sequence[tuple[Envelope, Any, str]]) -> None:
        """One statement for what the chunk's turns ask for most, and up to two for the wallet's answers."""
        persons = {person for _, data, person in events if isinstance(data, TurnRouted)}
        if persons:
            await self.people.load_recents(persons)
        commands = {
            command for _, data, _ in events if isinstance(data, Answer) for command in named_in(data)
        }
        if commands:
            await self.charges.load_answered(commands)
        transfers = {
            data.id
            for _, data, _ in events
            if isinstance(data, Answer) and data.command == Transfer.event_type
        }
        if transfers:
            await self.subscriptions.load_answered(transfers)


def named_in(answer: Answer) -> tuple[UUID, ...]:
    """The command that the wallet answers to; of a hold that ended by itself, the hold."""
    if isinstance(answer, Posted) and answer.command == ExpireHold.event_type and answer.resolves:
        return (answer.resolves,)
    return (answer.id,)

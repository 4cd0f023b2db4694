"""All of mobility's tables in one parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from consumers.domain import Store
from consumers.mobility.store.people import PeopleStore
from consumers.mobility.store.plans import PlanStore
from consumers.mobility.store.presences import PresenceStore
from consumers.mobility.store.trips import TripStore
from infra.postgres.session import Session
from schemas.envelope import Envelope
from schemas.events.conversation import TurnRouted


class Tables(Store):
    """Each table under its name."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.people = PeopleStore(session)
        self.presences = PresenceStore(session)
        self.trips = TripStore(session)
        self.plans = PlanStore(session)

    async def load(self, events: Sequence[tuple[Envelope, Any, str]]) -> None:
        """One statement for what the chunk's turns ask for most."""
        persons = {person for _, data, person in events if isinstance(data, TurnRouted)}
        if persons:
            await self.people.load_recents(persons)

"""Charges for planned trips."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import asyncpg

from consumers.domain import Store
from consumers.mobility.rules.charging import EARLY, HELD_AFTER_DUE, Charge, State
from infra.postgres.session import BulkWrite, Session

_COLUMNS = """trip, plan, person, amount, due, state, command, hold, tries, price, taken, driver, lapses_at,
    told, version"""

FIND_CHARGES = f"SELECT {_COLUMNS} FROM charges WHERE trip = ANY($1::uuid[])"  # noqa: S608 - constants only
FIND_ANSWERED = f"""
SELECT {_COLUMNS} FROM charges WHERE command = ANY($1::uuid[])
UNION
SELECT {_COLUMNS} FROM charges WHERE hold = ANY($1::uuid[])"""  # noqa: S608 - constants only
FIND_OF_PERSON = f"""
SELECT {_COLUMNS} FROM charges WHERE person = $1 AND due BETWEEN $2 AND $3
    AND state IN ('asked', 'held', 'short') ORDER BY due DESC LIMIT 20"""  # noqa: S608 - constants only

ADD_CHARGE = BulkWrite(
    """INSERT INTO charges (trip, plan, person, amount, due, state, command, hold, tries, price, taken,
        driver, lapses_at, told)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::timestamptz[], $6::text[],
        $7::uuid[], $8::uuid[], $9::smallint[], $10::int[], $11::int[], $12::text[], $13::timestamptz[],
        $14::boolean[])""",
    key=1,
    table="charges",
)
# The wallet, the passenger and the driver act on a charge: whoever comes second looks again.
SAVE_CHARGE = BulkWrite(
    """UPDATE charges AS c SET state = u.state, command = u.command, hold = u.hold, tries = u.tries,
        price = u.price, taken = u.taken, driver = u.driver, lapses_at = u.lapses_at, told = u.told,
        version = c.version + 1
    FROM unnest($1::uuid[], $2::int[], $3::text[], $4::uuid[], $5::uuid[], $6::smallint[], $7::int[],
        $8::int[], $9::text[], $10::timestamptz[], $11::boolean[])
        AS u (trip, expected, state, command, hold, tries, price, taken, driver, lapses_at, told)
    WHERE c.trip = u.trip AND c.version = u.expected""",
    key=1,
    table="charges",
    all_or_conflict=True,
)


class ChargeStore(Store):
    """Charges for planned trips."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._answered: dict[UUID, Charge | None] = {}  # by command and by hold, as read, until it is saved
        self._known_by: dict[UUID, set[UUID]] = {}  # the commands and holds of each trip's charge

    async def load_answered(self, commands: Iterable[UUID]) -> None:
        """Read the charges that the wallet's answers are about: most are about others'."""
        wanted = sorted(set(commands))
        self._answered.update(dict.fromkeys(wanted))
        for row in await self.session.fetch(FIND_ANSWERED, wanted):
            charge = _charge(row)
            self._answered[charge.hold] = self._answered[charge.command] = charge
            self._known_by[charge.trip] = {charge.hold, charge.command}

    async def answered(self, command: UUID) -> Charge | None:
        """The charge that asked for this command, or for this hold."""
        if command not in self._answered:
            await self.load_answered((command,))
        return self._answered[command]

    async def find(self, trip: UUID) -> Charge | None:
        """The charge for a planned trip, where it has one."""
        return (await self.find_all((trip,))).get(trip)

    async def find_all(self, trips: Iterable[UUID]) -> dict[UUID, Charge]:
        """The charges for planned trips, of those that have one."""
        wanted = list(trips)
        charges = [_charge(row) for row in await self.session.fetch(FIND_CHARGES, wanted)] if wanted else []
        return {charge.trip: charge for charge in charges}

    async def for_trip_at(self, person: str, now: datetime) -> Charge | None:
        """The charge for the planned trip that this person makes at this time, if any.

        Of several, the last one whose time has come; else the next one.
        """
        first, last = now - HELD_AFTER_DUE, now + EARLY
        rows = await self.session.fetch(FIND_OF_PERSON, person, first, last)
        fit = [charge for row in rows if (charge := _charge(row)).is_for(now)]
        return next((charge for charge in fit if charge.due <= now), fit[-1] if fit else None)

    def add(self, charge: Charge) -> None:
        """Keep a new charge."""
        self.session.write(
            ADD_CHARGE,
            charge.trip,
            charge.plan,
            charge.person,
            charge.amount,
            charge.due,
            charge.state.value,
            charge.command,
            charge.hold,
            charge.tries,
            charge.price,
            charge.taken,
            charge.driver,
            charge.lapses_at,
            charge.told,
        )

    def save(self, charge: Charge) -> None:
        """Keep where a charge stands, provided that nobody moves it meanwhile."""
        for known_by in self._known_by.pop(charge.trip, ()):
            self._answered.pop(known_by, None)  # should this event fail, it stands where it stood
        self.session.write(
            SAVE_CHARGE,
            charge.trip,
            charge.version,
            charge.state.value,
            charge.command,
            charge.hold,
            charge.tries,
            charge.price,
            charge.taken,
            charge.driver,
            charge.lapses_at,
            charge.told,
        )


def _charge(row: asyncpg.Record) -> Charge:
    return Charge(**{**dict(row), "state": State(row["state"])})

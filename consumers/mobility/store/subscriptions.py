"""Free passes and subscriptions of drivers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import asyncpg

from consumers.domain import Store
from consumers.mobility.rules.subscribing import Standing, State, Subscription
from infra.postgres.session import BulkWrite, Session

_COLUMNS = "id, person, asked_at, state, until, told, version"

FIND_SUBSCRIPTIONS = f"SELECT {_COLUMNS} FROM subscriptions WHERE id = ANY($1::uuid[])"  # noqa: S608 - constants only
# What was paid last, and what waits for the wallet.
FIND_STANDING = f"""
(SELECT {_COLUMNS} FROM subscriptions WHERE person = $1 AND until IS NOT NULL ORDER BY until DESC LIMIT 1)
UNION ALL
(SELECT {_COLUMNS} FROM subscriptions WHERE person = $1 AND state = 'asked' LIMIT 1)"""  # noqa: S608
FIND_PASSES = "SELECT passes_used FROM drivers WHERE person = $1"

ADD_SUBSCRIPTION = BulkWrite(
    """INSERT INTO subscriptions (id, person, asked_at, state, told)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::boolean[])""",
    key=1,
    table="subscriptions",
)
# The wallet and a timer act on it: whoever comes second looks again.
SAVE_SUBSCRIPTION = BulkWrite(
    """UPDATE subscriptions AS s SET state = u.state, until = u.until, told = u.told, version = s.version + 1
    FROM unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[], $5::boolean[])
        AS u (id, expected, state, until, told)
    WHERE s.id = u.id AND s.version = u.expected""",
    key=1,
    table="subscriptions",
    all_or_conflict=True,
)
# Who is subscribed uses none. A driver may agree on several trips within one chunk, with several passengers.
USE_PASS = BulkWrite(
    """UPDATE drivers AS d SET passes_used = d.passes_used + u.trips
    FROM (SELECT person, max(at) AS at, count(*) AS trips
          FROM unnest($1::text[], $2::timestamptz[]) AS t (person, at) GROUP BY person
          ORDER BY person) AS u
    WHERE d.person = u.person
      AND NOT EXISTS (SELECT FROM subscriptions AS s WHERE s.person = u.person AND s.until > u.at)"""
)


class SubscriptionStore(Store):
    """What drivers have used and paid."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._answered: dict[UUID, Subscription | None] = {}  # as read, until it is saved

    async def load_answered(self, commands: Iterable[UUID]) -> None:
        """Read the subscriptions that the wallet's answers are about: most are about others'."""
        wanted = sorted(set(commands))
        self._answered.update(dict.fromkeys(wanted))
        for row in await self.session.fetch(FIND_SUBSCRIPTIONS, wanted):
            self._answered[row["id"]] = _subscription(row)

    async def find(self, identity: UUID) -> Subscription | None:
        """One of them; the wallet's answer and the row have the same id."""
        if identity not in self._answered:
            await self.load_answered((identity,))
        return self._answered[identity]

    async def standing(self, person: str) -> Standing:
        """Whether somebody may go online."""
        passes = await self.session.fetch_row(FIND_PASSES, person)
        rows = await self.session.fetch(FIND_STANDING, person)
        found = [_subscription(row) for row in rows]
        return Standing(
            passes_used=passes["passes_used"] if passes else 0,
            until=next((each.until for each in found if each.state is State.PAID), None),
            asked=next((each for each in found if each.state is State.ASKED), None),
        )

    def use_pass(self, driver: str, now: datetime) -> None:
        """A driver agreed on a trip; nothing happens where they are subscribed."""
        self.session.write(USE_PASS, driver, now)

    def add(self, subscription: Subscription) -> None:
        """Keep a new one."""
        self._answered.pop(subscription.id, None)
        self.session.write(
            ADD_SUBSCRIPTION,
            subscription.id,
            subscription.person,
            subscription.asked_at,
            subscription.state.value,
            subscription.told,
        )

    def save(self, subscription: Subscription) -> None:
        """Keep where it stands, provided that nobody moves it meanwhile."""
        self._answered.pop(subscription.id, None)  # should this event fail, it stands where it stood
        self.session.write(
            SAVE_SUBSCRIPTION,
            subscription.id,
            subscription.version,
            subscription.state.value,
            subscription.until,
            subscription.told,
        )


def _subscription(row: asyncpg.Record) -> Subscription:
    return Subscription(**{**dict(row), "state": State(row["state"])})

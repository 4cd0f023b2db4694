"""What we owe outside: redemptions and cash-outs, from the wish to the money."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from consumers.domain import Store
from consumers.wallet.rules.limits import REMEMBERED
from infra.postgres.session import BulkWrite, Session
from schemas.envelope import Envelope
from schemas.events.payments import PaidOut, PayOutFailed
from schemas.events.wallet import CashOut, DecideByHand, ExpireHold, Redeem, Reverse, Settle

PENDING, PROCESSING, COMPLETED = "pending", "processing", "completed"
FAILED, CANCELLED = "failed", "cancelled"

_COLUMNS = "id, person, reward, phone, tokens, amount_rwf, state, at, looked_at_for, look_until"
FIND = f"SELECT {_COLUMNS} FROM pay_outs WHERE id = ANY($1::uuid[])"  # noqa: S608 - a constant
# Of those who pay it, give it back, and let it lapse, the second one finds what the first one did.
LOCK = f"{FIND} ORDER BY id FOR UPDATE"
FIND_LATEST = f"""
SELECT {_COLUMNS} FROM pay_outs WHERE person = $1 ORDER BY at DESC LIMIT 1"""  # noqa: S608 - a constant

# What was held was looked at; what is asked for and not decided yet counts as well.
FIND_LEFT = """
SELECT person, sum(tokens)::bigint AS tokens FROM pay_outs
WHERE person = ANY($1::text[]) AND at > $2 AND state NOT IN ('failed', 'cancelled')
    AND looked_at_for IS NULL GROUP BY person"""

FIND_REDEEMED = """
SELECT coalesce(sum(tokens), 0)::bigint FROM pay_outs
WHERE person = $1 AND at > $2 AND reward <> '' AND state NOT IN ('failed', 'cancelled')"""

ADD = BulkWrite(
    """INSERT INTO pay_outs (id, person, reward, phone, tokens, amount_rwf, state, at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::int[], $7::text[],
        $8::timestamptz[])""",
    key=1,
    table="pay_outs",
)
MOVE = BulkWrite(
    """UPDATE pay_outs AS p SET state = u.state FROM unnest($1::uuid[], $2::text[]) AS u (id, state)
    WHERE p.id = u.id""",
    key=1,
    table="pay_outs",
)
HOLD = BulkWrite(
    """UPDATE pay_outs AS p SET looked_at_for = u.why, look_until = u.until
    FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS u (id, why, until) WHERE p.id = u.id""",
    key=1,
    table="pay_outs",
)

# Which of them an event is about.
_NAMED: dict[type, Callable[[Any], UUID]] = {
    **dict.fromkeys((CashOut, Redeem), attrgetter("id")),
    **dict.fromkeys((Settle, Reverse, DecideByHand), attrgetter("of")),
    **dict.fromkeys((PaidOut, PayOutFailed), attrgetter("pay_out")),
    ExpireHold: attrgetter("hold"),
}


@dataclass(slots=True, frozen=True)
class Owed:
    """One of them."""

    id: UUID
    person: str
    reward: str  # empty: a cash-out
    phone: str
    tokens: int
    amount_rwf: int
    state: str
    at: datetime
    looked_at_for: str | None = None  # why somebody has to look before it is paid
    look_until: datetime | None = None

    @property
    def is_held(self) -> bool:
        """Whether it waits for somebody who looks at it."""
        return self.state == PENDING and self.look_until is not None


class PayOutStore(Store):
    """Where it goes to, and how far it is."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._known: dict[UUID, Owed] = {}
        self._left: dict[str, int] = {}

    async def load(self, events: Sequence[tuple[Envelope, Any, str]]) -> None:
        """Those that the chunk is about."""
        wanted = {named(data) for _, data, _ in events if (named := _NAMED.get(type(data))) is not None}
        if wanted:
            rows = await self.session.fetch(LOCK, sorted(wanted))
            self._known = {row["id"]: Owed(*row) for row in rows}
        persons = sorted({data.debit for _, data, _ in events if isinstance(data, CashOut | Redeem)})
        if persons:
            rows = await self.session.fetch(FIND_LEFT, persons, datetime.now(UTC) - REMEMBERED)
            self._left = {row["person"]: row["tokens"] for row in rows}

    def find(self, identity: UUID) -> Owed | None:
        """One that the chunk is about; None for what no conversation asked for."""
        return self._known.get(identity)

    def left_lately(self, owed: Owed) -> int:
        """The tokens that a person turned into money or airtime unseen in the last 24 hours, and these."""
        return max(owed.tokens, self._left.get(owed.person, 0))

    async def redeemed_lately(self, person: str, now: datetime) -> int:
        """The tokens that a person redeemed in the last 24 hours."""
        row = await self.session.fetch_row(FIND_REDEEMED, person, now - REMEMBERED)
        return int(row[0]) if row else 0

    async def look_up(self, identity: UUID) -> Owed | None:
        """Any of them, as it stands now."""
        row = await self.session.fetch_row(FIND, [identity])
        return None if row is None else Owed(*row)

    async def latest(self, person: str) -> Owed | None:
        """A person's last one."""
        row = await self.session.fetch_row(FIND_LATEST, person)
        return None if row is None else Owed(*row)

    def add(self, owed: Owed) -> None:
        """A person wants it."""
        self.session.write(
            ADD,
            owed.id,
            owed.person,
            owed.reward,
            owed.phone,
            owed.tokens,
            owed.amount_rwf,
            owed.state,
            owed.at,
        )

    def move(self, owed: Owed, state: str) -> None:
        """It is further now."""
        self.session.write(MOVE, owed.id, state)

    def hold(self, owed: Owed, why: str, until: datetime) -> Owed:
        """Somebody has to look at it first; returns it as it is then."""
        self.session.write(HOLD, owed.id, why, until)
        return replace(owed, looked_at_for=why, look_until=until)

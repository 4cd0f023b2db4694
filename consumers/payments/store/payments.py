"""Payments that providers told of, every notification, and what people decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from consumers.domain import Context, Store
from consumers.payments.rules.matching import RIVALS_WITHIN, TAIL_DIGITS
from consumers.payments.rules.readings import NOBODY, Ignored, Payer, Reading
from infra.postgres.session import BulkWrite
from schemas.events.payments import DecidePayOut, DecideReview, PaymentNotified, ReopenReview

_COLUMNS = """scheme, transaction, provider, state, reason, amount_rwf, payer_name, payer_tail, paid_at,
    request, person, credit, notification, told_at, version"""

# By any of its names; should they be of two payments, the one that was credited.
FIND = f"""
SELECT {_COLUMNS} FROM payment
WHERE (scheme, transaction) IN (
    SELECT scheme, transaction FROM payment_name WHERE scheme = $1 AND name = ANY($2::text[]))
ORDER BY (state = 'received') DESC, told_at LIMIT 1"""  # noqa: S608 - constants only
FIND_RIVAL = """
SELECT FROM payment AS p
WHERE p.scheme = $1 AND p.state = 'received' AND p.amount_rwf = $2 AND p.provider <> $3
    AND p.told_at BETWEEN $4 AND $5 AND (p.person = $6 OR right(p.payer_tail, 3) = $7
        OR (SELECT tail FROM request WHERE id = p.request) = $7) LIMIT 1"""
FIND_UNMATCHED = f"""
SELECT {_COLUMNS} FROM payment
WHERE state = 'review' AND reason = 'unmatched' AND amount_rwf = $1 AND told_at >= $2
    AND right(payer_tail, 3) = $3 LIMIT 2"""  # noqa: S608 - constants only
FIND_CREDIT = f"SELECT {_COLUMNS} FROM payment WHERE credit = $1"  # noqa: S608 - constants only
FIND_TAKEN_BACK = f"""
SELECT {_COLUMNS} FROM payment
WHERE (scheme, transaction) = (SELECT scheme, transaction FROM decision WHERE event_id = $1)"""  # noqa: S608

_VALUES = """unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[],
    $8::text[], $9::timestamptz[], $10::uuid[], $11::text[], $12::uuid[], $13::uuid[], $14::timestamptz[],
    $15::int[])"""
# Whoever is second with a transaction looks again, and finds the first.
ADD = BulkWrite(
    f"""INSERT INTO payment ({_COLUMNS})
    SELECT * FROM {_VALUES}""",  # noqa: S608 - constants only
    key=2,
    duplicate_is_conflict=True,
)
MOVE = BulkWrite(
    f"""UPDATE payment AS p SET state = u.state, reason = u.reason, amount_rwf = u.amount_rwf,
        payer_name = u.payer_name, payer_tail = u.payer_tail, paid_at = u.paid_at, request = u.request,
        person = u.person, credit = u.credit, since = now(), version = p.version + 1
    FROM {_VALUES} AS u ({_COLUMNS})
    WHERE p.scheme = u.scheme AND p.transaction = u.transaction AND p.version = u.version""",  # noqa: S608
    key=2,
    all_or_conflict=True,
    duplicate_is_conflict=True,
)
# The names of a new payment are new, or somebody was quicker; one that is known may be told under another.
# That its transaction is one of them the database sees to.
_NAME = """INSERT INTO payment_name (scheme, name, transaction)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[])"""
NAME = BulkWrite(_NAME, key=2, duplicate_is_conflict=True)
NAME_ALSO = BulkWrite(f"{_NAME} ON CONFLICT DO NOTHING", key=2)
CREDITED = BulkWrite(
    """UPDATE payment AS p SET credited_at = coalesce(p.credited_at, u.at)
    FROM unnest($1::uuid[], $2::timestamptz[]) AS u (credit, at) WHERE p.credit = u.credit""",
    key=1,
)
KEEP = BulkWrite(
    """INSERT INTO notification (event_id, provider, kind, scheme, transaction, amount_rwf, body, received_at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[],
        $8::timestamptz[])
    ON CONFLICT (event_id) DO NOTHING""",
    key=1,
)
DECIDE = BulkWrite(
    """INSERT INTO decision (event_id, scheme, transaction, act, outcome, operator, why, request, person,
        amount_rwf, decided_at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
        $8::uuid[], $9::text[], $10::int[], $11::timestamptz[])
    ON CONFLICT (event_id) DO NOTHING""",
    key=1,
)

PAY_OUT = "pay_out"  # in decisions, where a payment has its scheme


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment; `version` 0 is one that is not stored yet."""

    scheme: str
    transaction: str
    provider: str
    state: str
    notification: UUID
    told_at: datetime
    reason: str = ""
    amount_rwf: int | None = None
    payer: Payer = NOBODY
    paid_at: datetime | None = None
    request: UUID | None = None
    person: str | None = None
    credit: UUID | None = None
    version: int = 0
    also: tuple[str, ...] = ()  # of one that is not stored yet: its other names

    @property
    def name(self) -> str:
        """Scheme and transaction, as people name it."""
        return f"{self.scheme}:{self.transaction}"


class PaymentStore(Store):
    """Reads and writes payments."""

    async def find(self, scheme: str, *names: str) -> Payment | None:
        """The one that has any of these names."""
        return _payment(await self.session.fetch_row(FIND, scheme, list(names)))

    async def has_rival(self, payment: Payment, tail: str, at: datetime, person: str) -> bool:
        """Whether it may be one that was credited already, told by somebody else under another name: to this
        person, or of who has these digits."""
        found = await self.session.fetch_row(
            FIND_RIVAL, payment.scheme, payment.amount_rwf, payment.provider,
            at - RIVALS_WITHIN, at + RIVALS_WITHIN, person, tail[-TAIL_DIGITS:],
        )  # fmt: skip
        return found is not None

    async def unmatched(self, amount_rwf: int, phone: str | None, since: datetime) -> list[Payment]:
        """Those that wait and nothing was found for, of this amount and payer: two at most."""
        tail = (phone or "")[-TAIL_DIGITS:]
        rows = await self.session.fetch(FIND_UNMATCHED, amount_rwf, since, tail) if tail else []
        return [found for row in rows if (found := _payment(row)) is not None]

    async def of_credit(self, credit: UUID) -> Payment | None:
        """The one that a command to the wallet credits."""
        return _payment(await self.session.fetch_row(FIND_CREDIT, credit))

    async def taken_back_by(self, decision: UUID) -> Payment | None:
        """The one whose credit a decision takes back, as a command of the same id."""
        return _payment(await self.session.fetch_row(FIND_TAKEN_BACK, decision))

    def save(self, payment: Payment) -> None:
        """Write it as it is now; whoever comes second looks again."""
        new = payment.version == 0
        self.session.write(
            ADD if new else MOVE, payment.scheme, payment.transaction, payment.provider, payment.state,
            payment.reason, payment.amount_rwf, payment.payer.name, payment.payer.tail, payment.paid_at,
            payment.request, payment.person, payment.credit, payment.notification, payment.told_at,
            1 if new else payment.version,
        )  # fmt: skip
        if new and payment.also:
            self.session.write_many(
                NAME, [(payment.scheme, name, payment.transaction) for name in payment.also]
            )

    def learn(self, payment: Payment, names: Iterable[str]) -> None:
        """One that is stored is also called that."""
        rows = [(payment.scheme, name, payment.transaction) for name in names if name != payment.transaction]
        if rows:
            self.session.write_many(NAME_ALSO, rows)

    def credited(self, credit: UUID, at: datetime) -> None:
        """The wallet has posted it."""
        self.session.write(CREDITED, credit, at)

    def keep(self, told: PaymentNotified, reading: Reading, scheme: str, context: Context) -> None:
        """Keep a notification as it came; `scheme`: of the payment that it names."""
        self.session.write(
            KEEP, context.event.id, told.provider,
            reading.kind if isinstance(reading, Ignored) else type(reading).__name__.lower(),
            scheme, reading.transaction, reading.amount_rwf, told.body.replace("\x00", ""), told.received_at,
        )  # fmt: skip

    def decide(self, decision: DecideReview, outcome: str, context: Context) -> None:
        """Keep what somebody decided, and what came of it."""
        scheme, _, transaction = decision.payment.partition(":")
        self.session.write(
            DECIDE, context.event.id, scheme, transaction, decision.act, outcome, decision.operator,
            decision.why, decision.request, decision.person, decision.amount_rwf, context.now,
        )  # fmt: skip

    def reopen(self, decision: ReopenReview, outcome: str, context: Context) -> None:
        """The same of one that was closed."""
        scheme, _, transaction = decision.payment.partition(":")
        self.session.write(
            DECIDE, context.event.id, scheme, transaction, "reopen", outcome, decision.operator,
            decision.why, None, None, None, context.now,
        )  # fmt: skip

    def decide_pay_out(
        self, decision: DecidePayOut, outcome: str, amount_rwf: int | None, context: Context
    ) -> None:
        """The same of a payment out, under its id."""
        self.session.write(
            DECIDE, context.event.id, PAY_OUT, str(decision.pay_out), decision.act, outcome,
            decision.operator, decision.why, None, None, amount_rwf, context.now,
        )  # fmt: skip


def _payment(row: asyncpg.Record | None) -> Payment | None:
    if row is None:
        return None
    values = dict(row)
    payer = Payer(values.pop("payer_name"), values.pop("payer_tail"))
    return Payment(**values, payer=payer)

"""What people of ours decided, for ever, and the holds that they decide about."""

from __future__ import annotations

from uuid import UUID

from consumers.domain import Context, Store
from consumers.wallet.rules.by_hand import Waiting
from infra.postgres.session import BulkWrite
from schemas.events.wallet import DecideByHand

FIND_WAITING = """
SELECT h.id, h.key, h.kind, h.expires_at, (SELECT type FROM commands WHERE resolves = h.id) AS ended_by
FROM holds AS h WHERE h.id = $1"""

DECIDE = BulkWrite(
    """INSERT INTO decisions (event_id, of, act, outcome, command, operator, why, decided_at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[],
        $8::timestamptz[])
    ON CONFLICT (event_id) DO NOTHING""",
    key=1,
    table="decisions",
)


class DecisionStore(Store):
    """The log of decisions."""

    async def waiting(self, hold: UUID) -> Waiting | None:
        """A hold, ended or not."""
        row = await self.session.fetch_row(FIND_WAITING, hold)
        return None if row is None else Waiting(*row)

    def keep(self, decision: DecideByHand, outcome: str, command: UUID | None, context: Context) -> None:
        """Who decided what, why, and what came of it."""
        self.session.write(
            DECIDE,
            context.event.id,
            decision.of,
            decision.act,
            outcome,
            command,
            decision.operator,
            decision.why.replace("\x00", ""),
            context.now,
        )

"""After a call to the world: the transaction that records how it ended, for whoever still holds the claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from consumers.decision import Fatal, InDoubt, Reject
from consumers.domain import Context
from consumers.runtime.claims import DROP_CLAIM, END_LEASE, ENDED, FIND_TOKENS, Call
from consumers.runtime.consequences import RunAgain
from consumers.runtime.injection import Unbound
from consumers.runtime.policy import Verdict
from consumers.runtime.records import Outcome, Record, Result
from consumers.runtime.rendering import Rendering
from consumers.runtime.transact import ChunkTransaction
from infra.postgres.away import is_away
from infra.postgres.session import BulkError, Conflict


class RecordTransaction(ChunkTransaction):
    """Records how calls ended, for those that still hold their claim."""

    async def record(self, calls: Sequence[Call]) -> list[Result]:
        """The results. A call whose claim was taken over concludes nothing. Raises as `run` does."""
        records = [call.record for call in calls]
        tokens = await self._find_tokens(calls)
        await self.begin(records)
        await self.judge.look_up_claimed(self.tables, records)
        await self.load(records)
        for call in calls:
            record = call.record
            claimed = not call.route.idempotent
            verdict = self.judge.repeated(record)
            if claimed and tokens.get(record.event.id) != call.token:
                # Taken over; or recorded by a commit whose answer was lost: what it decided is to be told.
                self.conclusions.add(record, verdict or Verdict(Outcome.GONE, repeated=True))
                continue
            verdict = verdict or await self._conclude(call)
            self.conclusions.add(record, verdict)
            if claimed and self._stays_in_doubt(call, verdict):
                self.session.write(END_LEASE, self.domain.name, record.event.id, self.now)
            elif claimed:
                self.session.write(DROP_CLAIM, self.domain.name, record.event.id)
        return await self.finish()

    async def _find_tokens(self, calls: Sequence[Call]) -> dict[UUID, UUID]:
        claimed = [call.record.event.id for call in calls if not call.route.idempotent]
        if not claimed:
            return {}
        rows = await self.session.fetch(FIND_TOKENS, self.domain.name, claimed)
        return {row["event_id"]: row["token"] for row in rows}

    def _stays_in_doubt(self, call: Call, verdict: Verdict) -> bool:
        """Whether the call must not simply be made again: then the way out of doubt decides about it."""
        if verdict.outcome in ENDED or verdict.repeated:
            return False
        unrecorded = call.record.failure is not None and call.route.in_doubt != "repeat"
        return unrecorded or isinstance(call.error, InDoubt)

    async def _conclude(self, call: Call) -> Verdict:
        record = call.record
        if record.failure is not None:
            return self.failed(record, record.failure)
        if isinstance(call.error, Fatal | Unbound):
            raise call.error
        if isinstance(call.error, InDoubt):
            return self._doubted(record, call.error)
        if call.error is not None:
            return self.failed(record, call.error)
        rendering = Rendering(self.domain.name, record.event, record.event.traceparent, self.now)
        try:
            decision = call.result
            if call.route.record is not None:
                given: dict[type, Any] = {type(record.data): record.data, Context: self._context(record)}
                for value in (call.prepared, call.result):
                    if value is not None:
                        given[type(value)] = value
                decision = await self._call(call.route.record, given, call.route.seconds)
            verdict = self.consequences.take_over(record, decision, self._conversation(record), rendering)
        except (Fatal, Unbound, Conflict, BulkError):
            raise
        except Exception as failure:
            if self.session.is_aborted() and is_away(failure, self.session.connection):
                raise
            call.failure = failure
            raise RunAgain from failure
        if not decision.dead:
            return verdict
        dead = self.failed(record, Reject(decision.dead))
        dead.outputs = [*verdict.outputs, *dead.outputs]
        return dead

    def _doubted(self, record: Record, doubt: InDoubt) -> Verdict:
        """Nobody knows yet how the call ended. That is looked into as often as a failure is tried again."""
        waiting = self.judge.waiting(record)
        tries = 1 + (waiting.tries if waiting is not None else 0)
        if tries > len(self.policy.delays):
            return self.failed(record, Reject(f"in doubt {tries} times: {doubt}"))
        due = self.now + doubt.after
        return Verdict(Outcome.CLAIMED, reason=f"in doubt: {doubt}", due=due, tries=tries)

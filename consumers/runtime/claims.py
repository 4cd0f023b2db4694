"""The two transactions around a call to the world: one claims it, one records how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from consumers.decision import Decision, Fatal, InDoubt, Reject
from consumers.domain import Context, Doubt, Route
from consumers.runtime import dialogue
from consumers.runtime.consequences import RunAgain
from consumers.runtime.injection import Unbound
from consumers.runtime.judging import WAITING
from consumers.runtime.policy import Verdict
from consumers.runtime.records import Outcome, Record, Result
from consumers.runtime.rendering import Rendering
from consumers.runtime.transact import ChunkTransaction
from infra.postgres.away import is_away
from infra.postgres.session import BulkError, BulkWrite, Conflict

LEASE_MARGIN = timedelta(seconds=10)  # the lease outlives the call's time limit by this

ENDED = frozenset(Outcome) - WAITING

FIND_CLAIMS = """
SELECT event_id, key, token, claimed_at, lease_until FROM runtime.claim
WHERE consumer = $1 AND key = ANY($2::bytea[]) ORDER BY event_id FOR UPDATE"""

FIND_TOKENS = """
SELECT event_id, token FROM runtime.claim
WHERE consumer = $1 AND event_id = ANY($2::uuid[]) ORDER BY event_id FOR UPDATE"""

ADD_CLAIM = BulkWrite(
    """INSERT INTO runtime.claim (consumer, event_id, key, token, claimed_at, lease_until)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::bytea[], $4::uuid[], $5::timestamptz[],
        $6::timestamptz[])""",
    key=2,
    duplicate_is_conflict=True,
    table="runtime.claim",
)

RENEW_CLAIM = BulkWrite(
    """UPDATE runtime.claim AS c
    SET token = u.token, claimed_at = u.claimed_at, lease_until = u.lease_until
    FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[])
        AS u (consumer, event_id, token, claimed_at, lease_until)
    WHERE c.consumer = u.consumer AND c.event_id = u.event_id""",
    key=2,
    table="runtime.claim",
)

END_LEASE = BulkWrite(
    """UPDATE runtime.claim AS c SET lease_until = u.lease_until
    FROM unnest($1::text[], $2::uuid[], $3::timestamptz[]) AS u (consumer, event_id, lease_until)
    WHERE c.consumer = u.consumer AND c.event_id = u.event_id""",
    key=2,
    table="runtime.claim",
)

DROP_CLAIM = BulkWrite(
    """DELETE FROM runtime.claim AS c USING unnest($1::text[], $2::uuid[]) AS u (consumer, event_id)
    WHERE c.consumer = u.consumer AND c.event_id = u.event_id""",
    key=2,
    table="runtime.claim",
)


@dataclass(slots=True, eq=False)
class Call:
    """One claimed call: what it needs, and in the end how it went."""

    record: Record
    route: Route
    token: UUID
    lease_until: datetime
    prepared: Any = None
    result: Any = None
    error: Exception | None = None  # what it raised

    @property
    def failure(self) -> Exception | None:
        """Why its end cannot be recorded."""
        return self.record.failure

    @failure.setter
    def failure(self, error: Exception | None) -> None:
        self.record.failure = error


@dataclass(slots=True)
class _Claim:
    event_id: UUID
    key: bytes
    token: UUID
    claimed_at: datetime
    lease_until: datetime


class ClaimTransaction(ChunkTransaction):
    """Claims what may be performed; all else is concluded here."""

    async def claim(self, records: Sequence[Record]) -> tuple[list[Call], list[Result]]:
        """The calls to make, and the results of those records for which none is made.

        Raises as ChunkTransaction.run does.
        """
        # Claims first: who is found to have none now, and is not recorded after this, was not called.
        await self._find_claims(records)
        await self.begin(records)
        await self.load(records)
        calls = []
        for record in records:
            verdict = self.foregone(record) or self._claimed_elsewhere(record)
            call = None
            if verdict is None:
                verdict, call = await self._prepare(record)
            if call is not None:
                self._claimed_keys.add(_key(record))
                calls.append(call)
            if verdict is not None:
                self.conclusions.add(record, verdict)
                if record.event.id in self.claims and verdict.outcome in ENDED and not verdict.repeated:
                    self.session.write(DROP_CLAIM, self.domain.name, record.event.id)
        results = await self.finish()
        await self._look_again(calls)
        return calls, results

    async def _find_claims(self, records: Sequence[Record]) -> None:
        keys = sorted({_key(r) for r in records})
        rows = await self.session.fetch(FIND_CLAIMS, self.domain.name, keys)
        self.claims = {row["event_id"]: _Claim(**dict(row)) for row in rows}
        self._claimed_keys = {claim.key for claim in self.claims.values()}

    async def _look_again(self, calls: Sequence[Call]) -> None:
        """Raise Conflict when a call that is new here was claimed and recorded by another member meanwhile.

        Nobody else can do so any more: the claim's row is ours by now, if only it becomes committed.
        """
        new = [call.record for call in calls if call.record.event.id not in self.claims]
        if not new:
            return
        found, _ = await self.tables.find_past({r.day for r in new}, [r.event.id for r in new], (), ())
        if any((r.event.id, r.event.attempt) in found for r in new):
            raise Conflict("another member was quicker")

    def _claimed_elsewhere(self, record: Record) -> Verdict | None:
        """The verdict on a record that another member is performing, or that waits behind such a one."""
        own = self.claims.get(record.event.id)
        if own is not None:
            if own.lease_until <= self.now or own.token == record.token:
                return None
            waiting = self.judge.waiting(record)
            tries = waiting.tries if waiting is not None else 0
            return Verdict(
                Outcome.CLAIMED, reason="claimed by another member", due=own.lease_until, tries=tries
            )
        if _key(record) in self._claimed_keys:
            return Verdict(Outcome.PARKED, reason="behind a call under way", due=self.now)
        return None

    async def _prepare(self, record: Record) -> tuple[Verdict | None, Call | None]:
        """Claim one record, unless what is looked up first already decides about it."""
        route, data = record.route, record.data
        if route is None or data is None:
            raise RuntimeError(f"{record.event.type} was admitted without a route")
        span = self.tracing.span(f"claim {record.event.type}", record.event.traceparent)
        rendering = Rendering(self.domain.name, record.event, span.traceparent, self.now)
        claim = self.claims.get(record.event.id)
        given: dict[type, Any] = {type(data): data, Context: self._context(record)}
        conversation = self._conversation(record)
        before, mark = dialogue.remember(conversation), self.session.mark()
        prepared: Any = None
        try:
            if claim is not None and claim.token != record.token:
                prepared = await self._way_out(route, claim, given)
            if prepared is None and route.prepare is not None:
                prepared = await self._call(route.prepare, given, route.seconds)
            if isinstance(prepared, Decision):
                return self.consequences.take_over(record, prepared, conversation, rendering), None
        except (Fatal, Unbound, Conflict, BulkError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it raises is this event's failure alone
            dialogue.restore(conversation, before)
            return self._handler_failed(record, error, mark), None
        finally:
            span.end()
        return None, self._claim(record, route, claim, prepared)

    async def _way_out(self, route: Route, claim: _Claim, given: dict[type, Any]) -> Any:
        """A call whose lease lapsed: a Decision if it is known to have gone out, None to make it again."""
        if route.in_doubt == "ask" and route.ask is not None:
            return await self._call(route.ask, {**given, Doubt: Doubt(claim.claimed_at)}, route.seconds)
        if route.in_doubt == "person":
            raise Reject("in doubt: the call may have been carried out; somebody has to look")
        return None

    def _claim(self, record: Record, route: Route, claim: _Claim | None, prepared: Any) -> Call:
        lease_until = self.now + timedelta(seconds=route.seconds) + LEASE_MARGIN
        if record.token is None:
            record.token = uuid4()  # one for all runs: so a claim is known whose commit nobody confirmed
        call = Call(record, route, record.token, lease_until, prepared)
        name, event = self.domain.name, record.event.id
        if claim is None:
            self.session.write(ADD_CLAIM, name, event, _key(record), call.token, self.now, lease_until)
        else:
            self.session.write(RENEW_CLAIM, name, event, call.token, self.now, lease_until)
        return call


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


def _key(record: Record) -> bytes:
    """What calls are kept apart by; a record without a key stands alone."""
    return record.key if record.key is not None else record.event.id.bytes

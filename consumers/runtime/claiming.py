"""Before a call to the world: the transaction that claims it, or concludes what needs no call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from consumers.decision import Decision, Fatal, Reject
from consumers.domain import Context, Doubt, Route
from consumers.runtime import dialogue
from consumers.runtime.claims import (
    ADD_CLAIM,
    DROP_CLAIM,
    ENDED,
    FIND_CLAIMS,
    LEASE_MARGIN,
    RENEW_CLAIM,
    Call,
    Claim,
    key_of,
)
from consumers.runtime.injection import Unbound
from consumers.runtime.policy import Verdict
from consumers.runtime.records import Outcome, Record, Result
from consumers.runtime.rendering import Rendering
from consumers.runtime.transact import ChunkTransaction
from infra.postgres.session import BulkError, Conflict


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
                self._claimed_keys.add(key_of(record))
                calls.append(call)
            if verdict is not None:
                self.conclude(record, verdict)
        results = await self.finish()
        await self._look_again(calls)
        return calls, results

    def foregone(self, record: Record) -> Verdict | None:
        """The verdict on a record that needs no call. One that is claimed is never parked.

        Parked, it would wait until its key has no claim, and the claim until it comes back; and a call
        under way would find its event concluded.
        """
        verdict = super().foregone(record)
        claim = self.claims.get(record.event.id)
        if claim is None or verdict is None or verdict.repeated or verdict.outcome is not Outcome.PARKED:
            return verdict
        if claim.lease_until <= self.now and not record.crowded:
            return None
        return self._under_way(record, max(claim.lease_until, self.now))

    def conclude(self, record: Record, verdict: Verdict) -> None:
        """Its claim goes with an event that has ended; with a timer that was replaced or cancelled while its
        call was under way, too, unless the claim is another delivery's."""
        super().conclude(record, verdict)
        claim = self.claims.get(record.event.id)
        if claim is None or verdict.outcome not in ENDED:
            return
        gone = verdict.outcome is Outcome.GONE and claim.delivery == record.event.attempt
        if gone or not verdict.repeated:
            self.session.write(DROP_CLAIM, self.domain.name, record.event.id)

    async def _find_claims(self, records: Sequence[Record]) -> None:
        keys = sorted({key_of(r) for r in records})
        rows = await self.session.fetch(FIND_CLAIMS, self.domain.name, keys) if keys else []
        self.claims = {row["event_id"]: Claim(**dict(row)) for row in rows}
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
            return self._under_way(record, own.lease_until)
        if key_of(record) in self._claimed_keys:
            return Verdict(Outcome.PARKED, reason="behind a call under way", due=self.now)
        return None

    def _under_way(self, record: Record, due: datetime) -> Verdict:
        """Another member is performing it: it comes back when that one's lease is over."""
        waiting = self.judge.waiting(record)
        tries = waiting.tries if waiting is not None else 0
        return Verdict(Outcome.CLAIMED, reason="claimed by another member", due=due, tries=tries)

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

    async def _way_out(self, route: Route, claim: Claim, given: dict[type, Any]) -> Any:
        """A call whose lease lapsed: a Decision if it is known to have gone out, None to make it again."""
        if route.in_doubt == "ask" and route.ask is not None:
            return await self._call(route.ask, {**given, Doubt: Doubt(claim.claimed_at)}, route.seconds)
        if route.in_doubt == "person":
            raise Reject("in doubt: the call may have been carried out; somebody has to look")
        return None

    def _claim(self, record: Record, route: Route, claim: Claim | None, prepared: Any) -> Call:
        lease_until = self.now + timedelta(seconds=route.seconds) + LEASE_MARGIN
        if record.token is None:
            record.token = uuid4()  # one for all runs: so a claim is known whose commit nobody confirmed
        call = Call(record, route, record.token, lease_until, prepared)
        name, event, lease = self.domain.name, record.event, (call.token, self.now, lease_until)
        if claim is None:
            self.session.write(ADD_CLAIM, name, event.id, key_of(record), *lease, event.attempt)
        else:
            self.session.write(RENEW_CLAIM, name, event.id, *lease, event.attempt)
        return call


class CrowdTransaction(ClaimTransaction):
    """Parks crowds of what calls out, beside what comes back to be handled. Nothing is called here."""

    async def begin(self, records: Sequence[Record]) -> None:
        """As ever, with the claims of what calls out, if there is any: of a call under way, parking says
        nothing."""
        await self._find_claims([r for r in records if r.route is not None and r.route.mode == "perform"])
        await super().begin(records)

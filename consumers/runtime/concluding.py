"""Verdicts into rows: what is remembered of each event, and what waits."""

from __future__ import annotations

from datetime import datetime

from consumers.domain import Domain
from consumers.runtime.judging import Judge
from consumers.runtime.policy import RetryPolicy, Verdict
from consumers.runtime.records import Outcome, Record, Result, pack_outputs, pack_record
from consumers.runtime.rendering import dead_letter
from consumers.runtime.tables import Tables, Wait, Waits
from schemas import topics
from schemas.events.conversation import TurnRouted


class Conclusions:
    """Gathers the verdicts of a transaction, and buffers their rows when it is about to end."""

    def __init__(
        self, domain: Domain, tables: Tables, judge: Judge, policy: RetryPolicy, now: datetime
    ) -> None:
        self._domain = domain
        self._tables = tables
        self._judge = judge
        self._policy = policy
        self._now = now
        self._verdicts: list[tuple[Record, Verdict]] = []

    def failed(self, record: Record, error: Exception) -> Verdict:
        """The verdict on a record whose handling raised, with the dead letter that tells of it."""
        waiting = self._judge.waiting(record)
        verdict = self._policy.judge(error, waiting.tries if waiting else 0, self._now)
        if verdict.outcome is Outcome.DEAD or verdict.tries > (waiting.tries if waiting else 0):
            verdict.outputs.append(
                dead_letter(
                    self._domain.name, record, verdict.outcome, error, tries=verdict.tries, due=verdict.due
                )
            )
        return verdict

    def refused(self, record: Record, reason: str) -> Verdict:
        """The verdict on a record that is no event of ours, or whose day is not kept."""
        letter = dead_letter(self._domain.name, record, Outcome.DEAD, reason, tries=1, due=None)
        return Verdict(Outcome.DEAD, [letter], reason=reason, tries=1)

    def add(self, record: Record, verdict: Verdict) -> None:
        """This is what becomes of the record."""
        self._verdicts.append((record, verdict))
        if not verdict.repeated:  # what is waiting because of an earlier time, the table says
            self._judge.concluded(record, verdict.outcome)

    def dead(self) -> list[tuple[Record, str]]:
        """The records that end dead in this transaction, and why."""
        return [
            (record, verdict.reason)
            for record, verdict in self._verdicts
            if verdict.outcome is Outcome.DEAD and not verdict.repeated
        ]

    def write(self) -> list[Result]:
        """Buffer the rows of all verdicts, whose outputs are complete by now; returns the results."""
        for record, verdict in self._verdicts:
            if verdict.repeated:
                continue
            claimed = self._judge.is_claimed(record)
            if claimed or not self._is_harmless(record, verdict):
                write = self._tables.change_processed if claimed else self._tables.add_processed
                write(
                    record.day,
                    record.event.id,
                    record.event.attempt,
                    verdict.outcome,
                    pack_outputs(verdict.outputs),
                )
            self._write_waiting(record, verdict)
        return [
            Result(record, verdict.outcome, verdict.outputs, verdict.repeated)
            for record, verdict in self._verdicts
        ]

    def _is_harmless(self, record: Record, verdict: Verdict) -> bool:
        """Whether nothing need be remembered. What followed from an event must be, or a repeat on another day
        would publish it under another time; and of what waited, everybody wants to know how it ended."""
        idempotent = record.route is not None and record.route.idempotent
        followed = bool(verdict.outputs) or verdict.timers or verdict.outcome is not Outcome.PROCESSED
        return idempotent and not followed and not self._judge.waiting(record)

    def _write_waiting(self, record: Record, verdict: Verdict) -> None:
        waiting = self._judge.waiting(record)
        if verdict.outcome not in (Outcome.DEFERRED, Outcome.PARKED, Outcome.CLAIMED):
            if waiting is not None:
                self._tables.drop_later(waiting)
            return
        parks = verdict.outcome is Outcome.PARKED
        kind = "parked" if parks else "deferred"
        tries = waiting.tries if waiting and parks else verdict.tries
        wait = Wait(
            due=verdict.due or self._now,
            reason=_plain(verdict.reason),
            holds=parks or (self._domain.ordered and not isinstance(record.data, TurnRouted)),
        )
        topic = topics.redelivery(self._domain.name)
        if waiting is not None:
            self._tables.wait_again(waiting, kind=kind, topic=topic, tries=tries, wait=wait)
            return
        waits = Waits(
            topic=topic,
            key=record.key,
            record=pack_record(record.value, record.headers),
            event_id=record.event.id,
            delivery=record.event.attempt + 1,
            tries=tries,
        )
        self._tables.add_later(kind, waits, due=wait.due, reason=wait.reason, holds=wait.holds)


def _plain(reason: str) -> str:
    """Without what PostgreSQL's text does not take: an exception may quote anything."""
    return reason.encode(errors="replace").decode().replace("\x00", "")

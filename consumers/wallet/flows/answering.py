"""What follows from a decision of the ledger: the answer to whoever asked, and the timers of holds."""

from __future__ import annotations

from consumers.domain import Decision, Emit, Schedule
from consumers.wallet.rules.deciding import Outcome
from infra.telemetry import metrics
from schemas import topics
from schemas.events.wallet import ExpireHold, Posted


def timer(hold: object) -> str:
    """The name of the timer that ends a hold."""
    return f"hold:{hold}"


def answer(outcome: Outcome, *, origin: str, key: str) -> Decision:
    """Tell the one who asked; see to it that a hold ends."""
    said = outcome.answer
    result = "posted" if isinstance(said, Posted) else said.reason
    metrics.WALLET_COMMANDS.labels(said.command, "repeated" if said.repeated else result).inc()
    told = Emit(topics.WALLET_EVENTS, key, said, subject=str(said.id), origin=origin)
    attempt = outcome.attempt
    if attempt is None or not (attempt.holds or attempt.ended):
        return Decision(emits=(told,))
    ended = {held.id for held, _, _ in attempt.ended}
    return Decision(
        emits=(told,),
        cancels=tuple(timer(hold) for hold in ended),
        timers=tuple(
            Schedule(timer(held.id), held.expires_at, ExpireHold(hold=held.id), key=held.key)
            for held in attempt.holds.values()
            if held.id not in ended
        ),
    )

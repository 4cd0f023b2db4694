"""Delivery statuses: they move messages forward, settle doubts, and tell late that something failed.

Handling one twice does no harm: what follows from a status follows from it again, with the same ids.
"""

from __future__ import annotations

from datetime import timedelta

from consumers.domain import Context, Decision, Emit, Schedule, nothing
from consumers.sender.domain import sender
from consumers.sender.progress import Progress, lane_of, read_progress, read_time
from consumers.sender.pruning import Pruning
from consumers.sender.sending import AGAIN_AFTER, UNDELIVERABLE
from consumers.sender.store.addresses import AddressStore
from consumers.sender.store.messages import FailedMessage, MessageStore
from infra.telemetry import metrics
from infra.telemetry.logs import logger
from infra.whatsapp.errors import Refusal, Remedy
from schemas import topics
from schemas.events.whatsapp import StatusReceived

log = logger(__name__)

CLOCKS_APART = timedelta(minutes=5)  # a status from further ahead must not move a lane


@sender.handles(StatusReceived, idempotent=True)
async def status_received(
    told: StatusReceived, context: Context, messages: MessageStore, addresses: AddressStore, pruning: Pruning
) -> Decision:
    """One status. What is not about a message of ours only shows how far we have read."""
    decision = await _take(told, context, messages, addresses)
    return pruning.kept_up(decision, context.now)


async def _take(
    told: StatusReceived, context: Context, messages: MessageStore, addresses: AddressStore
) -> Decision:
    at = read_time(told.status)
    if at is not None and at < context.now + CLOCKS_APART:
        await messages.move_lane(lane_of(context.key or told.contact.encode()), at)
    progress = read_progress(told.status)
    if progress is None:
        metrics.SENDER_STATUSES.labels("unknown").inc()
        return nothing()
    metrics.SENDER_STATUSES.labels(progress.state).inc()
    if progress.failure is None:
        messages.move(progress)
        return nothing()
    before = await messages.failed(progress.event_id)
    messages.move(progress)
    if before is None or not _is_news(before, progress):
        return nothing()
    return _failed(progress, progress.failure, before, context, addresses)


def _is_news(before: FailedMessage, progress: Progress) -> bool:
    """Whether this status is the one that made the message a failed one, now or when it came before."""
    if before.state == "failed":
        return before.state_at == progress.at
    return before.state in ("claimed", "accepted", "sent")


def _failed(
    progress: Progress, failure: Refusal, before: FailedMessage, context: Context, addresses: AddressStore
) -> Decision:
    metrics.SENDER_FAILURES.labels(str(failure.code)).inc()
    if failure.alerts:
        metrics.GRAPH_ALERTS.labels(str(failure.code)).inc()
        log.error("graph.operator_needed", code=failure.code, title=failure.title, details=failure.details)
    if failure.code == UNDELIVERABLE:
        addresses.unreachable(before.person, progress.at)
    if before.again is None:
        return nothing()
    if failure.remedy is Remedy.USE_TEMPLATE:
        return nothing().emit(Emit(topics.OUTBOUND, before.person, before.again))
    later = AGAIN_AFTER.get(failure.remedy)
    if later is None:
        return nothing()
    timer = Schedule(f"again:{progress.event_id}", context.now + later, before.again, key=before.person)
    return nothing().schedule(timer)

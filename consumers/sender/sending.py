"""One message from the wish to send it to what Meta said: claim, perform, record; the way out of doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from consumers.domain import Context, Decision, Doubt, GivenUp, InDoubt, Reject, Retry, Schedule, nothing
from consumers.sender import rules
from consumers.sender.attempts import Attempt, Outgoing, attempt
from consumers.sender.domain import SOURCE, sender
from consumers.sender.listening import Listening
from consumers.sender.progress import lane_of
from consumers.sender.store.addresses import AddressStore
from consumers.sender.store.messages import MessageStore
from infra.telemetry import metrics
from infra.whatsapp.client import GraphClient
from infra.whatsapp.errors import Refusal, Remedy
from infra.whatsapp.fit import Unfit, fit
from infra.whatsapp.outcomes import Accepted, Held, Refused, Unanswered, Unreached
from infra.whatsapp.rates import PAIR
from schemas.content import Content
from schemas.events.whatsapp import SendMessage

# Waiting for the number's rate (3 s), an upload (15 s) and Meta's answer (5 + 10 s, twice with a template).
SECONDS = 45.0
UNDELIVERABLE = 131026
AGAIN_AFTER = {Remedy.WAIT_HOUR: timedelta(hours=1), Remedy.WAIT_DAY: timedelta(hours=24)}


@sender.performs(SendMessage, in_doubt="ask", seconds=SECONDS)
async def send(outgoing: Outgoing, context: Context, graph: GraphClient) -> Attempt:
    """Post it. What comes back is an end that can be recorded; all else is raised.

    Raises Retry for what passes by itself, InDoubt where nobody knows whether it went out: the claim stays
    then, and `find_out` decides.
    """
    if outgoing.heard:
        graph.heard()
    event = context.event
    try:
        made = await attempt(graph, outgoing)
    except Reject as error:  # recorded like a refusal of Meta's
        return Attempt(Refused(Refusal(0, str(error))), outgoing.content)
    match made.outcome:
        case Held(reason, seconds):
            raise Retry(reason, after=rules.jitter(event.id, seconds), counts=False)
        case Unreached(reason):
            after = rules.away_after(event.attempt, event.id)
            raise Retry(f"not reached: {reason}", after=after, counts=False)
        case Unanswered(reason):
            raise InDoubt(reason, after=timedelta(seconds=rules.DOUBT_LOOK_SECONDS[0]))
        case Refused(refusal):
            wait = rules.retry_after(refusal.remedy, event.attempt, event.id)
            if wait is not None:
                counts = refusal.remedy in (Remedy.RETRY, Remedy.PACE_PAIR)
                raise Retry(f"refused: {refusal.code} {refusal.title}", after=wait, counts=counts)
    return made


@sender.prepares(SendMessage)
async def prepare(
    message: SendMessage, context: Context, addresses: AddressStore, messages: MessageStore
) -> Outgoing | Decision:
    """Where to, what, and whether now: the address, the opt-out, the window, the pair's rate.

    Raises Reject for what can never be sent, Retry for what cannot be sent now.
    """
    event, now = context.event, context.now
    # A call was taken for one that did not go out, perhaps, and its status came while the repeat waited. Only
    # what was delivered before is looked up: hardly anything.
    last = await messages.call(event.id) if event.attempt else None
    if last is not None and last.stands:
        return _went_out()
    known = await addresses.find(message.person)
    address, heard = rules.with_news(known, message)
    content = rules.choose(message, address, event.time, now)
    if isinstance(content, rules.NotSent):
        messages.not_sent(event.id, address.person, now, content.reason)
        metrics.SENDER_MESSAGES.labels(content.reason).inc()
        return nothing()
    to = rules.where(address)
    if to is None:
        if event.source == SOURCE:
            raise Reject("no_address")
        # The event that tells the address may be on its way, and would have to wait behind a Retry.
        due = now + rules.ADDRESS_AFTER
        return nothing().schedule(Schedule(f"address:{event.id}", due, message, key=message.person))
    content = _fitted(content)
    spoken_for = address.pair_spoken_for.timestamp() if address.pair_spoken_for else 0.0
    wait = PAIR.wait(spoken_for, now.timestamp())
    if wait:
        raise Retry("pair_rate", after=rules.jitter(event.id, wait), counts=False)
    moved = now + timedelta(seconds=PAIR.take(spoken_for, now.timestamp()) - now.timestamp())
    addresses.use(known, replace(address, pair_spoken_for=moved))
    # What we sent ourselves was such a second try already: there is no third.
    messages.claim(
        event.id, address.person, now, rules.again(message, address) if event.source != SOURCE else None
    )
    template = rules.fallback(message, address.locale)
    return Outgoing(event.id, message, address.person, to, content, template, heard)


def _went_out() -> Decision:
    """A status told that an earlier call went out after all: there is nothing more to do."""
    metrics.SENDER_MESSAGES.labels("accepted").inc()
    metrics.SENDER_DOUBTS.labels("sent").inc()
    return nothing()


def _fitted(content: Content) -> Content:
    try:
        fitted = fit(content)
    except Unfit as error:
        raise Reject(f"unfit: {error}") from None
    if fitted is not content:
        metrics.SENDER_FITTED.labels(content.kind).inc()
    return fitted


@sender.records(SendMessage)
async def record(
    context: Context, outgoing: Outgoing, made: Attempt, addresses: AddressStore, messages: MessageStore
) -> Decision:
    """Meta took it, or never will. What is wrong in itself is kept as failed, and is a dead letter too."""
    event, now = context.event, context.now
    if isinstance(made.outcome, Accepted):
        messages.accepted(event.id, made.outcome.wamid, made.template, now)
        metrics.SENDER_MESSAGES.labels("accepted").inc()
        return nothing()
    if not isinstance(made.outcome, Refused):
        raise TypeError(f"{type(made.outcome).__name__} is no end of a message")
    refusal = made.outcome.refusal
    messages.refused(event.id, refusal, now)
    metrics.SENDER_MESSAGES.labels("failed").inc()
    metrics.SENDER_FAILURES.labels(str(refusal.code)).inc()
    if refusal.code == UNDELIVERABLE:
        addresses.unreachable(outgoing.person, now)
    if refusal.remedy is Remedy.REJECT:
        return Decision(dead=f"refused: {refusal}")
    later = AGAIN_AFTER.get(refusal.remedy)
    if later is None or event.source == SOURCE:
        return nothing()
    # A timer, not a Retry: nothing else of this person has to wait for so long.
    return nothing().schedule(Schedule(f"again:{event.id}", now + later, outgoing.asked, key=outgoing.person))


@sender.gives_up(SendMessage)
async def give_up(message: SendMessage, context: Context, end: GivenUp, messages: MessageStore) -> None:
    """Nobody tries it any more, until a person redrives it."""
    messages.given_up(context.event.id, end.reason, context.now)


@sender.asks(SendMessage)
async def find_out(  # noqa: PLR0917 - each is given by its type
    message: SendMessage,
    doubt: Doubt,
    context: Context,
    addresses: AddressStore,
    messages: MessageStore,
    listening: Listening,
) -> Decision | None:
    """Whether a call in doubt went out: the statuses carry its event id.

    Once they have been consumed past the call's time and a margin without a word of it, it is sent again,
    marked as possibly twice. Raises Retry until then, and Reject when it has been sent often enough.
    """
    event, now = context.event, context.now
    last = await messages.call(event.id)
    if last is not None and last.went_out:
        return _went_out()
    called_at = last.claimed_at if last is not None else doubt.claimed_at
    address, _ = rules.with_news(await addresses.find(message.person), message)
    lanes = {lane_of(name.encode()) for name in (address.contact, address.phone) if name is not None}
    seen_at = await messages.seen_at(lanes)
    if not rules.surely_not_sent(called_at, seen_at, listening.began(now), now):
        after = rules.look_again_after(called_at, now)
        raise Retry("in doubt: no status yet", after=after, counts=False)
    if last is not None and last.repeats >= rules.REPEATS:
        raise Reject("in doubt again and again: nobody can tell whether it was sent")
    messages.repeated(event.id)
    metrics.SENDER_DOUBTS.labels("sent_again").inc()
    return None

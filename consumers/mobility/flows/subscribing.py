"""A driver's subscription: what is left of the free trips, the question, the payment, and its end.

`rules/subscribing.py` says what follows from what. As with planned trips, the wallet is asked by a command
and answers by an event; while it is away, the driver drives on.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from consumers.domain import Context, Decision, Emit, Turn, done, nothing
from consumers.mobility.domain import EVENTS, mobility
from consumers.mobility.flows.answers import aside, button, read_id
from consumers.mobility.flows.charging import TOP_UP
from consumers.mobility.flows.lists import vehicle_menu
from consumers.mobility.flows.timers import subscription_ends, subscription_timer, subscription_waits
from consumers.mobility.keywords import SUBSCRIPTION
from consumers.mobility.rules import subscribing
from consumers.mobility.rules.subscribing import PRICE_TOKENS, Move, Next, Standing, Subscription, Word
from consumers.mobility.store.tables import Tables
from consumers.mobility.texts import charging, driving, words
from consumers.mobility.texts import subscribing as say
from consumers.replies import Button, Buttons
from consumers.texts import Moment, Renderable
from schemas.events.mobility import (
    DriverSubscribed,
    SubscriptionEnding,
    SubscriptionLapsed,
    SubscriptionOver,
    SubscriptionSlow,
)
from schemas.events.wallet import Posted, Refused
from schemas.topics import WALLET_COMMANDS

TEMPLATE = "driver_subscription"


@mobility.starts("subscription", keywords=SUBSCRIPTION)
@mobility.taps("my_subscription")
async def subscription(turn: Turn, tables: Tables) -> Decision:
    """Where the driver stands, and the question, where there is something to pay."""
    if await tables.people.driver(turn.person) is None:
        return done(vehicle_menu(driving.which_vehicle(), "drive"))
    standing = await tables.subscriptions.standing(turn.person)
    if standing.asked is not None:
        return _waits(turn, standing.asked, tables)
    if not standing.can_subscribe(turn.now):
        return aside(turn, _ways_on(status(standing, turn.now)))
    return _ask(turn, standing)


@mobility.taps("subscribe")
async def subscribe(turn: Turn, tables: Tables) -> Decision:
    """Yes. The id came with the question, so a second tap is the same yes."""
    identity = read_id(turn.argument)
    known = await tables.subscriptions.find(identity) if identity else None
    if identity is None or (known is not None and known.person != turn.person):
        return await subscription(turn, tables)
    standing = await tables.subscriptions.standing(turn.person)
    match subscribing.confirmed(known, standing, turn.now):
        case Next.BEGIN:
            tables.people.remember(turn)
            move = subscribing.begin(identity, turn.person, turn.now)
            tables.subscriptions.add(move.subscription)
            return aside(turn, _ways_on(say.asked())).with_all(_consequences(move, turn.now))
        case Next.WAIT:
            return _waits(turn, standing.asked or known, tables)
        case Next.SHORT:
            return aside(turn, _short())
        case Next.ACTIVE:
            return aside(turn, _ways_on(status(standing, turn.now)))
    return _ask(turn, standing)


def status(standing: Standing, now: datetime) -> Renderable:
    """One line: paid until when, or how many free trips are left."""
    if standing.until is not None and standing.is_subscribed(now):
        return say.subscribed_until(standing.until)
    return say.passes_left(standing.passes_left)


def used_up(first: Renderable | None = None) -> Buttons:
    """No pass is left, and nothing is paid; `first` is said before."""
    body = say.passes_used_up() if first is None else words.lines(first, say.passes_used_up())
    return Buttons(body, (button(say.subscribe(), "my_subscription"), button(words.my_trips(), "trips")))


def _ask(turn: Turn, standing: Standing) -> Decision:
    yes = say.renew() if standing.is_subscribed(turn.now) else say.subscribe()
    buttons = (
        button(yes, "subscribe", turn.new_id("subscription")),
        button(words.go_online(), "online"),
        button(words.my_trips(), "trips"),
    )
    return aside(turn, Buttons(words.lines(status(standing, turn.now), say.question()), buttons))


def _waits(turn: Turn, asked: Subscription | None, tables: Tables) -> Decision:
    """The same command again does no harm, and helps where the first one was set aside."""
    decision = aside(turn, _ways_on(say.waits()))
    return decision.with_all(follow(subscribing.ask_again(asked) if asked else None, turn.now, tables))


def _ways_on(body: Renderable) -> Buttons:
    ways = (button(words.go_online(), "online"), button(words.see_passengers(), "passengers"))
    return Buttons(body, (*ways, button(words.my_trips(), "trips")))


def _short() -> Buttons:
    again = button(charging.try_again(), "my_subscription")
    return Buttons(say.short(), (Button(TOP_UP, charging.top_up()), again))


# The wallet's answers, and time -----------------------------------------------------------------------


async def posted(answer: Posted, context: Context, tables: Tables) -> Decision:
    """The wallet paid what it was asked for, if it was a subscription."""
    known = await tables.subscriptions.find(answer.id)
    if known is None:
        return nothing()
    standing = await tables.subscriptions.standing(known.person)
    return follow(subscribing.posted(known, answer.at, standing.until), context.now, tables)


async def refused(answer: Refused, context: Context, tables: Tables) -> Decision:
    """The wallet did not."""
    known = await tables.subscriptions.find(answer.id)
    return follow(subscribing.refused(known, answer.reason) if known else None, context.now, tables)


@mobility.handles(SubscriptionSlow)
async def subscription_slow(timer: SubscriptionSlow, context: Context, tables: Tables) -> Decision:
    known = await tables.subscriptions.find(UUID(timer.subscription))
    return follow(subscribing.slow(known) if known else None, context.now, tables)


@mobility.handles(SubscriptionEnding)
async def subscription_ending(timer: SubscriptionEnding, context: Context, tables: Tables) -> Decision:
    """A day before the end, unless the next one is paid or asked for."""
    last = await _last(timer.subscription, tables)
    if last is None or last.until is None or last.until <= context.now:
        return nothing()
    buttons = (button(say.renew(), "my_subscription"), button(words.my_trips(), "trips"))
    return _tell(last, Buttons(say.ends_soon(last.until), buttons))


@mobility.handles(SubscriptionOver)
async def subscription_over(timer: SubscriptionOver, context: Context, tables: Tables) -> Decision:
    """The driver is told, and offered the next one; unless one is asked for, which may be refused yet."""
    known = await tables.subscriptions.find(UUID(timer.subscription))
    standing = await tables.subscriptions.standing(known.person) if known else Standing()
    if known is not None and standing.asked is not None:
        _, again = subscription_ends(known, context.now + subscribing.LOOK_AGAIN_AFTER)
        return nothing().schedule(again)
    last = await _last(timer.subscription, tables)
    if last is None or last.until is None or context.now < last.until:
        return nothing()
    fact = SubscriptionLapsed(person=last.person, subscription=str(last.id), at=context.now)
    buttons = (button(say.subscribe(), "my_subscription"), button(words.my_trips(), "trips"))
    return _tell(last, Buttons(say.over(), buttons)).emit(Emit(EVENTS, fact.person, fact))


async def _last(identity: str, tables: Tables) -> Subscription | None:
    """The subscription, if no later one was paid for or asked for: a timer may come late, or twice."""
    known = await tables.subscriptions.find(UUID(identity))
    if known is None:
        return None
    standing = await tables.subscriptions.standing(known.person)
    return known if standing.until == known.until and standing.asked is None else None


def follow(move: Move | None, now: datetime, tables: Tables) -> Decision:
    """Keep the subscription as it is now, ask the wallet, and tell the driver."""
    if move is None:
        return nothing()
    tables.subscriptions.save(move.subscription)
    return _consequences(move, now)


def _consequences(move: Move, now: datetime) -> Decision:
    subscription = move.subscription
    decision = nothing()
    if move.command is not None:
        command = move.command
        decision = decision.emit(Emit(WALLET_COMMANDS, command.debit, command, subject=str(command.id)))
    waits = subscription_waits(subscription, now)
    decision = decision.schedule(waits) if waits else decision.cancel(subscription_timer(subscription.id))
    match move.word:
        case Word.PAID if subscription.until is not None:
            fact = DriverSubscribed(
                person=subscription.person,
                subscription=str(subscription.id),
                tokens=PRICE_TOKENS,
                until=subscription.until,
                at=now,
            )
            decision = decision.schedule(*subscription_ends(subscription, subscription.until))
            decision = decision.emit(Emit(EVENTS, fact.person, fact))
            return decision.with_all(_tell(subscription, _ways_on(say.paid(subscription.until))))
        case Word.SHORT:
            return decision.with_all(_tell(subscription, _short()))
        case Word.SLOW:
            return decision.with_all(_tell(subscription, _ways_on(say.slow())))
    return decision


def _tell(subscription: Subscription, reply: Buttons) -> Decision:
    about = Moment(subscription.until or subscription.asked_at)
    return nothing().tell(subscription.person, reply, TEMPLATE, about)

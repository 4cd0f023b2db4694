"""The payment of planned trips: what the wallet is asked, and what both sides read of it.

`rules/charging.py` says what follows from what. The wallet is asked by commands and answers by events: while
it is away, the commands wait in their topic, and the ride goes on.
"""

from __future__ import annotations

from datetime import datetime

from consumers.domain import Decision, Emit, nothing
from consumers.mobility.domain import mobility
from consumers.mobility.flows.answers import button, next_steps
from consumers.mobility.flows.changing import TEMPLATE, Step, is_content
from consumers.mobility.flows.timers import charge_timer, charge_waits
from consumers.mobility.rules import charging
from consumers.mobility.rules.charging import TOKENS_FOR_A_FRANC, Charge, Move, Word
from consumers.mobility.rules.lifecycle import State
from consumers.mobility.rules.people import Role
from consumers.mobility.store.plans import Plan
from consumers.mobility.store.tables import Tables
from consumers.mobility.texts import charging as say
from consumers.mobility.texts import trips, words
from consumers.replies import Button, Buttons, Reply
from consumers.texts import Moment, Renderable, rwf
from schemas.topics import WALLET_COMMANDS

TOP_UP = "wallet:top_up"  # the wallet's own, as its menu has it


def begin(plan: Plan, now: datetime, tables: Tables) -> Decision:
    """Ask for the price of the plan's next trip to be held. Drivers pay nothing, and some prices are open."""
    if plan.role is not Role.PASSENGER or not plan.estimate_rwf:
        return nothing()
    move = charging.begin(plan.trip, plan.id, plan.person, plan.estimate_rwf, plan.due)
    tables.charges.add(move.charge)
    return _consequences(move, now)


def give_back(charge: Charge | None, now: datetime, tables: Tables) -> Decision:
    """A planned trip was called off: nothing is to be held for it."""
    return follow(charging.give_back(charge) if charge else None, now, tables)


async def price_of(step: Step, tables: Tables) -> Move | None:
    """What a step costs the passenger of a planned trip: its price, or the fee for calling it off late.

    Called off in time it costs nothing; and if the plan waits for no other ride, nothing stays held for it.
    """
    if not is_content(step):
        return None
    trip = step.trip
    charge = await tables.charges.for_trip_at(trip.passenger, step.now)
    if charge is None:
        return None
    if step.state is State.COMPLETED or step.fee_rwf:
        price = step.fee_rwf or trip.estimate_rwf
        return charging.take(charge, trip.driver, price) if price else charging.agreed(charge, trip.driver)
    plan = await tables.plans.find(charge.plan)
    waits = plan is not None and plan.active and plan.trip == charge.trip
    return None if waits else charging.unused(charge)


def follow(move: Move | None, now: datetime, tables: Tables) -> Decision:
    """Keep the charge as it is now, ask the wallet, and tell both sides."""
    if move is None:
        return nothing()
    tables.charges.save(move.charge)
    return _consequences(move, now)


def _consequences(move: Move, now: datetime) -> Decision:
    charge = move.charge
    decision = nothing().emit(
        *(Emit(WALLET_COMMANDS, charge.person, command, subject=str(command.id)) for command in move.commands)
    )
    timer = charge_waits(charge, now)
    decision = decision.schedule(timer) if timer else decision.cancel(charge_timer(charge.trip))
    if move.word is None:
        return decision
    decision = decision.tell(charge.person, _to_passenger(charge, move.word), TEMPLATE, Moment(charge.due))
    body = _to_driver(charge, move.word)
    if body is None or charge.driver is None:
        return decision
    reply = Buttons(body, (button(words.go_online(), "online"), button(words.my_trips(), "trips")))
    return decision.tell(charge.driver, reply, TEMPLATE, Moment(charge.due))


def _to_passenger(charge: Charge, word: Word) -> Reply:
    price, taken = rwf(charge.amount // TOKENS_FOR_A_FRANC), rwf(charge.taken // TOKENS_FOR_A_FRANC)
    left = rwf(charge.left_to_pay // TOKENS_FOR_A_FRANC)
    rest = say.pay_rest(left) if charge.left_to_pay else None
    if word is Word.SHORT and charge.lapses_at is not None:
        again = Button(mobility.tap("pay", charge.trip), say.try_again())
        off = Button(mobility.tap("unplan", charge.plan), trips.cancel())
        top_up = Button(TOP_UP, say.top_up())
        return Buttons(say.short(price, charge.amount, charge.lapses_at), (top_up, again, off))
    bodies = {
        Word.SLOW: say.slow(price),
        Word.PAID: words.lines(say.paid(taken, charge.taken), rest),
        Word.UNPAID: say.unpaid(left),
        Word.LIMITED: say.limited(charge.due, price),
        Word.AGREED: say.agreed(price),
        Word.AS_AGREED: say.as_agreed(),
        Word.UNUSED: say.unused(charge.due, price),
    }
    return next_steps(bodies.get(word) or say.lapsed(charge.due))


def _to_driver(charge: Charge, word: Word) -> Renderable | None:
    taken = rwf(charge.taken // TOKENS_FOR_A_FRANC)
    left = rwf(charge.left_to_pay // TOKENS_FOR_A_FRANC)
    match word:
        case Word.PAID:
            rest = say.ask_for_rest(left) if charge.left_to_pay else None
            return words.lines(say.earned(taken, charge.taken), rest)
        case Word.UNPAID:
            return say.not_earned(left)
        case Word.AGREED | Word.AS_AGREED:
            return say.paid_as_agreed()
    return None

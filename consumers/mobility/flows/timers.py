"""The names of timers, and the timers that several use cases set."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from consumers.domain import Schedule
from consumers.mobility.rules import subscribing
from consumers.mobility.rules.calendar import reminder_time
from consumers.mobility.rules.charging import SLOW_AFTER, UNUSED_AFTER, Charge, State
from consumers.mobility.rules.lifecycle import ANSWER_WITHIN, FORGOTTEN_AFTER
from consumers.mobility.rules.people import Role
from consumers.mobility.rules.subscribing import REMIND_BEFORE, Subscription
from consumers.mobility.store.plans import Plan
from consumers.mobility.store.presences import Presence
from consumers.mobility.store.trips import Trip
from schemas.events.mobility import (
    ChargeSlow,
    ChargeUnused,
    PlannedTripDue,
    PresenceExpired,
    ReminderDue,
    RequestExpired,
    SubscriptionEnding,
    SubscriptionOver,
    SubscriptionSlow,
    TopUpOver,
    TripForgotten,
)


def presence_timer(person: str, role: Role) -> str:
    """Ends a presence."""
    return f"presence:{role.value}:{person}"


def trip_timer(trip: UUID) -> str:
    """Ends a request without an answer, or a trip that nobody ends."""
    return f"trip:{trip}"


def reminder_timer(plan: UUID) -> str:
    """Reminds of the next trip of a plan."""
    return f"reminder:{plan}"


def due_timer(plan: UUID) -> str:
    """Comes with the next trip of a plan."""
    return f"due:{plan}"


def charge_timer(trip: UUID) -> str:
    """Looks after a charge that waits for the wallet, or for the passenger's money."""
    return f"charge:{trip}"


def subscription_timer(subscription: UUID, what: str = "slow") -> str:
    """Looks after a payment that waits for the wallet; `ending`, `over`: the end of what was paid."""
    return f"subscription:{subscription}:{what}"


def plan_timers(plan: UUID) -> tuple[str, str]:
    """Both of them."""
    return reminder_timer(plan), due_timer(plan)


def presence_ends(presence: Presence) -> Schedule:
    """Showing a presence again replaces its timer."""
    return Schedule(
        name=presence_timer(presence.person, presence.role),
        due=presence.until,
        data=PresenceExpired(person=presence.person, role=presence.role.value),
        key=presence.person,
    )


def request_expires(trip: Trip) -> Schedule:
    """Runs under the lock of whoever asked, and is replaced when the trip is accepted."""
    return Schedule(
        name=trip_timer(trip.id),
        due=trip.requested_at + ANSWER_WITHIN,
        data=RequestExpired(trip=str(trip.id)),
        key=trip.person_in(trip.proposer),
    )


def trip_is_forgotten(trip: Trip, now: datetime) -> Schedule:
    """Takes the place of the request's timer."""
    return Schedule(
        name=trip_timer(trip.id),
        due=now + FORGOTTEN_AFTER,
        data=TripForgotten(trip=str(trip.id)),
        key=trip.person_in(trip.proposer),
    )


def plan_comes_due(plan: Plan, now: datetime) -> tuple[Schedule, ...]:
    """The reminder, where there is time for one, and the time of the trip itself."""
    named = {"plan": str(plan.id), "trip": str(plan.trip)}
    due = Schedule(due_timer(plan.id), plan.due, PlannedTripDue(**named), plan.person)
    remind_at = reminder_time(plan.due, now)
    if remind_at is None:
        return (due,)
    return Schedule(reminder_timer(plan.id), remind_at, ReminderDue(**named), plan.person), due


def charge_waits(charge: Charge, now: datetime) -> Schedule | None:
    """What looks after the charge as it stands now; None where nothing has to."""
    trip = str(charge.trip)
    if charge.state is State.ASKED and not charge.told:
        return Schedule(charge_timer(charge.trip), now + SLOW_AFTER, ChargeSlow(trip=trip), charge.person)
    if charge.state is State.HELD:
        return looked_at_again(charge, charge.due)
    if charge.state is State.SHORT and charge.lapses_at is not None:
        return Schedule(charge_timer(charge.trip), charge.lapses_at, TopUpOver(trip=trip), charge.person)
    return None


def looked_at_again(charge: Charge, at: datetime) -> Schedule:
    """Looks a while after this time whether what is held for a trip is still needed."""
    unused = ChargeUnused(trip=str(charge.trip))
    return Schedule(charge_timer(charge.trip), at + UNUSED_AFTER, unused, charge.person)


def subscription_waits(subscription: Subscription, now: datetime) -> Schedule | None:
    """What looks after the payment as it stands now; None where nothing has to."""
    if subscription.state is not subscribing.State.ASKED or subscription.told:
        return None
    return Schedule(
        name=subscription_timer(subscription.id),
        due=now + subscribing.SLOW_AFTER,
        data=SubscriptionSlow(subscription=str(subscription.id)),
        key=subscription.person,
    )


def subscription_ends(subscription: Subscription, until: datetime) -> tuple[Schedule, Schedule]:
    """The reminder, and the end itself."""
    named = {"subscription": str(subscription.id)}
    return (
        Schedule(
            subscription_timer(subscription.id, "ending"),
            until - REMIND_BEFORE,
            SubscriptionEnding(**named),
            subscription.person,
        ),
        Schedule(
            subscription_timer(subscription.id, "over"),
            until,
            SubscriptionOver(**named),
            subscription.person,
        ),
    )

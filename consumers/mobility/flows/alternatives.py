"""Whom else a person can ask, when a trip came to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from consumers.mobility.flows.answers import button
from consumers.mobility.flows.lists import found, neighbours_of
from consumers.mobility.rules.driving import ONLINE_FOR
from consumers.mobility.rules.people import Role
from consumers.mobility.store.presences import Presence
from consumers.mobility.store.tables import Tables
from consumers.mobility.store.trips import Trip
from consumers.mobility.texts import driving, words
from consumers.replies import Buttons, Reply


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What to say, and the presence to show anew: a passenger who still looks for a ride."""

    reply: Reply
    presence: Presence | None = None


async def alternatives(tables: Tables, trip: Trip, role: Role, now: datetime) -> Alternatives:
    """For a passenger the other drivers around the pickup, for a driver the other passengers around them."""
    if role is Role.PASSENGER:
        until = now + ONLINE_FOR
        sought = Presence(trip.passenger, role, trip.vehicle, trip.pickup, now, until, trip.dropoff)
        near = await neighbours_of(sought, tables.presences, now, trip.driver)
        return Alternatives(found(sought, near, now), sought)
    drives = await tables.presences.find(trip.driver, role)
    if drives is None or not drives.is_fresh(now):
        return Alternatives(Buttons(driving.go_online_again(), (button(words.go_online(), "online"),)))
    near = await neighbours_of(drives, tables.presences, now, trip.passenger)
    return Alternatives(found(drives, near, now))

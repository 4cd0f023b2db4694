"""Lists of people nearby, and what is said when there is nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from consumers.mobility.domain import mobility
from consumers.mobility.flows.answers import button
from consumers.mobility.rules.fares import estimate_rwf
from consumers.mobility.rules.people import Role
from consumers.mobility.rules.vehicles import Vehicle
from consumers.mobility.store.presences import Neighbour, Presence, PresenceStore
from consumers.mobility.texts import seeking, words
from consumers.replies import Buttons, Menu, Reply, Row
from consumers.texts import Renderable, Text, rwf


async def neighbours_of(
    presence: Presence, presences: PresenceStore, now: datetime, *besides: str
) -> list[Neighbour]:
    """Whom a person who can be found may look for: passengers see drivers, drivers see passengers."""
    out = [presence.person, *besides]
    return await presences.near(presence.role.other, presence.vehicle, presence.place, now, out)


def found(presence: Presence, neighbours: Sequence[Neighbour], now: datetime) -> Reply:
    """What a search says to the person who made it."""
    if presence.role is Role.PASSENGER:
        return _drivers(presence, neighbours, now)
    return _passengers(neighbours, now)


def vehicle_menu(body: Renderable, action: str, *first: Row) -> Menu:
    """The vehicles to choose from, below whatever row comes first."""
    rows = tuple(Row(mobility.tap(action, which), words.vehicle(which)) for which in Vehicle)
    return Menu(body, words.choose(), (*first, *rows))


def _drivers(search: Presence, neighbours: Sequence[Neighbour], now: datetime) -> Reply:
    if not neighbours:
        return Buttons(
            seeking.no_driver_near(search.vehicle),
            (
                button(words.search_again(), "drivers"),
                button(words.change_vehicle(), "vehicles"),
                button(words.schedule_trip(), "plan"),
            ),
        )
    return Menu(
        words.lines(seeking.choose_driver(), price_line(search)),
        words.choose(),
        tuple(
            Row(mobility.tap("ask_driver", each.person), words.who(each.person, each.phone), _row(each, now))
            for each in neighbours
        ),
        header=seeking.drivers_near(),
    )


def price_line(search: Presence) -> Text | None:
    """What the trip will cost, as far as that can be said; None where no destination is known."""
    if search.dropoff is None:
        return None
    estimate = estimate_rwf(search.vehicle, search.place, search.dropoff)
    return seeking.agree_on_price() if estimate is None else seeking.about(rwf(estimate))


def _row(each: Neighbour, now: datetime) -> Text:
    way, ago = words.distance(each.metres), words.ago(each.seen_at, now)
    if each.ratings:
        return seeking.rated_driver_row(way, ago, each.plate or "", f"{each.stars / each.ratings:.1f}")
    return seeking.driver_row(way, ago, each.plate or "")


def _passengers(neighbours: Sequence[Neighbour], now: datetime) -> Reply:
    if not neighbours:
        return Buttons(
            seeking.no_passenger_near(),
            (
                button(words.search_again(), "passengers"),
                button(words.go_offline(), "offline"),
                button(words.schedule_trip(), "plan"),
            ),
        )
    return Menu(
        seeking.choose_passenger(),
        words.choose(),
        tuple(
            Row(
                mobility.tap("ask_passenger", each.person),
                words.who(each.person, each.phone),
                seeking.passenger_row(words.distance(each.metres), words.ago(each.seen_at, now)),
            )
            for each in neighbours
        ),
        header=seeking.passengers_near(),
    )

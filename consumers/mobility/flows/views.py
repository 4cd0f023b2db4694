"""What each side of a trip reads, by where the trip stands."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from consumers.mobility.domain import mobility
from consumers.mobility.flows.answers import button, next_steps
from consumers.mobility.rules.cells import distance_m
from consumers.mobility.rules.lifecycle import State
from consumers.mobility.rules.people import Role, reference
from consumers.mobility.store.people import Person
from consumers.mobility.store.tables import Tables
from consumers.mobility.store.trips import Trip
from consumers.mobility.texts import seeking, words
from consumers.mobility.texts import trips as say
from consumers.replies import Button, Buttons, Link, Menu, Raw, Reply, Row
from consumers.texts import Renderable, Text, render, rwf
from schemas.content import LocationContent


@dataclass(frozen=True, slots=True)
class Sides:
    """The two people of a trip, and what the driver drives."""

    passenger: Person
    driver: Person
    plate: str | None

    def person_in(self, role: Role) -> Person:
        """Who is on that side."""
        return self.passenger if role is Role.PASSENGER else self.driver

    def name_of(self, role: Role) -> str:
        """How the person on that side is shown to the other."""
        person = self.person_in(role)
        return words.who(person.person, person.phone)


async def read_sides(tables: Tables, passenger: str, driver: str) -> Sides:
    """Who the two are, as far as is known."""
    drives = await tables.people.driver(driver)
    return Sides(
        passenger=await tables.people.find(passenger),
        driver=await tables.people.find(driver),
        plate=drives.plate if drives else None,
    )


def trip_reference(trip: Trip) -> str:
    """The trip's short name."""
    return reference(str(trip.id))


def standing(trip: Trip, role: Role, sides: Sides) -> tuple[Reply, ...]:
    """Where the trip stands, for one side, with what they can do now."""
    match trip.state:
        case State.REQUESTED:
            return (_requested(trip, role),)
        case State.ACCEPTED:
            return _accepted(trip, role, sides)
        case State.ARRIVED:
            return (_arrived(trip, role, sides),)
        case State.IN_PROGRESS:
            return (_in_progress(trip, role),)
        case State.COMPLETED:
            return (_completed(trip, role, sides),)
        case _:
            return (next_for(role, say.stands(trip_reference(trip), trip.state)),)


def request(trip: Trip, sides: Sides, metres: float) -> Buttons:
    """What the one who is asked reads; `metres` lie between the two."""
    name = trip_reference(trip)
    way = words.distance(metres)
    if trip.proposer is Role.PASSENGER:
        body: Renderable = say.asked_driver(sides.name_of(Role.PASSENGER), name, way)
        return Buttons(words.lines(body, _way(trip), price(trip)), _answers(trip))
    body = say.asked_passenger(sides.name_of(Role.DRIVER), name, way)
    return Buttons(words.lines(body, _plate(sides), price(trip)), _answers(trip))


def price(trip: Trip) -> Text:
    """What the trip costs about, or that the two agree on it."""
    return seeking.agree_on_price() if trip.estimate_rwf is None else seeking.about(rwf(trip.estimate_rwf))


def chat_link(trip: Trip, role: Role, sides: Sides) -> tuple[Reply, ...]:
    """A link by which this side writes to the other, with a prepared text; none without a number."""
    me, other = sides.person_in(role), sides.person_in(role.other)
    if other.phone is None:
        return ()
    hello = say.hello_driver if role is Role.PASSENGER else say.hello_passenger
    text = render(hello(trip_reference(trip)), me.locale)
    url = f"https://wa.me/{other.phone}?text={quote(text)}"
    return (Link(say.chat_with(sides.name_of(role.other)), say.open_chat(), url),)


def next_for(role: Role, body: Renderable) -> Buttons:
    """A sentence that ends something, with what this side may want next."""
    if role is Role.PASSENGER:
        return next_steps(body)
    return Buttons(
        body,
        (
            button(words.see_passengers(), "passengers"),
            button(words.go_online(), "online"),
            button(words.my_trips(), "trips"),
        ),
    )


def _requested(trip: Trip, role: Role) -> Reply:
    body = words.lines(say.stands(trip_reference(trip), trip.state), price(trip))
    if role is trip.proposer:
        return Buttons(body, (button(say.withdraw(), "cancel", trip.id),))
    return Buttons(body, _answers(trip))


def _accepted(trip: Trip, role: Role, sides: Sides) -> tuple[Reply, ...]:
    cancel = button(say.cancel(), "cancel", trip.id)
    chat = () if role is trip.proposer else chat_link(trip, role, sides)  # whoever asked has the link already
    if role is Role.PASSENGER:
        body = words.lines(say.accepted_for_passenger(sides.name_of(Role.DRIVER)), _plate(sides), price(trip))
        return (Buttons(body, (cancel,)), *chat)
    pickup = LocationContent(latitude=trip.pickup.latitude, longitude=trip.pickup.longitude)
    body = words.lines(say.accepted_for_driver(sides.name_of(Role.PASSENGER)), _way(trip), price(trip))
    arrived = button(say.i_am_there(), "arrive", trip.id)
    return (Raw(pickup), Buttons(body, (arrived, cancel)), *chat)


def _arrived(trip: Trip, role: Role, sides: Sides) -> Reply:
    cancel = button(say.cancel(), "cancel", trip.id)
    if role is Role.PASSENGER:
        return Buttons(words.lines(say.arrived_for_passenger(), _plate(sides)), (cancel,))
    return Buttons(say.arrived_for_driver(), (button(say.start(), "start", trip.id), cancel))


def _in_progress(trip: Trip, role: Role) -> Reply:
    cancel = button(say.cancel(), "cancel", trip.id)
    if role is Role.PASSENGER:
        return Buttons(say.started_for_passenger(), (cancel,))
    return Buttons(say.started_for_driver(), (button(say.complete(), "complete", trip.id), cancel))


def _completed(trip: Trip, role: Role, sides: Sides) -> Reply:
    if role is Role.DRIVER:
        return next_for(role, words.lines(say.completed_for_driver(trip_reference(trip)), price(trip)))
    if trip.rating is not None:
        return next_for(role, say.stands(trip_reference(trip), trip.state))
    rows = tuple(
        Row(mobility.tap("rate", f"{trip.id}.{stars}"), "★" * stars, say.rating_word(stars))
        for stars in (5, 4, 3, 2, 1)
    )
    body = words.lines(say.completed_for_passenger(sides.name_of(Role.DRIVER)), price(trip))
    return Menu(body, words.choose(), rows)


def _answers(trip: Trip) -> tuple[Button, ...]:
    return button(say.accept(), "accept", trip.id), button(say.decline(), "decline", trip.id)


def _plate(sides: Sides) -> Text | None:
    return say.plate(sides.plate) if sides.plate else None


def _way(trip: Trip) -> Text | None:
    return say.goes(words.distance(distance_m(trip.pickup, trip.dropoff))) if trip.dropoff else None

"""A trip is planned: role, vehicle, pickup, destination, when, how often."""

from __future__ import annotations

from consumers.domain import Decision, MenuRow, Turn, ask, done, stay, unclaimed
from consumers.mobility.domain import mobility
from consumers.mobility.flows.answers import button, next_steps, read_place, remembered, shared_place
from consumers.mobility.flows.lists import vehicle_menu
from consumers.mobility.flows.saving import Draft, save
from consumers.mobility.keywords import SCHEDULE
from consumers.mobility.rules.calendar import EACH, Recurrence, When, read_recurrence, read_when
from consumers.mobility.rules.people import Role, read_role, wants_to_skip
from consumers.mobility.rules.vehicles import read_vehicle
from consumers.mobility.store.tables import Tables
from consumers.mobility.texts import planning, seeking, words
from consumers.replies import AskLocation, Buttons, Menu, Row
from schemas.content import LocationShared, TextSaid
from schemas.events.mobility import Place

PICKUP, DROPOFF, WHEN, OFTEN = "plan_pickup", "plan_dropoff", "plan_when", "plan_often"


@mobility.starts(
    "schedule_trip",
    keywords=SCHEDULE,
    menu=MenuRow(words.schedule_trip(), planning.menu_schedule_description(), priority=70),
)
@mobility.taps("plan")
async def schedule_trip(turn: Turn) -> Decision:
    buttons = tuple(button(planning.role(role), "plan_role", role) for role in Role)
    return done(Buttons(planning.which_role(), buttons))


@mobility.taps("plan_role")
async def role_chosen(turn: Turn) -> Decision:
    role = read_role(turn.argument) or Role.PASSENGER
    return ask(PICKUP, vehicle_menu(planning.which_vehicle(), "plan_vehicle"), **_blank(role))


@mobility.taps("plan_vehicle")
async def vehicle_chosen(turn: Turn, tables: Tables) -> Decision:
    vehicle = read_vehicle(turn.argument)
    if vehicle is None or read_role(turn.data.get("role")) is None:
        return await schedule_trip(turn)
    question = AskLocation(planning.where_from())
    if await tables.people.recent(turn.person, turn.now) is None:
        return ask(PICKUP, question, plan_vehicle=vehicle.value)
    same = Buttons(planning.begin_at_same_place(), (button(words.same_place(), "plan_here"),))
    return ask(PICKUP, question, same, plan_vehicle=vehicle.value)


@mobility.at(PICKUP, expects=LocationShared)
async def pickup_given(turn: Turn, tables: Tables) -> Decision:
    return ask_dropoff(turn, tables, shared_place(turn.location))


@mobility.taps("plan_here")
async def pickup_as_before(turn: Turn, tables: Tables) -> Decision:
    recent = await tables.people.recent(turn.person, turn.now)
    if recent is None:
        return ask(PICKUP, AskLocation(planning.where_from()))
    return ask_dropoff(turn, tables, recent.place)


def ask_dropoff(turn: Turn, tables: Tables, pickup: Place) -> Decision:
    vehicle = read_vehicle(turn.data.get("plan_vehicle"))
    if vehicle is None:
        return stay(vehicle_menu(planning.which_vehicle(), "plan_vehicle"))
    tables.people.choose(turn.person, vehicle, pickup, turn.now)
    skip = Buttons(seeking.may_skip_destination(), (button(words.skip(), "plan_skip"),))
    return ask(DROPOFF, AskLocation(planning.where_to()), skip, plan_pickup=remembered(pickup))


@mobility.at(DROPOFF, expects=LocationShared)
async def dropoff_given(turn: Turn) -> Decision:
    return ask_when(remembered(shared_place(turn.location)))


@mobility.taps("plan_skip")
async def dropoff_skipped(turn: Turn) -> Decision:
    return ask_when(None) if turn.step == DROPOFF else too_old()


@mobility.at(DROPOFF, expects=TextSaid)
async def dropoff_typed(turn: Turn) -> Decision:
    return ask_when(None) if wants_to_skip(turn.text) else unclaimed(AskLocation(words.share_location()))


@mobility.at(PICKUP, expects=TextSaid)
async def pickup_typed(turn: Turn) -> Decision:
    return unclaimed(AskLocation(words.share_location()))


@mobility.at(PICKUP)
@mobility.at(DROPOFF)
async def no_place(turn: Turn) -> Decision:
    return stay(AskLocation(words.share_location()))


def ask_when(dropoff: list[float] | None) -> Decision:
    return ask(WHEN, when_menu(), plan_dropoff=dropoff)


def when_menu() -> Menu:
    rows = tuple(Row(mobility.tap("plan_when", when), planning.when(when)) for when in When)
    return Menu(planning.which_time(), words.choose(), rows)


@mobility.taps("plan_when")
async def time_chosen(turn: Turn) -> Decision:
    when = read_when(turn.argument)
    if when is None or read_place(turn.data, "plan_pickup") is None:
        return too_old()
    return ask(OFTEN, often(when), plan_when=when.value)


def often(when: When) -> Buttons:
    """How often; a time that says "each" is never only once."""
    choices = [again for again in Recurrence if when not in EACH or again is not Recurrence.ONCE]
    buttons = tuple(button(planning.recurrence(again), "plan_often", again) for again in choices)
    return Buttons(planning.how_often(), buttons)


@mobility.at(WHEN)
async def time_not_chosen(turn: Turn) -> Decision:
    return unclaimed(when_menu()) if isinstance(turn.said, TextSaid) else stay(when_menu())


@mobility.at(OFTEN)
async def recurrence_not_chosen(turn: Turn) -> Decision:
    question = often(read_when(turn.data.get("plan_when")) or When.NOW)
    return unclaimed(question) if isinstance(turn.said, TextSaid) else stay(question)


@mobility.taps("plan_often")
async def recurrence_chosen(turn: Turn, tables: Tables) -> Decision:
    again = read_recurrence(turn.argument)
    draft = _draft(turn)
    if again is None or draft is None:
        return too_old()
    return await save(turn, draft, again, tables)


def too_old() -> Decision:
    """A tap on a question whose earlier answers are gone: the trip was saved, or another flow began."""
    return done(next_steps(planning.answered_already()))


def _blank(role: Role) -> dict[str, str | None]:
    """A new plan forgets the answers of an earlier one."""
    empty = dict.fromkeys(("plan_vehicle", "plan_pickup", "plan_dropoff", "plan_when"))
    return {"role": role.value, **empty}


def _draft(turn: Turn) -> Draft | None:
    data = turn.data
    role, vehicle = read_role(data.get("role")), read_vehicle(data.get("plan_vehicle"))
    pickup, when = read_place(data, "plan_pickup"), read_when(data.get("plan_when"))
    if role is None or vehicle is None or pickup is None or when is None:
        return None
    return Draft(role, vehicle, pickup, read_place(data, "plan_dropoff"), when)

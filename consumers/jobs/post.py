"""Use case: posting a job, question by question up to the preview."""

from __future__ import annotations

from consumers.domain import Decision, Turn, ask, done, stay, unclaimed
from consumers.jobs import keywords, texts, texts_posting, views
from consumers.jobs.choices import typed
from consumers.jobs.domain import (
    DESCRIPTION,
    KIND,
    PAY,
    PLACE,
    PREVIEW,
    TITLE,
    TRADE,
    UNIT,
    jobs,
)
from consumers.jobs.places import Place, place_at, place_by_key, place_by_name, places_of
from consumers.jobs.publish import draft_of, preview
from consumers.jobs.questions import CHOICES, FOLLOWING, QUESTIONS, ask_pay, ask_unit, or_place, question
from consumers.jobs.rules import (
    DESCRIPTION_LIMIT,
    OPEN_JOBS_LIMIT,
    TITLE_LEAST,
    TITLE_LIMIT,
    Category,
    Kind,
    PayUnit,
    read_pay,
    tidy,
    tidy_lines,
)
from consumers.jobs.store import JobStore
from consumers.replies import Buttons, Say
from schemas.content import LocationShared, TextSaid

AGREED = "agreed"  # the answer that no amount is named


@jobs.starts("post_job", keywords=keywords.POST)
async def post_job(turn: Turn, store: JobStore) -> Decision:
    """Begins, unless the person has as many open jobs as anybody may."""
    if await store.count_open(turn.person, turn.now) >= OPEN_JOBS_LIMIT:
        return done(Buttons(texts_posting.too_many_open(OPEN_JOBS_LIMIT), (views.MY_JOBS, views.FIND)))
    return ask(TITLE, *question(turn, TITLE))


@jobs.at(TITLE, expects=TextSaid)
async def title_given(turn: Turn) -> Decision:
    """What the job is called."""
    title = tidy(turn.text)
    if len(title) > TITLE_LIMIT:
        return stay(Say(texts.too_long(TITLE_LIMIT, len(title))))
    if sum(letter.isalpha() for letter in title) < TITLE_LEAST:
        return stay(Say(texts_posting.title_too_short()))
    return ask(KIND, *question(turn, KIND), title=title)


@jobs.taps("kind")
async def kind_chosen(turn: Turn) -> Decision:
    """How long the work is."""
    if turn.step != KIND or turn.argument not in set(Kind):
        return again(turn)
    return ask(TRADE, *question(turn, TRADE), kind=turn.argument)


@jobs.taps("trade")
async def trade_chosen(turn: Turn) -> Decision:
    """What kind of work it is."""
    if turn.step != TRADE or turn.argument not in set(Category):
        return again(turn)
    return ask(PLACE, *question(turn, PLACE), trade=turn.argument)


@jobs.at(PLACE, expects=LocationShared)
async def location_shared(turn: Turn) -> Decision:
    """Where the work is, on the map."""
    return _at_place(turn, place_at(turn.location.latitude, turn.location.longitude, turn.routed.country))


@jobs.at(PLACE, expects=TextSaid)
async def place_typed(turn: Turn) -> Decision:
    """Where the work is, by name."""
    place = place_by_name(turn.text, turn.routed.country)
    return _at_place(turn, place) if place else unclaimed(otherwise=or_place(texts.unknown_place()))


@jobs.taps("places")
async def places(turn: Turn) -> Decision:
    """The named places of the person's country."""
    return (
        stay(views.districts(places_of(turn.routed.country), "place")) if turn.step == PLACE else again(turn)
    )


@jobs.taps("place")
async def place_chosen(turn: Turn) -> Decision:
    """Where the work is, from the list."""
    place = place_by_key(turn.argument)
    return _at_place(turn, place) if place and turn.step == PLACE else again(turn)


@jobs.at(PAY, expects=TextSaid)
async def pay_given(turn: Turn) -> Decision:
    """How much it pays."""
    amount = read_pay(turn.text)
    if amount is not None:
        return ask(UNIT, ask_unit(amount), pay=amount)
    if typed(turn.text, {AGREED: texts.pay_agreed_button()}, turn.locale):
        return _to_be_agreed(turn)
    return unclaimed(otherwise=ask_pay(texts_posting.not_an_amount()))


@jobs.taps("agreed")
async def pay_agreed(turn: Turn) -> Decision:
    """No amount is named."""
    return _to_be_agreed(turn) if turn.step in (PAY, UNIT) else again(turn)


@jobs.taps("unit")
async def unit_chosen(turn: Turn) -> Decision:
    """What the amount is for."""
    if turn.step != UNIT or turn.argument not in set(PayUnit):
        return again(turn)
    return ask(DESCRIPTION, *question(turn, DESCRIPTION), unit=turn.argument)


@jobs.at(DESCRIPTION, expects=TextSaid)
async def description_given(turn: Turn) -> Decision:
    """What is to be done: the last question; here is how it will look."""
    description = tidy_lines(turn.text)
    if len(description) > DESCRIPTION_LIMIT:
        return stay(Say(texts.too_long(DESCRIPTION_LIMIT, len(description))))
    return ask(PREVIEW, preview(draft_of(turn, description=description), turn.now), description=description)


@jobs.at(KIND, expects=TextSaid)
@jobs.at(TRADE, expects=TextSaid)
@jobs.at(UNIT, expects=TextSaid)
async def choice_typed(turn: Turn) -> Decision:
    """A choice that was typed instead of tapped."""
    step = turn.step or ""
    chosen = typed(turn.text, CHOICES[step], turn.locale)
    if chosen is None:
        return unclaimed(otherwise=question(turn, step)[-1])
    return ask(FOLLOWING[step], *question(turn, FOLLOWING[step]), **{step: chosen})


@jobs.at(TITLE)
@jobs.at(KIND)
@jobs.at(TRADE)
@jobs.at(PLACE)
@jobs.at(PAY)
@jobs.at(UNIT)
@jobs.at(DESCRIPTION)
async def not_an_answer(turn: Turn) -> Decision:
    """Something else than the answer: a picture, a reaction."""
    return again(turn)


def again(turn: Turn) -> Decision:
    """The question again; after a tap on a list of another time, whatever the person wants now."""
    step = turn.step or ""
    if step in QUESTIONS:
        return stay(*question(turn, step))
    return done(views.whither(texts.from_earlier()))


def _at_place(turn: Turn, place: Place) -> Decision:
    return ask(PAY, *question(turn, PAY), place=place.as_json())


def _to_be_agreed(turn: Turn) -> Decision:
    return ask(DESCRIPTION, *question(turn, DESCRIPTION), pay=None, unit=None)

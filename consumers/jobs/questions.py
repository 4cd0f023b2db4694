"""The questions of a post, by the step that waits for the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from consumers.domain import Turn
from consumers.jobs import texts, texts_posting
from consumers.jobs.domain import DESCRIPTION, KIND, PAY, PLACE, TITLE, TRADE, UNIT, jobs
from consumers.jobs.rules import DESCRIPTION_LIMIT, TITLE_LIMIT
from consumers.replies import AskLocation, Button, Buttons, Menu, Reply, Row, Say
from consumers.texts import Text

# Steps whose answer is one of a list; the answer is remembered under the step's name.
CHOICES: Mapping[str, Mapping[str, Text]] = {
    KIND: {str(kind): title for kind, title in texts.KIND_ROWS.items()},
    TRADE: {str(category): title for category, title in texts.CATEGORY_ROWS.items()},
    UNIT: {str(unit): title for unit, title in texts.UNIT_ROWS.items()},
}
FOLLOWING: Mapping[str, str] = {KIND: TRADE, TRADE: PLACE, UNIT: DESCRIPTION}


def question(turn: Turn, step: str) -> tuple[Reply, ...]:
    """What is asked at a step."""
    return QUESTIONS[step](turn)


def or_place(body: Text) -> Buttons:
    """Where the work is, for those who send no location."""
    return Buttons(body, (Button(jobs.tap("places"), texts.districts_button()),))


def ask_pay(body: Text) -> Buttons:
    """What it pays, or that this is to be agreed."""
    return Buttons(body, (Button(jobs.tap("agreed"), texts.pay_agreed_button()),))


def ask_unit(amount_rwf: int) -> Menu:
    """What an amount is for."""
    return _list(texts_posting.ask_unit(amount_rwf), UNIT)


def _list(body: Text, step: str) -> Menu:
    rows = tuple(Row(jobs.tap(step, choice), title) for choice, title in CHOICES[step].items())
    return Menu(body, texts.choose_button(), rows)


QUESTIONS: Mapping[str, Callable[[Turn], tuple[Reply, ...]]] = {
    TITLE: lambda _: (Say(texts_posting.ask_title(TITLE_LIMIT)),),
    KIND: lambda _: (_list(texts_posting.ask_kind(), KIND),),
    TRADE: lambda _: (_list(texts_posting.ask_trade(), TRADE),),
    PLACE: lambda _: (AskLocation(texts_posting.ask_place()), or_place(texts.ask_where_else())),
    PAY: lambda _: (ask_pay(texts_posting.ask_pay()),),
    UNIT: lambda turn: (ask_unit(turn.data["pay"]),),
    DESCRIPTION: lambda _: (Say(texts_posting.ask_description(DESCRIPTION_LIMIT)),),
}

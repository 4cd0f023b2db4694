"""Which handler a turn belongs to, and where the conversation stands after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from consumers.decision import Decision, ask, done, nothing, stay, unclaimed
from consumers.domain import Domain, Turn
from consumers.replies import Say
from consumers.runtime import dialogue, paging
from consumers.turn import Conversation
from schemas.content import LocationShared, Tapped, TextContent, TextSaid
from schemas.events.conversation import Ended, TurnRouted, Unclaimed
from tests.unit.runtime.made import NOW

Handler = Callable[..., Awaitable[Decision]]


async def start(turn: Turn) -> Decision:
    return nothing()


async def located(turn: Turn) -> Decision:
    return nothing()


async def anything(turn: Turn) -> Decision:
    return nothing()


async def tapped(turn: Turn) -> Decision:
    return nothing()


def a_domain() -> Domain:
    domain = Domain("probe")
    domain.starts("book", keywords=["book"])(start)
    domain.at("where", expects=LocationShared)(located)
    domain.at("where")(anything)
    domain.at("only place", expects=LocationShared)(located)
    domain.taps("pick")(tapped)
    return domain


def a_turn(said: Any = None, intent: str | None = None, turn: int = 5) -> TurnRouted:
    return TurnRouted(
        person="ann",
        contact="c1",
        turn=turn,
        said=said or TextSaid(body="x"),
        at=NOW,
        wamid="w",
        intent=intent,
        locale="fr",
    )


def tap(identity: str) -> Tapped:
    return Tapped(id=identity, title="Row")


PLACE = LocationShared(latitude=0, longitude=0)


@pytest.mark.parametrize(
    ("said", "intent", "step", "handler", "argument"),
    [
        (TextSaid(body="hi"), None, None, None, ""),
        (TextSaid(body="book"), "book", None, start, ""),
        (TextSaid(body="book"), "book", "where", start, ""),
        (TextSaid(body="x"), "of another domain", "where", anything, ""),
        (PLACE, None, "where", located, ""),
        (TextSaid(body="x"), None, "where", anything, ""),
        (TextSaid(body="x"), None, "only place", None, ""),
        (TextSaid(body="x"), None, "a step of an older version", None, ""),
        (tap("probe:pick:17:4"), None, None, tapped, "17:4"),
        (tap("probe:pick"), None, "where", tapped, ""),
        (tap("probe:book"), None, "where", start, ""),
        (tap("probe:page:2"), None, "where", paging.turn_page, "2"),
        (tap("probe:gone"), None, "where", anything, ""),
        (tap("other:pick"), None, "where", anything, ""),
        (tap("other:pick"), None, None, None, ""),
    ],
)
def test_the_handler_of_a_turn(
    said: Any, intent: str | None, step: str | None, handler: Handler | None, argument: str
) -> None:
    found = dialogue.find_handler(a_domain(), a_turn(said, intent), Conversation("ann", step=step))
    assert found == (handler, argument)


@pytest.mark.parametrize(
    ("decision", "step", "data"),
    [
        (nothing(), "where", {"a": 1}),
        (stay(), "where", {"a": 1}),
        (stay(b=2), "where", {"a": 1, "b": 2}),
        (stay(a=None), "where", {}),
        (ask("when"), "when", {"a": 1}),
        (ask("when", b=2), "when", {"a": 1, "b": 2}),
        (done(), None, {}),
    ],
)
def test_where_the_conversation_stands_after_a_decision(
    decision: Decision, step: str | None, data: dict[str, Any]
) -> None:
    conversation = Conversation("ann", step="where", data={"a": 1}, turn=4)
    assert dialogue.apply(conversation, decision, a_turn())
    assert (conversation.step, conversation.data, conversation.turn) == (step, data, 5)
    assert (conversation.locale, conversation.contact, conversation.heard_at) == ("fr", "c1", NOW)


def test_a_turn_that_nobody_claims_moves_nothing() -> None:
    conversation = Conversation("ann", step="where", data={"a": 1}, turn=4)
    before = dialogue.remember(conversation)
    assert not dialogue.apply(conversation, unclaimed(), a_turn())
    assert conversation == before


def test_an_event_without_a_turn_changes_only_what_it_decides() -> None:
    conversation = Conversation("ann", step="where", turn=4)
    assert not dialogue.apply(conversation, nothing(), None)
    assert dialogue.apply(conversation, ask("when"), None)
    assert (conversation.step, conversation.turn) == ("when", 4)


def test_a_turn_handled_late_does_not_count_back() -> None:
    conversation = Conversation("ann", turn=9)
    dialogue.apply(conversation, nothing(), a_turn(turn=5))
    assert conversation.turn == 9


def test_a_start_finds_nothing_said_yet() -> None:
    begun = dialogue.begin(Conversation("ann", step="where", data={"a": 1}, turn=4, locale="sw"))
    assert begun == Conversation("ann", turn=4, locale="sw")


def test_a_conversation_is_put_back_as_it_was() -> None:
    conversation = Conversation("ann", step="where", data={"a": 1}, turn=4)
    before = dialogue.remember(conversation)
    conversation.data["b"] = 2
    dialogue.apply(conversation, done(), a_turn())
    dialogue.restore(conversation, before)
    assert conversation == Conversation("ann", step="where", data={"a": 1}, turn=4)


def test_what_core_is_told() -> None:
    turn = a_turn()
    assert dialogue.word_for_core("probe", stay(), turn, "en") is None
    assert dialogue.word_for_core("probe", done(), None, "en") is None
    assert dialogue.word_for_core("probe", done(), turn, "en") == Ended(person="ann", turn=5, domain="probe")
    word = dialogue.word_for_core("probe", unclaimed(Say("What?")), turn, "en")
    assert word == Unclaimed(domain="probe", routed=turn, otherwise=TextContent(body="What?"))

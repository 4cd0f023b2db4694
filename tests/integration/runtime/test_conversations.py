"""A person's turns: one at a time wherever they come from, none after a later one, none half taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import orjson

from consumers.domain import Context, Decision, Domain, Emit, Retry, Turn, ask, done, nothing, stay
from consumers.replies import Menu, Row, Say
from consumers.runtime.service import Service
from schemas import topics
from schemas.events.whatsapp import SendMessage
from tests.integration.runtime.bench import Bench, Echo, Effects, Poke, event, poke
from tests.integration.runtime.chatter import conversational, heard, left, turn
from tests.waiting import eventually

Serve = Callable[..., Awaitable[Service]]

SORRY = "Sorry, something went wrong on our side. We are trying again; you can go on meanwhile."
REGRET = "Sorry, something went wrong on our side. Please try again later."


def echoing(fails: dict[str, list[Exception]]) -> Domain:
    """A domain that repeats what it hears, counts it, and fails as told."""
    domain = conversational()

    @domain.starts("talk")
    async def talk(turn: Turn, effects: Effects) -> Decision:
        return await said(turn, effects)

    @domain.at("talking")
    async def said(turn: Turn, effects: Effects) -> Decision:
        effects.add(turn.person, turn.number)
        decision = ask(
            "talking", Say(f"you said {turn.text}"), heard=[*turn.data.get("heard", []), turn.text]
        )
        if turn.text == "unspeakable":
            return decision.say(Say("x" * topics.RECORD_BYTES_LIMIT))
        errors = fails.get(turn.text)
        if errors:
            raise errors.pop(0)
        return done(Say("bye")) if turn.text == "bye" else decision

    @domain.leaves
    async def gone(context: Context, effects: Effects) -> Decision:
        effects.add(context.person, 1000)
        return nothing().emit(Emit(topics.events("probe"), context.person, Echo(number=0)))

    return domain


async def conversation(bench: Bench, person: str) -> dict[str, Any]:
    row = await bench.database.fetchrow("SELECT * FROM runtime.conversation WHERE person = $1", person)
    assert row is not None
    return {**dict(row), "data": orjson.loads(row["data"])}


async def test_a_conversation_goes_its_way(bench: Bench, serve: Serve) -> None:
    await bench.publish(
        [turn("ann", 1, "hi", intent="talk"), turn("ann", 3, "more"), turn("bob", 1, "hi", intent="talk")]
    )
    await serve(echoing({}))
    await bench.outcome_becomes("processed", 3)
    assert await heard(bench, "ann") == ["you said hi", "you said more"]
    state = await conversation(bench, "ann")
    assert (state["step"], state["turn"], state["data"]) == ("talking", 3, {"heard": ["hi", "more"]})


async def test_a_turn_that_fails_leaves_no_trace(bench: Bench, serve: Serve) -> None:
    """Whether its handler raises or its replies cannot be sent, and though others share its chunk."""
    await bench.publish(
        [
            turn("ann", 1, "hi", intent="talk"),
            turn("ann", 2, "bug"),
            turn("ann", 3, "unspeakable"),
            turn("ann", 4, "more"),
        ]
    )
    await serve(echoing({"bug": [ZeroDivisionError("as asked")]}))
    await bench.outcome_becomes("processed", 2)
    assert await bench.effects("ann") == [1, 4]
    state = await conversation(bench, "ann")
    assert (state["turn"], state["data"]) == (4, {"heard": ["hi", "more"]})
    assert await heard(bench, "ann") == ["you said hi", SORRY, REGRET, "you said more"]
    assert await bench.outcomes() == {"processed": 2, "deferred": 1, "dead": 1}


async def test_a_deferred_turn_takes_effect_when_nothing_came_after_it(bench: Bench, serve: Serve) -> None:
    again = Retry("as asked", after=timedelta(0))
    await bench.publish([turn("ann", 1, "hi", intent="talk"), turn("ann", 2, "later")])
    await serve(echoing({"later": [again, again]}), "dead_letters")
    await bench.effects_become(2)
    await bench.nothing_waits()
    assert await heard(bench, "ann") == ["you said hi", SORRY, "you said later"]
    assert (await conversation(bench, "ann"))["data"] == {"heard": ["hi", "later"]}


async def test_the_apology_is_said_once_whatever_follows_the_first_failure(
    bench: Bench, serve: Serve
) -> None:
    counted = Retry("as asked", after=timedelta(0))
    busy = Retry("somebody else is at it", after=timedelta(0), counts=False)
    await bench.publish([turn("ann", 1, "hi", intent="talk"), turn("ann", 2, "later")])
    await serve(echoing({"later": [busy, counted, busy]}), "dead_letters")
    await bench.effects_become(2)
    await bench.nothing_waits()
    said = [SendMessage.read(record.value).content for record in await bench.records(topics.OUTBOUND)]
    assert [getattr(content, "body", "") for content in said] == ["you said hi", SORRY, "you said later"]


async def test_a_deferred_turn_that_was_overtaken_has_no_effect(bench: Bench, serve: Serve) -> None:
    await bench.publish([turn("ann", 1, "hi", intent="talk"), turn("ann", 2, "bug"), turn("ann", 3, "more")])
    await serve(echoing({"bug": [ZeroDivisionError("as asked")]}), "dead_letters")
    await bench.outcome_becomes("processed", 2)
    await bench.make_due()
    await bench.outcome_becomes("superseded")
    await bench.nothing_waits()
    assert await bench.effects("ann") == [1, 3]
    assert await heard(bench, "ann") == ["you said hi", SORRY, "you said more"]


async def test_a_turn_that_comes_by_way_of_another_domain_takes_no_effect_after_a_later_one(
    bench: Bench, serve: Serve
) -> None:
    """Core sends a turn round when its domain makes nothing of it; a tap meanwhile finds its way at once."""
    await bench.publish([turn("ann", 1, "hi", intent="talk"), turn("ann", 3, "more"), turn("ann", 2, "late")])
    await serve(echoing({}))
    await bench.outcome_becomes("superseded")
    assert await heard(bench, "ann") == ["you said hi", "you said more"]
    assert await bench.effects("ann") == [1, 3]


async def test_a_deferred_turn_has_no_effect_once_its_person_has_left(bench: Bench, serve: Serve) -> None:
    await bench.publish([turn("ann", 1, "hi", intent="talk"), turn("ann", 2, "bug"), left("ann", 3)])
    await serve(echoing({"bug": [ZeroDivisionError("as asked")]}), "dead_letters")
    await bench.outcome_becomes("processed", 2)
    await bench.make_due()
    await bench.outcome_becomes("superseded")
    assert await bench.effects("ann") == [1, 1000]
    state = await conversation(bench, "ann")
    assert (state["step"], state["data"], state["turn"]) == (None, {}, 3)
    await bench.events_become(topics.events("probe"), 1)
    (word,) = await bench.records(topics.INTENTS_CORE)
    assert dict(word.headers)["ce_type"] == b"conversation.ended.v1"


async def test_what_ends_forgets_and_tells_core(bench: Bench, serve: Serve) -> None:
    await bench.publish(
        [turn("ann", 1, "hi", intent="talk"), turn("ann", 2, "bye"), turn("ann", 3, "hello?")]
    )
    await serve(echoing({}))
    await bench.outcome_becomes("processed", 3)
    state = await conversation(bench, "ann")
    assert (state["step"], state["data"], state["turn"]) == (None, {}, 2)
    words = [dict(word.headers)["ce_type"] for word in await bench.records(topics.INTENTS_CORE)]
    assert words == [b"conversation.ended.v1", b"conversation.unclaimed.v1"]


async def test_two_topics_touch_one_conversation_at_once(bench: Bench, serve: Serve) -> None:
    """Each event reads the conversation and writes it: a lost update would show in the sum."""
    domain = conversational(topics=[topics.events("probe")], chunk=7)

    @domain.handles(Poke)
    async def counted(poke: Poke, context: Context) -> Decision:
        return stay(count=context.conversation.data.get("count", 0) + 1)

    persons = [f"p{number}" for number in range(5)]
    for start in range(0, 100, 25):
        numbers = range(start, start + 25)
        await bench.publish([poke(person, number) for number in numbers for person in persons])
        await bench.publish(
            [event(topics.events("probe"), p, Poke(number=number)) for number in numbers for p in persons]
        )
    await serve(domain)
    await serve(domain, "dead_letters")

    async def all_counted() -> bool:
        rows = await bench.database.fetch("SELECT data->>'count' AS count FROM runtime.conversation")
        return [row["count"] for row in rows] == ["200"] * 5

    await eventually(all_counted)
    await bench.nothing_waits()


async def test_a_long_list_is_turned_page_by_page(bench: Bench, serve: Serve) -> None:
    domain = conversational()
    rows = tuple(Row(f"probe:pick:{number}", f"Row {number}") for number in range(25))

    @domain.starts("list")
    async def show(turn: Turn) -> Decision:
        return ask("choosing", Menu("Choose", "Show", rows))

    @domain.taps("pick")
    async def picked(turn: Turn) -> Decision:
        return done(Say("picked"))

    await serve(domain)
    says = ["list", "#probe:page:1", "#probe:page:2", "#probe:page:1", "#probe:pick:17", "#probe:page:1"]
    await bench.publish(
        [turn("ann", n, text, intent="list" if n == 1 else None) for n, text in enumerate(says, start=1)]
    )
    await bench.outcome_becomes("processed", 6)
    pages = [[f"probe:pick:{n}" for n in range(9 * page, min(9 * page + 9, 25))] for page in range(3)]
    ways = ["probe:page:1", "probe:page:2", "probe:page:1"]
    shown = [" ".join(["Choose", *page, way]) for page, way in zip(pages, ways, strict=True)]
    assert await heard(bench, "ann") == [shown[0], shown[1], shown[2], shown[1], "picked"]
    words = [dict(word.headers)["ce_type"] for word in await bench.records(topics.INTENTS_CORE)]
    assert words == [b"conversation.ended.v1", b"conversation.unclaimed.v1"]  # the list is forgotten by now

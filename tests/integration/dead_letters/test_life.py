"""The life of a letter, through the real runtime: set aside, tried again, and how it ends."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from consumers.dead_letters.acts import NotPossible
from consumers.domain import Context, Decision, Domain, Reject, Retry, Turn, nothing, stay
from consumers.runtime.policy import RetryPolicy
from consumers.runtime.records import unpack_record
from consumers.runtime.service import Service
from infra.kafka.publisher import Output
from schemas import topics
from schemas.events.jobs import LapseJob
from tests.integration.dead_letters.desk import WHO, Desk
from tests.integration.runtime.bench import Bench, Effects, Poke, event, poke
from tests.integration.runtime.chatter import conversational, turn

Serve = Callable[..., Awaitable[Service]]

AT_ONCE = timedelta(0)


class Moody:
    """A domain whose events fail until told otherwise; `sick` holds the numbers that do."""

    def __init__(self, *sick: int, ordered: bool = False) -> None:
        self.sick = set(sick)
        self.domain = Domain("probe", ordered=ordered)
        self.tries: Counter[int] = Counter()

        @self.domain.handles(Poke)
        async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
            self.tries[poke.number] += 1
            if poke.number in self.sick:
                raise Reject("as asked") if poke.what == "reject" else Retry("not now")
            effects.add(context.person, poke.number)
            return nothing()

        @self.domain.handles(LapseJob)
        async def lapsed(lapse: LapseJob, context: Context, effects: Effects) -> Decision:
            if not lapse.job.isdecimal():
                raise Reject(f"no job is called {lapse.job}")
            effects.add(context.person, int(lapse.job))
            return nothing()


def changed(output: Output, **headers: bytes) -> Output:
    """The record with some of its headers changed."""
    return output._replace(headers=[(name, headers.get(name, value)) for name, value in output.headers])


async def test_a_letter_follows_its_event(bench: Bench, desk: Desk, serve: Serve) -> None:
    moody = Moody(1, 2, 3)
    sent = [poke("a", 1), poke("b", 2), poke("c", 3, what="reject"), poke("d", 4)]
    await bench.publish(sent)
    await serve(moody.domain, "dead_letters")
    letters = await desk.statuses_become("waiting", "waiting", "dead")
    by_key = {letter["contact"]: letter for letter in letters}
    assert set(by_key) == {"a", "b", "c"}
    assert by_key["a"]["due"] - by_key["a"]["last_at"] > timedelta(minutes=4)
    assert (by_key["c"]["due"], by_key["c"]["reason"]) == (None, "Reject: as asked")
    assert unpack_record(by_key["a"]["record"]) == (sent[0].value, sent[0].headers)
    moody.sick.discard(1)
    await bench.make_due()
    await desk.look_now()
    await desk.statuses_become("resolved", "waiting", "dead")
    numbers = {key: letter["id"] for key, letter in by_key.items()}
    assert await desk.log(numbers["a"]) == [("probe", "attempt", "waiting"), ("probe", "found", "resolved")]
    await desk.log_becomes(numbers["b"], [("probe", "attempt", "waiting")] * 2)
    again = next(letter for letter in await desk.letters() if letter["contact"] == "b")
    assert (again["attempts"], again["delivery"]) == (2, 1)
    moody.sick.clear()
    assert set((await desk.redrive(*numbers.values())).done) == {numbers["b"], numbers["c"]}
    await desk.statuses_become("resolved", "resolved", "resolved")
    assert (await desk.log(numbers["c"]))[1:] == [(WHO, "redrive", "waiting"), ("probe", "found", "resolved")]
    assert sorted(await bench.effects()) == [1, 2, 3, 4]
    await bench.nothing_waits()


async def test_after_the_fifth_redelivery_it_is_dead_for_ever(bench: Bench, desk: Desk, serve: Serve) -> None:
    moody = Moody(1)
    await bench.publish([poke("a", 1)])
    await serve(moody.domain, "dead_letters", policy=RetryPolicy((AT_ONCE,) * 5))
    (letter,) = await desk.statuses_become("dead")
    assert (letter["attempts"], letter["due"], letter["look_at"]) == (6, None, None)
    assert [act[2] for act in await desk.log(letter["id"])] == ["waiting"] * 5 + ["dead"]
    await bench.nothing_waits()
    await desk.redrive(letter["id"])  # one more try, and the person sees at once that it did not help
    await bench.outcome_becomes("dead", 2)
    await desk.statuses_become("dead")
    assert moody.tries[1] == 7


async def test_a_letter_redriven_twice_has_one_effect(bench: Bench, desk: Desk, serve: Serve) -> None:
    moody = Moody(1)
    await bench.publish([poke("a", 1, what="reject")])
    await serve(moody.domain, "dead_letters")
    (letter,) = await desk.statuses_become("dead")
    moody.sick.clear()
    done = await asyncio.gather(*(desk.redrive(letter["id"]) for _ in range(3)))
    assert sorted(len(each.done) for each in done) == [0, 0, 1]
    refused = set().union(*(each.refused.values() for each in done))
    assert refused <= {"is on its way already", "is resolved by now"}  # the last may come late
    await desk.statuses_become("resolved")
    assert (await desk.redrive(letter["id"])).refused == {letter["id"]: "is resolved by now"}
    assert await bench.effects() == [1]


async def test_in_an_ordered_consumer_a_redriven_event_stays_behind_those_that_wait(
    bench: Bench, desk: Desk, serve: Serve
) -> None:
    moody = Moody(1, 2, ordered=True)
    await bench.publish([poke("a", 1, what="reject"), poke("a", 2), poke("a", 3)])
    await serve(moody.domain, "dead_letters")
    dead, waiting = await desk.statuses_become("dead", "waiting")
    assert (dead["status"], waiting["status"]) == ("dead", "waiting")
    moody.sick.discard(1)
    assert (await desk.redrive(dead["id"], ordered={"probe": True})).done == (dead["id"],)
    await bench.publish([poke("a", 4), poke("b", 5)])
    assert await bench.effects_become(1) == [5]  # nobody else is held back
    kinds = [(row["kind"], row["holds"]) for row in await bench.waiting()]
    assert kinds[:3] == [("deferred", True), ("parked", True), ("parked", True)]
    assert (await desk.discard(waiting["id"])).done == (waiting["id"],)  # and so the key is free
    await bench.effects_become(4)
    assert await bench.effects("a") == [3, 1, 4]
    await desk.statuses_become("resolved", "discarded")
    assert moody.tries[2] == 1


async def test_an_edited_payload_takes_the_place_of_the_first(bench: Bench, desk: Desk, serve: Serve) -> None:
    moody = Moody()
    wrong = LapseJob(job="seven", open_until="2026-05-31T08:30:00Z")
    right = b'{"job": "7", "open_until": "2026-05-31T08:30:00Z"}'
    sent = event(topics.intents("probe"), "a", wrong)
    await bench.publish([sent])
    await serve(moody.domain, "dead_letters")
    (letter,) = await desk.statuses_become("dead")
    for unfit in (b'{"job": "7"}', b"{", b"", b'{"job": 7, "open_until": "soon"}'):
        with pytest.raises(NotPossible, match="does not fit"):
            await desk.edit(letter["id"], unfit)
    await desk.edit(letter["id"], right)
    (letter,) = await desk.letters()
    assert unpack_record(letter["record"]) == (sent.value, sent.headers)
    assert unpack_record(letter["corrected"]) == (right, sent.headers)
    assert (await desk.log(letter["id"]))[-1] == (WHO, "edit", "dead")
    await desk.redrive(letter["id"])
    await desk.statuses_become("resolved")
    assert await bench.effects() == [7]


async def test_a_turn_that_was_overtaken_is_superseded(bench: Bench, desk: Desk, serve: Serve) -> None:
    domain = conversational()
    handled: list[str | None] = []

    @domain.starts("talk")
    async def talk(turn: Turn) -> Decision:
        handled.append(turn.text)
        if turn.text == "hi":
            raise Retry("not now")
        return stay()

    await bench.publish([turn("ann", 1, "hi", intent="talk")])
    await serve(domain, "dead_letters")
    await desk.statuses_become("waiting")
    await bench.publish([turn("ann", 2, "more", intent="talk")])
    await bench.outcome_becomes("processed")
    await bench.make_due()
    await bench.outcome_becomes("superseded")
    await desk.look_now()
    (letter,) = await desk.statuses_become("superseded")
    acts_and_outcomes = [act[1:] for act in await desk.log(letter["id"])]
    assert acts_and_outcomes == [("attempt", "waiting"), ("found", "superseded")]
    assert handled == ["hi", "more"]  # and it was not handled again


async def test_another_version_takes_effect_where_it_can_be_read_and_is_kept_else(
    bench: Bench, desk: Desk, serve: Serve
) -> None:
    """What is published as the next version can be read by the readers of the last: promise 7."""
    moody = Moody()
    moody.domain.topics = (topics.CORE_EVENTS,)
    lies = changed(poke("a", 1), ce_dataschema=b"probe.poke/v2")
    second = {"ce_type": b"probe.poke.v2", "ce_dataschema": b"probe.poke/v2"}
    mine = changed(poke("b", 2), **second)._replace(value=b'{"number":2,"what":"","new":1}')
    not_ours = changed(poke("f", 6), **second)._replace(value=b'{"number":"six"}')
    no_version = changed(poke("g", 7), ce_type=b"probe.poke.vNext", ce_dataschema=b"")
    others = changed(poke("c", 3), ce_type=b"probe.wave.v1")._replace(topic=topics.CORE_EVENTS)
    both = changed(poke("d", 4), **second)._replace(topic=topics.CORE_EVENTS)
    await bench.publish([lies, mine, not_ours, no_version, others, both, poke("e", 5)])
    await serve(moody.domain, "dead_letters")
    letters = {letter["contact"]: letter for letter in await desk.statuses_become("dead", "dead", "dead")}
    for output in (lies, not_ours, no_version):
        letter = letters[(output.key or b"").decode()]
        assert unpack_record(letter["record"]) == (output.value, output.headers)
        assert letter["is_event"]
    assert "its schema is probe.poke/v2, and its type says probe.poke/v1" in letters["a"]["reason"]
    assert "probe.poke.v2, as v1 would read it" in letters["f"]["reason"]
    assert "nobody here knows the type probe.poke.vNext" in letters["g"]["reason"]
    assert sorted(await bench.effects_become(3)) == [2, 4, 5]


async def test_records_that_are_no_events_are_kept_byte_for_byte(
    bench: Bench, desk: Desk, serve: Serve
) -> None:
    topic = topics.intents("probe")
    good = poke("a", 1)
    bad = [
        Output(topic, b"a", None, []),
        Output(topic, None, None, [("n", b"")]),
        Output(topic, b"\x00\xff", b"\xff\x00", [("ce_id", b"\xfe"), ("ce_id", b"\xfd"), ("x", b"\x00")]),
        good._replace(headers=[h for h in good.headers if h[0] != "ce_id"]),
        good._replace(value=b'{"number": "many"}'),
        poke("k" * 3_000, 2)._replace(value=b"[" * 100_000),
    ]
    await bench.publish(bad)
    stranger = Output(topics.DEAD_LETTERS, None, b"by hand", [("kafka_dlt-original-topic", b"\xff")])
    await bench.publish([stranger])
    await serve(Moody().domain, "dead_letters")
    letters = await desk.statuses_become(*["dead"] * 7)
    kept = [(letter["key"], *unpack_record(letter["record"])) for letter in letters]
    for output in [*bad, stranger]:
        assert (output.key, output.value, output.headers) in kept
    assert {letter["topic"] for letter in letters} == {
        topic,
        bench.settings.kafka_topic_prefix + "dead-letters",
    }
    places = {(letter["topic"], letter["partition"], letter["offset"]) for letter in letters}
    assert len(places) == 7
    no_event = [letter["id"] for letter in letters if not letter["is_event"]]
    assert len(no_event) == 5
    assert set((await desk.redrive(*no_event)).refused) == set(no_event)
    with pytest.raises(NotPossible, match="is no event"):
        await desk.edit(no_event[0], b"{}")
    assert len((await desk.discard(*no_event)).done) == 5

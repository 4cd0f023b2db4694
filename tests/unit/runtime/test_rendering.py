"""Decisions as records: ids that a repeat brings again, headers that are complete, sizes that fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest

from consumers.decision import Decision, Emit, Reject, Schedule, nothing
from consumers.replies import Menu, Row, Say
from consumers.runtime.consequences import Consequences, RunAgain, speaking_to
from consumers.runtime.reading import read
from consumers.runtime.records import Outcome, unpack_outputs, unpack_record
from consumers.runtime.records import pack_outputs as pack
from consumers.runtime.rendering import APOLOGY_INDEX, Rendering, Speaking, dead_letter
from consumers.turn import Conversation
from infra.kafka.publisher import Output
from schemas import topics
from schemas.envelope import read_envelope
from schemas.events.whatsapp import SendMessage
from schemas.ids import output_id
from schemas.model import EventData
from tests.unit.runtime.made import NOW, Poke, a_domain, a_record, an_envelope

PARENT = UUID("6f1e2c1a-6c1b-4d0f-9d51-0f2a4f1f3a77")
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
ANN = Speaking("ann", "en", "c1", NOW)


class Large(EventData):
    """An event as large as one likes."""

    event_type: ClassVar[str] = "probe.large.v1"

    text: str


def a_rendering(**changes: Any) -> Rendering:
    return Rendering("probe", an_envelope(PARENT), TRACE, NOW, **changes)


def an_emit(number: int = 1) -> Emit:
    return Emit("probe.events", "k", Poke(number=number))


def ids(outputs: list[Output]) -> list[UUID]:
    return [read_envelope(output.headers).id for output in outputs]


def test_ids_are_the_same_on_every_try() -> None:
    tries = []
    for _ in range(2):
        rendering = a_rendering()
        rendering.replies((Say("a"), Say("b")), ANN, None)
        rendering.rest(nothing().emit(an_emit()), "ann", None)
        tries.append(ids(rendering.outputs))
    assert tries[0] == tries[1] == [output_id("probe", PARENT, index) for index in range(3)]


def test_an_apology_has_an_id_that_no_reply_will_have() -> None:
    apology, reply = a_rendering(first_index=APOLOGY_INDEX), a_rendering()
    apology.replies((Say("sorry"),), ANN, None)
    reply.replies((Say("done"),), ANN, None)
    assert ids(apology.outputs) != ids(reply.outputs)


def test_two_consumers_of_one_event_make_different_ids() -> None:
    other = Rendering("other", an_envelope(PARENT), TRACE, NOW)
    mine = a_rendering()
    for rendering in (mine, other):
        rendering.rest(nothing().emit(an_emit()), "ann", None)
    assert ids(mine.outputs) != ids(other.outputs)


def test_an_output_has_everything_that_an_event_has() -> None:
    rendering = a_rendering()
    rendering.event("probe.events", "k", Poke(number=4), subject="s", origin="wallet")
    (output,) = rendering.outputs
    envelope = read_envelope(output.headers)
    assert envelope == replace(
        an_envelope(envelope.id),
        source="/consumers/probe",
        subject="s",
        time=NOW,
        correlation_id=str(PARENT),
        causation_id=str(PARENT),
        traceparent=TRACE,
        origin="wallet",
    )
    assert dict(output.headers)["content-type"] == b"application/json"
    assert dict(output.headers)["ce_specversion"] == b"1.0"
    assert (output.topic, output.key, output.value) == ("probe.events", b"k", b'{"number":4}')


def test_the_chain_keeps_its_first_event() -> None:
    rendering = Rendering("probe", an_envelope(PARENT, correlation_id="first"), TRACE, NOW)
    rendering.rest(nothing().emit(an_emit()), "ann", None)
    assert read_envelope(rendering.outputs[0].headers).correlation_id == "first"


def test_outputs_are_stored_as_they_are() -> None:
    outputs = [
        Output("t", None, None, []),
        Output("u", b"\xff", b"\x00", [("a", b"\xfe"), ("a", b"")]),
    ]
    assert unpack_outputs(pack(outputs)) == outputs
    assert pack([]) is None
    assert unpack_outputs(None) == []


@pytest.mark.parametrize("over", [0, 1])
def test_what_is_too_large_is_refused_before_it_is_committed(over: int) -> None:
    rendering = a_rendering()
    room = topics.RECORD_BYTES_LIMIT - 64 * 1024
    rendering.event("t", "k", Large(text=""))
    taken = len(rendering.outputs[0].value or b"") + sum(
        len(n) + len(v) for n, v in rendering.outputs[0].headers
    )
    large = Large(text="x" * (room - taken + over))
    timer = Schedule("name", NOW, large, "k")
    if over:
        with pytest.raises(Reject):
            rendering.event("t", "k", large)
        with pytest.raises(Reject):
            rendering.timer(timer)
    else:
        rendering.event("t", "k", large)
        rendering.timer(timer)


def test_a_header_that_is_too_large_is_refused_too() -> None:
    rendering = Rendering("probe", an_envelope(correlation_id="x" * topics.RECORD_BYTES_LIMIT), TRACE, NOW)
    with pytest.raises(Reject):
        rendering.event("t", "k", Poke())


def test_a_timer_is_a_record_of_the_time_it_is_due() -> None:
    due = NOW + timedelta(days=40)
    waits = a_rendering().timer(Schedule("name", due, Poke(number=2), "k"))
    value, headers = unpack_record(waits.record)
    envelope = read_envelope(headers)
    assert (waits.topic, waits.key, value) == ("intents.probe", b"k", b'{"number":2}')
    assert (envelope.time, envelope.id) == (due, waits.event_id)


def test_a_dead_letter_is_the_record_byte_for_byte() -> None:
    headers = [("ce_type", b"\xff\xfe"), ("twice", b"1"), ("twice", b"2"), ("kafka_dlt-old", b"x")]
    record = a_record(b"\x00key", value=None, headers=headers, offset=9, timestamp=77)
    read(record, NOW)
    letter = dead_letter("probe", record, Outcome.DEAD, "no event", tries=1, due=None)
    assert (letter.topic, letter.key, letter.value) == (topics.DEAD_LETTERS, b"\x00key", None)
    assert letter.headers[:3] == headers[:3]
    assert dict(letter.headers[3:]) == {
        "kafka_dlt-original-topic": b"intents.probe",
        "kafka_dlt-original-partition": b"0",
        "kafka_dlt-original-offset": b"9",
        "kafka_dlt-original-timestamp": b"77",
        "kafka_dlt-original-consumer-group": b"probe",
        "kafka_dlt-exception-fqcn": b"malformed",
        "kafka_dlt-exception-message": b"no event",
        "kafka_dlt-exception-stacktrace": b"",
        "easymo_dead_id": dict(letter.headers)["easymo_dead_id"],
        "easymo_event_id": str(record.event.id).encode(),
        "easymo_outcome": b"dead",
        "easymo_tries": b"1",
    }


@pytest.mark.parametrize("message", ["x" * 100_000, "\udcff lone", "\x00"])
def test_a_dead_letter_bears_any_message(message: str) -> None:
    record = a_record()
    read(record, NOW)
    letter = dead_letter("probe", record, Outcome.DEAD, ValueError(message), tries=1, due=NOW)
    assert len(dict(letter.headers)["kafka_dlt-exception-message"]) <= 2048
    assert len(dict(letter.headers)["kafka_dlt-exception-stacktrace"]) <= 16 * 1024


def test_a_long_list_is_remembered_by_the_conversation() -> None:
    conversation = Conversation("ann")
    rows = tuple(Row(f"probe:pick:{n}", f"Row {n}") for n in range(30))
    rendering = a_rendering()
    assert rendering.replies((Menu("Choose", "Show", rows),), ANN, conversation)
    message = SendMessage.read(rendering.outputs[0].value)
    assert message.content.kind == "list"
    assert len(message.content.sections[0].rows) == 10
    assert len(conversation.data["_list"]["sections"][0]["rows"]) == 30


class Noted:
    """Stands where the runtime's tables would be."""

    def __init__(self) -> None:
        self.saved: list[Conversation] = []
        self.timers: dict[str, bool] = {}

    async def find_locales(self, persons: set[str]) -> dict[str, str]:
        return {"bob": "fr"} if "bob" in persons else {}

    def save_conversation(self, conversation: Conversation) -> None:
        self.saved.append(conversation)

    def add_timer(self, name: str, *_: object) -> None:
        self.timers[name] = True

    def cancel_timer(self, name: str) -> None:
        self.timers[name] = False


async def take_over(decision: Decision) -> tuple[Noted, list[Output]]:
    noted, record, rendering = Noted(), a_record(), a_rendering()
    read(record, NOW)
    consequences = Consequences(a_domain(), noted)  # type: ignore[arg-type]
    verdict = consequences.take_over(record, decision, Conversation("ann"), rendering)
    await consequences.write()
    return noted, verdict.outputs


async def test_a_timer_set_in_the_same_decision_outlives_the_cancelling_of_its_name() -> None:
    timer = Schedule("name", NOW, Poke(), "k")
    for decision in (nothing().schedule(timer).cancel("name"), nothing().cancel("name").schedule(timer)):
        noted, _ = await take_over(decision)
        assert noted.timers == {"name": True}


async def test_others_are_told_in_their_own_language() -> None:
    _, outputs = await take_over(nothing().tell("bob", Say("hi")).tell("eve", Say("hi")))
    told = [SendMessage.read(output.value) for output in outputs]
    assert [message.person for message in told] == ["bob", "eve"]


async def test_a_word_for_others_that_cannot_be_rendered_fails_its_own_event() -> None:
    noted, record = Noted(), a_record()
    read(record, NOW)
    consequences = Consequences(a_domain(), noted)  # type: ignore[arg-type]
    decision = nothing().tell("bob", Say("x" * topics.RECORD_BYTES_LIMIT))
    consequences.take_over(record, decision, Conversation("ann"), a_rendering())
    with pytest.raises(RunAgain):
        await consequences.write()
    assert isinstance(record.failure, Reject)


def test_replies_go_to_where_the_person_was_last_heard() -> None:
    record = a_record()
    read(record, NOW)
    known = Conversation("ann", locale="rw", contact="c9", heard_at=NOW)
    assert speaking_to(record, known) == Speaking("ann", "rw", "c9", NOW)
    assert speaking_to(record, known, "sw").locale == "sw"

"""Records that are no events, or not ours: set aside byte for byte, and the partition goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from aiokafka import AIOKafkaProducer

from consumers.domain import Context, Decision, Domain, Reject, nothing
from consumers.runtime.service import Service
from infra.kafka.connection import producer_options
from infra.kafka.partition import partition_of
from infra.kafka.publisher import Output
from schemas import topics
from schemas.envelope import ATTEMPT, LATER_ID, NOT_UTF8, ORIGIN
from tests.integration.runtime.bench import Bench, Effects, Poke, event, poke
from tests.integration.runtime.topics_made import PARTITIONS
from tests.raw_headers import Name, publish_raw

Serve = Callable[..., Awaitable[Service]]


def heeding(**options: object) -> Domain:
    domain = Domain("probe", **options)  # type: ignore[arg-type]

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
        effects.add(context.person, poke.number)
        if poke.what == "reject":
            raise Reject("bad \x00 \udcff character" if poke.number == 66 else "as asked")
        return nothing()

    return domain


def with_headers(output: Output, **changes: bytes | None) -> Output:
    """The record with other headers; None takes one away."""
    headers = [(n, v) for n, v in output.headers if n not in changes]
    return output._replace(headers=headers + [(n, v) for n, v in changes.items() if v is not None])


async def test_whatever_is_no_event_is_set_aside_complete(bench: Bench, serve: Serve) -> None:
    good = poke("a", 1)
    topic = good.topic
    bad = [
        Output(topic, b"a", None, []),
        Output(topic, None, None, []),
        Output(topic, b"", b"", [("x", b"")]),
        Output(topic, b"\x00\xff", b"\xff\x00", [("ce_id", b"\xfe"), ("ce_id", b"\xfd"), ("x", b"\x00")]),
        poke("a", 1)._replace(value=None),
        poke("a", 1)._replace(value=b"[" * 100_000),
        poke("a", 1)._replace(value=b'{"number": "many"}'),
        with_headers(poke("a", 1), ce_type=b"probe.poke.v2"),
        with_headers(poke("a", 1), ce_type=b"nobody.knows.v1"),
        with_headers(good, ce_type=None),
        with_headers(good, ce_id=b"no uuid"),
        with_headers(good, ce_time=b"yesterday"),
        with_headers(good, **{ATTEMPT: b"99999999999999999999"}),
        with_headers(good, **{LATER_ID: b"99999999999999999999"}),
        poke("a", 2, time=datetime.now(UTC) - timedelta(days=30)),
        poke("a", 3, time=datetime.now(UTC) + timedelta(days=3)),
    ]
    bad = [b._replace(headers=[*b.headers, ("place", str(n).encode())]) for n, b in enumerate(bad)]
    await bench.publish([record for each in bad for record in (each, poke("a", 7), poke("\x00", 8))])
    await serve(heeding(), "dead_letters")
    await bench.outcome_becomes("dead", len(bad))
    assert sorted(await bench.effects_become(2 * len(bad))) == [7] * len(bad) + [8] * len(bad)
    letters = {dict(letter.headers)["place"]: letter for letter in await bench.records(topics.DEAD_LETTERS)}
    assert len(letters) == len(bad)
    for place, record in enumerate(bad):
        letter = letters[str(place).encode()]
        assert (letter.key, letter.value) == (record.key, record.value)
        assert list(letter.headers[: len(record.headers)]) == record.headers
        told = dict(letter.headers)
        assert told["kafka_dlt-original-topic"] == topic.encode()
        assert told["kafka_dlt-original-consumer-group"] == b"probe"
        assert told["easymo_outcome"] == b"dead"
        assert told["kafka_dlt-exception-message"]
    await bench.nothing_waits()


async def test_a_null_header_is_kept(bench: Bench, serve: Serve) -> None:
    record = poke("a", 1, what="reject")
    headers = [*record.headers, ("null", None)]
    await bench.publish([record._replace(headers=headers)])  # type: ignore[arg-type]
    await serve(heeding())
    await bench.outcome_becomes("dead")
    (letter,) = await bench.records(topics.DEAD_LETTERS)
    assert list(letter.headers[: len(headers)]) == headers


async def test_a_header_whose_name_is_no_text_stops_no_partition(bench: Bench, serve: Serve) -> None:
    """aiokafka's own reader would meet this record for ever."""
    pokes = [poke("a", number) for number in range(6)]
    records = [(p.key, p.value, p.headers) for p in pokes]
    key, value, headers = records[3]
    records[3] = (key, value, [*headers, (Name(b"\xff\xfe"), b"1")])
    producer = AIOKafkaProducer(**producer_options(bench.settings), acks="all")
    await producer.start()
    try:
        topic = bench.settings.kafka_topic_prefix + pokes[0].topic
        await publish_raw(producer, topic, partition_of(key or b"", PARTITIONS), records)
    finally:
        await producer.stop()
    await serve(heeding())
    await bench.outcome_becomes("dead")
    assert await bench.effects_become(5) == [0, 1, 2, 4, 5]
    (letter,) = await bench.records(topics.DEAD_LETTERS)
    assert letter.value == value
    told = dict(letter.headers)
    assert (told[r"\xff\xfe"], told[NOT_UTF8]) == (b"1", b"\xff\xfe")
    assert b"not UTF-8" in told["kafka_dlt-exception-message"]


async def test_an_exception_may_say_anything(bench: Bench, serve: Serve) -> None:
    await bench.publish([poke("a", 66, what="reject"), poke("a", 2)])
    await serve(heeding())
    await bench.outcome_becomes("dead")
    assert await bench.effects_become(1) == [2]


async def test_what_is_for_others_on_a_shared_topic_is_skipped(bench: Bench, serve: Serve) -> None:
    shared = topics.events("probe")
    await bench.publish(
        [
            Output(shared, b"a", None, []),
            with_headers(event(shared, "a", Poke(number=1)), ce_type=b"other.fact.v1"),
            with_headers(event(shared, "a", Poke(number=2)), **{ORIGIN: b"other"}),
            with_headers(event(shared, "a", Poke(number=3)), **{ORIGIN: b"\xff\xfe"}),
            with_headers(event(shared, "a", Poke(number=4)), **{ORIGIN: b"probe"}),
            event(shared, "a", Poke(number=5)),
        ]
    )
    service = await serve(heeding(topics=[shared]))
    assert await bench.effects_become(2) == [4, 5]
    assert await bench.outcomes() == {"processed": 2}
    assert service.health()[0]


async def test_a_record_of_three_megabytes_is_an_event_like_others(bench: Bench, serve: Serve) -> None:
    large = "x" * 3_000_000
    await bench.publish([poke("a", 1), poke("a", 2, what=large), poke("a", 3)])
    await serve(heeding())
    assert await bench.effects_become(3) == [1, 2, 3]


async def test_what_is_large_dies_complete(bench: Bench, serve: Serve) -> None:
    record = poke("a", 1, what="x" * 4_000_000)
    await bench.publish([record._replace(value=(record.value or b"") + b"}"), poke("a", 2)])
    await serve(heeding())
    await bench.outcome_becomes("dead")
    assert await bench.effects_become(1) == [2]
    (letter,) = await bench.records(topics.DEAD_LETTERS)
    assert letter.value == (record.value or b"") + b"}"

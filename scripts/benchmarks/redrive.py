"""Dead letters handled once more: from the first redriven to the last handled, beside plain inserts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter, time
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import ormsgpack

from consumers.dead_letters import acts, collector
from consumers.dead_letters.finding import BIGINT_MAX, Choice
from consumers.dead_letters.reading import SetAside
from consumers.dead_letters.rules import Status
from infra.kafka.publisher import Output
from infra.postgres.pool import open_pool
from infra.settings import Settings
from schemas.envelope import header
from scripts.benchmarks import effects, processes, spec
from scripts.benchmarks.effects_worker import LIMIT_SECONDS
from scripts.benchmarks.figures import Findings, by_measure
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.size import Size
from scripts.letters.batches import BATCH, in_batches

COUNT, COUNT_QUICK = 100_000, 500
KEYS = 1_000
PARTITIONS = 4
OURS, PLAIN = "redrive", "plain inserts"
LEAST = 3_000
LOOK_SECONDS = 0.25
UNITS = {"handled": "letters/s", "all resolved after": "s", "inserted": "rows/s"}

MAKE_PLAIN = (
    "CREATE TABLE bench.plain (LIKE runtime.later INCLUDING IDENTITY INCLUDING DEFAULTS INCLUDING INDEXES)"
)
ADD_PLAIN = """
INSERT INTO bench.plain (consumer, kind, topic, key, record, event_id, delivery, holds, reason, due)
SELECT 'bench', 'deferred', 'redelivery.bench', u.key, u.record, u.event_id, 1, false, 'redriven', now()
FROM unnest($1::bytea[], $2::bytea[], $3::uuid[]) AS u (key, record, event_id)"""
COUNT_LETTERS = "SELECT count(*) FROM dead_letters.letter WHERE status = $1"

Say = Callable[[str], None]


async def bench(ground: Ground, size: Size, say: Say) -> Findings:
    """Each round with letters of its own."""
    findings = Findings("redrive")
    count = COUNT_QUICK if size.quick else COUNT
    rounds = []
    for number in range(size.rounds):
        say(f"round {number + 1}/{size.rounds}: {count:,} letters")
        rounds.append(await _trial(ground, count, say))
    for measure, values in by_measure([found for found, _ in rounds]).items():
        findings.add(OURS, measure, UNITS[measure], values)
    findings.add(PLAIN, "inserted", UNITS["inserted"], [plain for _, plain in rounds])
    findings.at_least(
        "letters/s, from the first redriven to the last handled", LEAST, findings.middle(OURS, "handled")
    )
    findings.notes.append(
        f"{count:,} dead letters of {KEYS:,} keys; handled by one member, each with one row as its effect; "
        f"{BATCH:,} to a statement, with plain inserts too"
    )
    return findings


async def _trial(ground: Ground, count: int, say: Say) -> tuple[dict[str, float], float]:
    """What was measured, and plain rows a second. Raises AssertionError when a letter had not one effect."""
    async with effects.trial(ground, PARTITIONS) as settings:
        letters = [_letter(output) for output in effects.shuffled(KEYS, range(count))]
        plain = await _insert_plainly(settings, letters)
        async with await open_pool(settings, effects.LATER, size=1) as pool:
            for start in range(0, count, BATCH):
                await collector.collect(pool, letters[start : start + BATCH])
            say("redriving")
            found = await _redrive(ground, settings, pool, count)
        had, different = await effects.count(settings)
        assert had == different == count + 1, f"{had} effects, {different} different"  # one to warm up
    return found, plain


async def _redrive(
    ground: Ground, settings: Settings, pool: asyncpg.Pool[Any], count: int
) -> dict[str, float]:
    result = ground.folder / "redrive.json"
    file = spec.write(ground.folder / "redrive-spec.json", {"result": str(result), "count": count + 1})
    plan = processes.module("effects_worker", settings, file)
    publishing = processes.consuming(effects.LATER, (effects.LATER,), settings)
    async with processes.service(publishing, ground.folder):
        handling = asyncio.create_task(processes.work(plan, ground.folder, result, LIMIT_SECONDS))
        try:
            await effects.warm_up(settings)
            began = time()
            outcome = await in_batches(pool, Choice(statuses=(Status.DEAD,)), _act, last=BIGINT_MAX)
            inserted_at = time()
            assert outcome.done == count, f"{outcome.done} of {count} were redriven: {outcome.refused}"
            handled = await handling
        finally:
            handling.cancel()
        async with asyncio.timeout(LIMIT_SECONDS):
            while await pool.fetchval(COUNT_LETTERS, Status.RESOLVED) < count:  # noqa: ASYNC110 - elsewhere
                await asyncio.sleep(LOOK_SECONDS)
        resolved_at = time()
    return {
        "handled": count / (handled["ended_at"] - began),
        "inserted": count / (inserted_at - began),
        "all resolved after": resolved_at - began,
    }


async def _act(connection: Any, ids: Sequence[int]) -> acts.Done:
    return await acts.redrive(connection, ids, "bench", {effects.DOMAIN: False})


async def _insert_plainly(settings: Settings, letters: Sequence[SetAside]) -> float:
    """Rows a second, into a table like that of what waits, and as many to a statement."""
    connection = await asyncpg.connect(settings.need("postgres_dsn"))
    try:
        await connection.execute(MAKE_PLAIN)
        began = perf_counter()
        for start in range(0, len(letters), BATCH):
            some = letters[start : start + BATCH]
            columns = (
                [each.key for each in some],
                [each.record for each in some],
                [each.event_id for each in some],
            )
            await connection.execute(ADD_PLAIN, *columns)
        return len(letters) / (perf_counter() - began)
    finally:
        await connection.close()


def _letter(output: Output) -> SetAside:
    """As if the domain had refused this event."""
    now = datetime.now(UTC)
    identity = UUID((header(output.headers, "ce_id") or b"").decode())
    return SetAside(
        consumer=effects.DOMAIN,
        event_id=identity,
        attempt_id=uuid4(),
        status=Status.DEAD,
        topic=output.topic,
        partition=0,
        offset=0,
        written_at=now,
        key=output.key,
        record=ormsgpack.packb((output.value, output.headers)),
        is_event=True,
        ce_type=effects.Note.event_type,
        contact=(output.key or b"").decode(),
        trace_id="",
        reason="Reject: as asked",
        error_type="consumers.decision.Reject",
        message="as asked",
        stack="",
        delivery=0,
        attempts=1,
        due=None,
        at=now,
    )

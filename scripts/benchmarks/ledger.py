"""Transfers a second: from topic to topic, by the ledger alone, and beside what others do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import asyncpg

from consumers.wallet.verifying.checking import verify
from infra.kafka.publisher import Output
from infra.settings import Settings
from schemas import topics
from schemas.events.wallet import Transfer
from scripts.benchmarks import ledger_plain, processes, records
from scripts.benchmarks.figures import Findings, by_measure
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.ledger_ground import CHUNK, DOMAIN, WORKERS, carry_out, chunks, transfers, trial
from scripts.benchmarks.size import Size
from scripts.consume import relax_garbage_collection

ACCOUNTS, ACCOUNTS_QUICK = (2, 10, 50, 5_000, 10_000, 100_000), (10, 50)
TOPICS, ALONE, BULK, FUNCTIONS = "topic to topic", "ledger alone", "bulk writes alone", "SQL functions"
VERIFY = "verify"
A_SECOND = {TOPICS: 8_000, ALONE: 15_000, BULK: 15_000, FUNCTIONS: 1_000}  # what makes a second of measuring
WARM_UP = 2_000
MANY = 5_000
A_MILLION, PORTION = 1_000_000, 50_000  # entries, two a transfer; transfers at a time
KEYS = 1_000  # who asks; hot are the accounts. Of one key the runtime takes up to 50 commands at once
LOOK_SECONDS = 0.5  # counting what was decided costs the database, too
LIMIT_SECONDS = 120.0
FLAT = 2.0  # the fastest number of accounts is at most so many times as fast as the slowest

Say = Callable[[str], None]


async def bench(ground: Ground, size: Size, say: Say) -> Findings:
    """Each number of accounts in turn; the way through the topics has a database of its own."""
    relax_garbage_collection()  # as `easymo consume` does
    findings = Findings("ledger")
    numbers = ACCOUNTS_QUICK if size.quick else ACCOUNTS
    rounds: dict[int, list[dict[str, float]]] = {number: [] for number in numbers}
    for turn in range(size.rounds):
        for number in numbers:
            say(f"round {turn + 1}/{size.rounds}: {number:,} accounts")
            rounds[number].append(await _round(ground, number, size))
    for number, found in rounds.items():
        for measure, values in by_measure(found).items():
            unit = "entries/s" if measure == VERIFY else "transfers/s"
            findings.add(_name(number), measure, unit, values)
    if not size.quick:
        findings.add("a million entries", VERIFY, "s", [await _verify_a_million(ground, say)])
        _judge(findings)
    findings.notes.append(
        f"chunks of {CHUNK}, {WORKERS} at once; SQL functions: a transaction each on "
        f"{ledger_plain.CONNECTIONS} connections; bulk writes: the ledger's rows, nothing read or decided"
    )
    return findings


def _judge(findings: Findings) -> None:
    through = [findings.middle(_name(number), TOPICS) for number in ACCOUNTS]
    findings.at_least("transfers/s, topic to topic, any number of accounts", 8_000, min(through))
    findings.at_most("fastest by slowest number of accounts", FLAT, max(through) / min(through))
    findings.at_least(f"transfers/s alone, {MANY:,} accounts", 15_000, findings.middle(_name(MANY), ALONE))
    findings.at_least("transfers/s alone, two accounts", 20_000, findings.middle(_name(2), ALONE))
    findings.at_most("a million entries verified, s", 10, findings.middle("a million entries", VERIFY))


def _name(accounts: int) -> str:
    return f"{accounts:,} accounts"


async def _round(ground: Ground, accounts: int, size: Size) -> dict[str, float]:
    count = {name: int(each * size.seconds) for name, each in A_SECOND.items()}
    found = {TOPICS: await _through_topics(ground, accounts, count[TOPICS])}
    async with trial(ground, accounts) as (settings, pool):
        found[ALONE] = await _alone(pool, transfers(accounts, count[ALONE]))
        found[VERIFY] = await _verify(settings)
        found[BULK] = await ledger_plain.by_bulk_writes(pool, transfers(accounts, count[BULK]))
        dsn = settings.need("postgres_dsn")
        found[FUNCTIONS] = await ledger_plain.by_functions(dsn, transfers(accounts, count[FUNCTIONS]))
    return found


async def _through_topics(ground: Ground, accounts: int, count: int) -> float:
    """From the first answer to the last, by the records' timestamps; the consumer has its own process."""
    async with trial(ground, accounts) as (settings, _):
        wanted = transfers(accounts, WARM_UP + count)
        await records.publish(settings, [_command(*each) for each in enumerate(wanted[:WARM_UP])])
        connection = await asyncpg.connect(settings.need("postgres_dsn"))
        try:
            plan = processes.consuming(DOMAIN, (DOMAIN,), settings)
            before = await _decided(connection)
            async with processes.service(plan, ground.folder):
                await _until(connection, before + WARM_UP)
                await records.publish(settings, [_command(*each) for each in enumerate(wanted[WARM_UP:])])
                await _until(connection, before + len(wanted))
        finally:
            await connection.close()
        told = (await records.written_at(settings, [topics.WALLET_EVENTS]))[WARM_UP:]
        assert len(told) == count, f"{len(told)} answers to {count} commands"
        return count / max(0.001, (told[-1] - told[0]) / 1000)


async def _decided(connection: asyncpg.Connection[Any]) -> int:
    return int(await connection.fetchval("SELECT count(*) FROM wallet.commands"))


async def _until(connection: asyncpg.Connection[Any], count: int) -> None:
    async with asyncio.timeout(LIMIT_SECONDS):
        while await _decided(connection) < count:  # noqa: ASYNC110 - another process decides
            await asyncio.sleep(LOOK_SECONDS)


async def _alone(pool: asyncpg.Pool[Any], wanted: Sequence[Transfer]) -> float:
    left = iter(list(chunks(wanted, CHUNK)))

    async def work() -> None:
        for some in left:
            await carry_out(pool, some)

    began = perf_counter()
    await asyncio.gather(*(work() for _ in range(WORKERS)))
    return len(wanted) / (perf_counter() - began)


async def _verify(settings: Settings) -> float:
    report = await verify(settings.need("postgres_dsn"))
    assert report.sound, report.problems[:3]
    return report.entries / report.seconds


async def _verify_a_million(ground: Ground, say: Say) -> float:
    """How many seconds that takes; the entries are carried out as all are."""
    async with trial(ground, MANY) as (settings, pool):
        for done in range(0, A_MILLION, 2 * PORTION):
            say(f"to verify: {done:,} of {A_MILLION:,} entries")
            await _alone(pool, transfers(MANY, PORTION))
        report = await verify(settings.need("postgres_dsn"))
    assert report.sound, report.problems[:3]
    assert report.entries >= A_MILLION, f"{report.entries} entries"
    return report.seconds


def _command(number: int, command: Transfer) -> Output:
    return records.event(topics.WALLET_COMMANDS, f"asker-{number % KEYS}", command, source="/consumers/bench")

"""A bench runs to its end in `--quick`, tells of its progress and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import asyncpg

from scripts.benchmarks.figures import Findings
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.size import QUICK, Size

Bench = Callable[[Ground, Size, Callable[[str], None]], Awaitable[Findings]]


async def run(bench: Bench, ground: Ground) -> Findings:
    said: list[str] = []
    findings = await bench(ground, QUICK, said.append)
    assert said, "progress is told"
    connection = await asyncpg.connect(ground.settings.need("postgres_dsn"))
    try:
        left = await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname LIKE 'bench_%'")
    finally:
        await connection.close()
    assert left == 0
    return findings

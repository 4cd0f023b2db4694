"""A domain's role reads and writes its own schema and its own rows of the runtime's tables, nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import pytest

from infra.postgres.migrations import migrate
from infra.postgres.pool import open_pool
from tests.integration.runtime.bench import Bench

Pool: TypeAlias = "asyncpg.Pool[Any]"

ADD_ROWS = """
SELECT runtime.make_days(current_date, current_date);
INSERT INTO runtime.processed (day, consumer, event_id, delivery, outcome)
    SELECT current_date, c, gen_random_uuid(), 0, 'processed' FROM unnest(ARRAY['probe', 'rival']) AS c;
INSERT INTO runtime.later (consumer, kind, topic, key, record, event_id, delivery, holds, reason, due)
    SELECT c, 'deferred', 't', 'k', '', gen_random_uuid(), 1, false, '', now()
    FROM unnest(ARRAY['probe', 'rival']) AS c;
INSERT INTO runtime.claim SELECT c, gen_random_uuid(), 'k', gen_random_uuid(), now(), now()
    FROM unnest(ARRAY['probe', 'rival']) AS c;
INSERT INTO runtime.conversation (consumer, person) SELECT c, 'ann' FROM unnest(ARRAY['probe', 'rival']) AS c;
INSERT INTO rival.secret VALUES (1);
INSERT INTO probe.effect (person, number) VALUES ('ann', 1);
"""
TABLES = ("processed", "later", "claim", "conversation")


@pytest.fixture
async def pools(bench: Bench, tmp_path: Path) -> AsyncIterator[dict[str, Pool]]:
    """The pools of two domains and of the publisher, and rows of both domains."""
    folder = tmp_path / "rival" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_initial.sql").write_text("CREATE TABLE secret (number integer);")
    await migrate(bench.settings.need("postgres_dsn"), [tmp_path / "rival"])
    await bench.database.execute(ADD_ROWS)
    names = ("probe", "rival", "dead_letters")
    opened = {name: await open_pool(bench.settings, name, size=1) for name in names}
    yield opened
    for pool in opened.values():
        await pool.close()


@pytest.mark.parametrize("table", TABLES)
async def test_a_domain_sees_its_own_rows_alone(pools: dict[str, Pool], table: str) -> None:
    for name in ("probe", "rival"):
        rows = await pools[name].fetch(f"SELECT consumer FROM runtime.{table}")  # noqa: S608 - a constant
        assert [row["consumer"] for row in rows] == [name]


@pytest.mark.parametrize("table", TABLES)
async def test_a_domain_changes_its_own_rows_alone(bench: Bench, pools: dict[str, Pool], table: str) -> None:
    await pools["probe"].execute(f"DELETE FROM runtime.{table}")  # noqa: S608 - a constant
    rows = await bench.database.fetch(f"SELECT consumer FROM runtime.{table}")  # noqa: S608 - a constant
    assert [row["consumer"] for row in rows] == ["rival"]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pools["rival"].execute(f"UPDATE runtime.{table} SET consumer = 'probe'")  # noqa: S608 - a constant


async def test_a_domain_adds_no_rows_for_another(pools: dict[str, Pool]) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pools["probe"].execute(
            "INSERT INTO runtime.conversation (consumer, person) VALUES ('rival', 'b')"
        )


async def test_a_domain_reaches_no_other_schema(pools: dict[str, Pool]) -> None:
    assert await pools["rival"].fetchval("SELECT number FROM rival.secret") == 1
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pools["probe"].fetch("SELECT * FROM rival.secret")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pools["rival"].execute("INSERT INTO probe.effect (person, number) VALUES ('x', 1)")


async def test_a_day_is_reached_only_by_way_of_its_table(pools: dict[str, Pool]) -> None:
    """The partitions have no policy of their own, so nobody but their owner may name them."""
    day = datetime.now(UTC).date().strftime("%Y%m%d")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pools["probe"].fetch(f"SELECT * FROM runtime.processed_{day}")  # noqa: S608 - a date


async def test_a_domain_changes_no_table(pools: dict[str, Pool]) -> None:
    for statement in (
        "ALTER TABLE runtime.later DISABLE ROW LEVEL SECURITY",
        "DROP TABLE runtime.claim",
        "CREATE TABLE runtime.mine (number integer)",
        "TRUNCATE runtime.conversation",
        "TRUNCATE effect",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pools["probe"].execute(statement)


async def test_dead_letters_see_what_waits_for_all_and_take_no_claims_of_calls_under_way(
    bench: Bench, pools: dict[str, Pool]
) -> None:
    publisher = pools["dead_letters"]
    await bench.database.execute("UPDATE runtime.claim SET lease_until = now() + interval '1 hour'")
    assert await publisher.fetchval("SELECT count(*) FROM runtime.later") == 2
    assert await publisher.fetchval("SELECT count(*) FROM runtime.claim") == 2
    assert await publisher.execute("DELETE FROM runtime.claim") == "DELETE 0"
    assert await publisher.fetchval("SELECT count(*) FROM runtime.processed") == 2
    for statement in ("DELETE FROM runtime.processed", "UPDATE runtime.processed SET outcome = 'dead'"):
        assert (await publisher.execute(statement)).endswith(" 0")
    assert await publisher.fetchval("SELECT count(*) FROM runtime.conversation") == 0


async def test_days_that_may_be_asked_for_are_not_dropped(pools: dict[str, Pool]) -> None:
    with pytest.raises(asyncpg.RaiseError):
        await pools["probe"].execute("SELECT runtime.drop_days(current_date - 8)")
    assert await pools["probe"].fetchval("SELECT runtime.make_days(current_date - 20, current_date)") == 20
    assert await pools["probe"].fetchval("SELECT runtime.drop_days(current_date - 9)") == 11

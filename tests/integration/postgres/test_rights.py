"""A database user that is no superuser: what it may migrate, and as whom it may consume."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

import consumers
from infra.embedded.stack import EmbeddedStack
from infra.postgres.migrations import migrate
from infra.postgres.pool import open_pool
from infra.settings import Settings
from scripts.mistakes import explain

RUNTIME = Path(consumers.__file__).parent / "runtime"


@pytest.fixture
async def domain(tmp_path: Path, ground: EmbeddedStack) -> AsyncIterator[Path]:
    """The folder of a domain whose role nobody has made yet."""
    folder = tmp_path / f"d{uuid.uuid4().hex[:8]}"
    (folder / "migrations").mkdir(parents=True)
    (folder / "migrations" / "0001.sql").write_text("CREATE TABLE thing (id int PRIMARY KEY)")
    yield folder
    administrator = await asyncpg.connect(ground.postgres.database_dsn("postgres"))
    await administrator.execute(f'DROP ROLE IF EXISTS "easymo_{folder.name}"')
    await administrator.close()


@pytest.fixture
async def users(domain: Path, postgres: str, settings: Settings) -> AsyncIterator[tuple[Settings, Settings]]:
    """Settings with the user that owns the database and may make roles, and with one that has no rights."""
    names = [f"owner_{domain.name}", f"guest_{domain.name}"]
    administrator = await asyncpg.connect(postgres)
    database = await administrator.fetchval("SELECT current_database()")
    await administrator.execute(
        f'CREATE ROLE "{names[0]}" LOGIN CREATEROLE; CREATE ROLE "{names[1]}" LOGIN;'
        f'ALTER DATABASE "{database}" OWNER TO "{names[0]}"'
    )
    dsns = [postgres.replace("//postgres@", f"//{name}@") for name in names]
    owner, guest = (load_as(settings, dsn) for dsn in dsns)
    yield owner, guest
    await administrator.execute(
        f'REASSIGN OWNED BY "{names[0]}" TO CURRENT_USER; DROP OWNED BY "easymo_{domain.name}";'
        f'DROP ROLE "easymo_{domain.name}"; DROP OWNED BY "{names[0]}"; DROP ROLE "{names[0]}", "{names[1]}"'
    )
    await administrator.close()


def load_as(settings: Settings, dsn: str) -> Settings:
    return Settings(**{**settings.model_dump(), "postgres_dsn": dsn})


async def may_consume(settings: Settings, domain: Path) -> None:
    pool = await open_pool(settings, domain.name, size=1)
    try:
        assert await pool.fetchval("SELECT current_user") == f"easymo_{domain.name}"
        assert await pool.fetch("SELECT id FROM thing") == []
    finally:
        await pool.close()


async def test_who_may_make_roles_migrates_and_consumes(
    users: tuple[Settings, Settings], domain: Path
) -> None:
    owner, _ = users
    folders = [RUNTIME, domain]
    said: list[str] = []
    dsn = owner.need("postgres_dsn")
    assert await migrate(dsn, folders, tell=said.append) > 1
    assert await migrate(dsn, folders, tell=said.append) == 0
    assert not [line for line in said if "may not act" in line]
    await may_consume(owner, domain)


async def test_who_has_not_the_role_is_told_what_to_ask_for(
    users: tuple[Settings, Settings], domain: Path
) -> None:
    owner, guest = users
    await migrate(owner.need("postgres_dsn"), [RUNTIME, domain])
    with pytest.raises(asyncpg.InsufficientPrivilegeError) as refused:
        await may_consume(guest, domain)
    assert "GRANT easymo_core, … TO" in str(explain(refused.value))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await migrate(guest.need("postgres_dsn"), [RUNTIME, domain])

    connection = await asyncpg.connect(owner.need("postgres_dsn"))
    user = urlsplit(guest.need("postgres_dsn")).username
    await connection.execute(f'GRANT "easymo_{domain.name}" TO "{user}"')
    await connection.close()
    await may_consume(guest, domain)

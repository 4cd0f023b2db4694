"""Databases for tests: a copy of one that was migrated is there at once, which migrating is not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import asyncpg

from consumers.runtime.discovery import migration_folders
from infra.embedded.stack import EmbeddedStack
from infra.postgres.migrations import migrate


def folders_of(*domains: str) -> list[Path]:
    """The folders with the migrations of these domains, and of the runtime."""
    wanted = {"runtime", *domains}
    found = [folder for folder in migration_folders() if folder.name in wanted]
    assert {folder.name for folder in found} == wanted, f"not all of {wanted} have migrations"
    return found


@asynccontextmanager
async def fresh_database(stack: EmbeddedStack, folders: Sequence[Path] = ()) -> AsyncIterator[str]:
    """The DSN of a database with these migrations, and nothing in it; it is gone afterwards."""
    name = f"test_{uuid4().hex[:12]}"
    template = await _migrated(stack, folders) if folders else "template1"
    # Files are copied within milliseconds; the default writes each page to the log.
    await execute(stack, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    try:
        yield stack.postgres.database_dsn(name)
    finally:
        await execute(stack, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _migrated(stack: EmbeddedStack, folders: Sequence[Path]) -> str:
    """The database that others with these migrations are copied from; made when it is first asked for."""
    name = "template_" + sha256("\n".join(sorted(map(str, folders))).encode()).hexdigest()[:12]
    found = await execute(stack, f"SELECT 1 FROM pg_database WHERE datname = '{name}'")  # noqa: S608 - ours
    if found == "SELECT 1":
        return name
    await execute(stack, f'CREATE DATABASE "{name}"')
    try:
        await migrate(stack.postgres.database_dsn(name), folders)
    except BaseException:
        await execute(stack, f'DROP DATABASE "{name}" WITH (FORCE)')
        raise
    return name


async def execute(stack: EmbeddedStack, statement: str) -> str:
    """Carry out a statement as whoever owns the server; how it ended, such as `SELECT 1`."""
    owner = await asyncpg.connect(stack.postgres.database_dsn("postgres"))
    try:
        return await owner.execute(statement)
    finally:
        await owner.close()

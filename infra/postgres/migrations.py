"""Migrations: plain SQL files, a folder a schema, applied once each, in order, by whoever comes first.

Each schema belongs to the folder of its name: ``consumers/mobility/migrations/*.sql`` fills the schema
`mobility`. A domain's role (`easymo_mobility`) may use its own schema and its own rows of the runtime's
tables, and nothing else. Files whose name ends in `_post.sql` are for after a deployment: they are left out
unless asked for, so that the old code goes on running meanwhile.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

LOCK = 7_045_102  # any number that nobody else uses for an advisory lock
RUNTIME = "runtime"
# From here on whoever creates a role may grant it, to themselves too, but does not have it by that.
FIRST_WITH_SET_OPTION = 16

# Tables to which rows are only ever added have the runtime's trigger for that.
FIND_APPEND_ONLY = """
SELECT DISTINCT tgrelid::regclass::text AS name FROM pg_trigger
JOIN pg_class ON pg_class.oid = tgrelid
WHERE relnamespace = to_regnamespace($1) AND tgfoid = to_regproc('runtime.refuse_change')"""


class MigrationError(Exception):
    """A migration cannot be applied; the message says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    schema: str
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the file, to notice that an applied one was edited."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def find_migrations(folders: Sequence[Path], *, post: bool) -> list[Migration]:
    """The migrations of the given folders (each `<schema>/migrations`), the runtime's first."""
    ordered = sorted(folders, key=lambda folder: (folder.name != RUNTIME, folder.name))
    return [
        Migration(folder.name, path.name, path.read_text(encoding="utf-8"))
        for folder in ordered
        for path in sorted((folder / "migrations").glob("*.sql"))
        if post or not path.stem.endswith("_post")
    ]


async def migrate(
    dsn: str,
    folders: Sequence[Path],
    *,
    post: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> int:
    """Apply what is missing; returns how many were applied. Raises MigrationError."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock($1::bigint)", LOCK)
        await connection.execute(
            """CREATE SCHEMA IF NOT EXISTS easymo;
            CREATE TABLE IF NOT EXISTS easymo.migration (
                schema text, name text, checksum text NOT NULL, applied_at timestamptz DEFAULT now(),
                PRIMARY KEY (schema, name))"""
        )
        rows = await connection.fetch("SELECT schema, name, checksum FROM easymo.migration")
        applied = {(row["schema"], row["name"]): row["checksum"] for row in rows}
        count = 0
        for migration in find_migrations(folders, post=post):
            known = applied.get((migration.schema, migration.name))
            if known is None:
                await _apply(connection, migration)
                tell(f"applied {migration.schema}/{migration.name}")
                count += 1
            elif known != migration.checksum:
                raise MigrationError(
                    f"{migration.schema}/{migration.name} was edited after it had been applied. "
                    "Undo the edit, and write the change as a new file."
                )
        for folder in folders:
            await _grant(connection, folder.name)
            await _join(connection, folder.name, tell)
        return count
    finally:
        await connection.close()


async def _apply(connection: asyncpg.Connection[asyncpg.Record], migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{migration.schema}"')
            await connection.execute(f'SET LOCAL search_path = "{migration.schema}"')
            await connection.execute(migration.sql)
            await connection.execute(
                "INSERT INTO easymo.migration (schema, name, checksum) VALUES ($1, $2, $3)",
                migration.schema,
                migration.name,
                migration.checksum,
            )
    except asyncpg.PostgresError as error:
        raise MigrationError(f"{migration.schema}/{migration.name}: {error}") from error


async def _grant(connection: asyncpg.Connection[asyncpg.Record], name: str) -> None:
    """The role of one domain, with the rights it needs and no others."""
    if name == RUNTIME:
        return
    role = role_of(name)
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
        # Roles belong to the cluster: another database's migration may have been quicker.
        with contextlib.suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            await connection.execute(f'CREATE ROLE "{role}" NOLOGIN')
    await connection.execute(
        f"""CREATE SCHEMA IF NOT EXISTS "{name}";
        GRANT USAGE ON SCHEMA "{name}", {RUNTIME} TO "{role}";
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{name}" TO "{role}";
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{name}" TO "{role}";
        GRANT SELECT, INSERT, UPDATE, DELETE ON {RUNTIME}.processed, {RUNTIME}.later, {RUNTIME}.claim,
            {RUNTIME}.conversation TO "{role}";
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {RUNTIME} TO "{role}" """
    )
    for row in await connection.fetch(FIND_APPEND_ONLY, name):
        await connection.execute(f'REVOKE UPDATE, DELETE ON {row["name"]} FROM "{role}"')


async def _join(
    connection: asyncpg.Connection[asyncpg.Record], name: str, tell: Callable[[str], None]
) -> None:
    """Let this user act as the domain's role, as its consumers do, unless it may already."""
    if name == RUNTIME:
        return
    role = role_of(name)
    may = "SET" if connection.get_server_version().major >= FIRST_WITH_SET_OPTION else "MEMBER"
    if await connection.fetchval("SELECT pg_has_role($1, $2)", role, may):
        return
    try:
        await connection.execute(f'GRANT "{role}" TO CURRENT_USER')
    except asyncpg.InsufficientPrivilegeError:  # somebody else made the role; others may consume
        tell(f"this user may not act as {role}: who consumes needs GRANT {role} TO …")


def role_of(domain: str) -> str:
    """The database role of a domain."""
    return f"easymo_{domain}"

"""A full disk, as the database tells of it: whatever the runtime writes is refused with 53100.

A trigger before each statement that writes to the runtime's tables raises what PostgreSQL raises when a file
cannot grow. Nothing else is different: reads go on, transactions fail at their first write. So it is what
every consumer meets, without filling anybody's disk.
"""

from __future__ import annotations

import asyncpg

TABLES = ("processed", "later", "claim", "conversation")

PREPARE = """
CREATE SCHEMA chaos;
CREATE TABLE chaos.disk (is_full boolean NOT NULL);
INSERT INTO chaos.disk VALUES (false);
CREATE FUNCTION chaos.check_disk() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = chaos AS $$
BEGIN
    IF (SELECT is_full FROM chaos.disk) THEN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
    END IF;
    RETURN NULL;
END $$;
GRANT USAGE ON SCHEMA chaos TO PUBLIC;
"""
WATCH = """
CREATE TRIGGER disk BEFORE INSERT OR UPDATE ON runtime.{} FOR EACH STATEMENT
EXECUTE FUNCTION chaos.check_disk()"""


async def prepare(dsn: str) -> None:
    """Put the triggers there; the disk is not full yet."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(PREPARE)
        for table in TABLES:
            await connection.execute(WATCH.format(table))
    finally:
        await connection.close()


async def fill(connection: asyncpg.Connection[asyncpg.Record], *, full: bool) -> None:
    """Fill the disk, or make room again. Raises what asyncpg raises."""
    await connection.execute("UPDATE chaos.disk SET is_full = $1", full)

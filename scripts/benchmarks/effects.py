"""Events that each have one effect, a row: what the benches of bad luck send, and where it is handled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

import asyncpg

from consumers.domain import Decision, Domain, Reject, Store, nothing
from consumers.runtime.discovery import migration_folders
from infra.kafka import topics as kafka_topics
from infra.kafka.publisher import Output
from infra.postgres.session import BulkWrite
from infra.settings import Settings
from schemas import topics
from schemas.model import EventData
from scripts.benchmarks import records
from scripts.benchmarks.ground import Ground

DOMAIN = "bench"
FOLDER = Path(__file__).parent / DOMAIN  # its migrations
LATER = "dead_letters"  # the domain that releases what waits
STUCK_SECONDS = 600.0
WARM = 2_000_000  # the number of the event that shows that a member is at work
WARM_SECONDS = 60.0
LOOK_SECONDS = 0.05

ADD_EFFECT = BulkWrite("INSERT INTO effect (number) SELECT * FROM unnest($1::integer[])")


class Note(EventData):
    """Asks for the effect `number`; `what` says how it is to fail, if at all."""

    event_type: ClassVar[str] = "bench.note.v1"

    number: int
    what: str = ""


class Stick(EventData):
    """Asks for a call that does not end."""

    event_type: ClassVar[str] = "bench.stick.v1"


class Effects(Store):
    """Writes effects down."""

    def add(self, number: int) -> None:
        """This number took effect."""
        self.session.write(ADD_EFFECT, number)


def noting() -> Domain:
    """The domain, as wide as one is by default."""
    domain = Domain(DOMAIN, conversational=False)

    @domain.handles(Note)
    async def note(note: Note, effects: Effects) -> Decision:
        if note.what == "reject":
            raise Reject("as asked")
        if note.what == "raise":
            raise ZeroDivisionError("as asked")
        effects.add(-1 if note.what == "refuse" else note.number)
        return nothing()

    @domain.performs(Stick, seconds=STUCK_SECONDS)
    async def stick(stick: Stick) -> Decision:
        await asyncio.Event().wait()
        return nothing()

    return domain


def event(key: str, data: EventData) -> Output:
    """A record for the domain; its id is new."""
    return records.event(topics.intents(DOMAIN), key, data)


@asynccontextmanager
async def trial(ground: Ground, partitions: int) -> AsyncIterator[Settings]:
    """A database and topics for the domain, and for the publisher of what waits."""
    folders = [folder for folder in migration_folders() if folder.name in ("runtime", LATER)]
    async with ground.trial(migrations=[*folders, FOLDER]) as settings:
        narrow = settings.model_copy(update={"kafka_partitions_at_most": partitions})
        await kafka_topics.apply(narrow, [DOMAIN, LATER])
        yield narrow


async def count(settings: Settings) -> tuple[int, int]:
    """How many effects there were, and how many different ones."""
    connection = await asyncpg.connect(settings.need("postgres_dsn"))
    try:
        row = await connection.fetchrow("SELECT count(*), count(DISTINCT number) FROM bench.effect")
    finally:
        await connection.close()
    assert row is not None, "an aggregate has a row"
    return row[0], row[1]


def shuffled(keys: int, numbers: Sequence[int], what: Callable[[int], str] = lambda _: "") -> list[Output]:
    """An event for each number, the keys in turn."""
    return [event(f"k{number % keys}", Note(number=number, what=what(number))) for number in numbers]


async def warm_up(settings: Settings) -> None:
    """One event more, of which the member is to be done: from then on it is at work. Raises TimeoutError."""
    await records.publish(settings, [event("warm", Note(number=WARM))])
    async with asyncio.timeout(WARM_SECONDS):
        while await count(settings) == (0, 0):  # noqa: ASYNC110 - another process handles it
            await asyncio.sleep(LOOK_SECONDS)

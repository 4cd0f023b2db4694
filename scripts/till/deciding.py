"""An operator's decision: published like any event, and waited for until it is in the books."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import typer

from infra.kafka.publisher import Output, Publisher
from infra.postgres.pool import open_pool
from infra.settings import Settings
from infra.telemetry.tracing import new_traceparent
from schemas.envelope import Envelope
from schemas.model import EventData

WHY_LIMIT = 200  # as in the events
DIFFERENT = 1  # exit code: something was refused, or differs
SHOWN = 50
PUBLISH_SECONDS = 15.0
HANDLED_SECONDS = 20.0
LOOK_EVERY_SECONDS = 0.1

Why = Annotated[str, typer.Option("--why", help="For the log.")]
As = Annotated[str, typer.Option("--as", help="Your name, for the log; else EASYMO_OPERATOR.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Limit = Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)]


class NotHandled(Exception):
    """The decision is on its way, and no consumer has taken it yet."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one kind of decision goes, and where what came of it is read."""

    consumer: str
    topic: str
    outcome_of: Callable[[Any, UUID], Awaitable[str | None]]

    def run(self, settings: Settings, work: Callable[[asyncpg.Pool[Any]], Awaitable[Any]]) -> Any:
        """Do something with the consumer's own tables."""

        async def with_pool() -> Any:
            async with await open_pool(settings, self.consumer, size=2) as pool:
                return await work(pool)

        return asyncio.run(with_pool())

    async def decide(self, settings: Settings, pool: asyncpg.Pool[Any], key: str, decision: EventData) -> str:
        """What came of it: `done`, or why not. Raises NotHandled, TimeoutError when Kafka is away."""
        identity = uuid4()
        envelope = Envelope(
            id=identity,
            type=decision.event_type,
            source="/operators",
            subject=key,
            time=datetime.now(UTC),
            dataschema=decision.dataschema(),
            correlation_id=str(identity),
            causation_id="",
            traceparent=new_traceparent(),
        )
        record = Output(self.topic, key.encode(), decision.write(), envelope.headers())
        publisher = Publisher(settings)
        async with asyncio.timeout(PUBLISH_SECONDS):
            await publisher.start()
            try:
                await publisher.publish([record])
            finally:
                await publisher.stop()
        return await self._outcome(pool, identity)

    async def _outcome(self, pool: asyncpg.Pool[Any], decision: UUID) -> str:
        try:
            async with asyncio.timeout(HANDLED_SECONDS):
                while True:
                    outcome = await self.outcome_of(pool, decision)
                    if outcome is not None:
                        return outcome
                    await asyncio.sleep(LOOK_EVERY_SECONDS)
        except TimeoutError:
            raise NotHandled(
                f"The decision is published, and no consumer has taken it within {HANDLED_SECONDS:.0f} s. It "
                f"takes effect when `easymo consume {self.consumer}` runs; do not decide again."
            ) from None


def operator(settings: Settings, name: str) -> str:
    """Who decides: as named, else the setting, else the user of this machine."""
    return (name or settings.operator or getpass.getuser())[:200]


def reason(why: str) -> str:
    """Why, which is wanted where money moves on a person's word alone."""
    if not why.strip():
        raise typer.BadParameter('say why, for the log: --why "…"')
    if len(why) > WHY_LIMIT:
        raise typer.BadParameter(f"{WHY_LIMIT} letters are enough for the log")
    return why


def tell(outcome: str, what: str, act: str, who: str, more: str) -> None:
    """Say what came of a decision; `more`: the command that tells why it was not done. Exits with 1 then."""
    if outcome != "done":
        typer.echo(f"Not done: {outcome}. `{more}` tells more.", err=True)
        raise typer.Exit(DIFFERENT)
    typer.echo(f"{what}: {act} is done and written down as {who}'s.")


def print_json(value: Any) -> None:
    """For programs."""
    typer.echo(orjson.dumps(value, str, orjson.OPT_INDENT_2).decode())

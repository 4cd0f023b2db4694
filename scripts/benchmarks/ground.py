"""What every bench stands on: a Kafka and a PostgreSQL, with topics and a database for each trial."""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pydantic import SecretStr

from consumers import domain_names
from consumers.runtime.discovery import migration_folders
from infra.embedded.kafka_config import partitions_at_most
from infra.embedded.progress import Progress, silent
from infra.embedded.secrets import made_up_secrets
from infra.embedded.stack import EmbeddedStack
from infra.kafka import topics as kafka_topics
from infra.kafka.connection import answering, consumer_options
from infra.postgres.migrations import migrate
from infra.settings import Settings, load_settings

REMOVED_SECONDS = 20.0
LOOK_SECONDS = 0.1


class Ground:
    """Gives trials their settings. `folder` holds logs and results; it is gone afterwards."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        """`settings` name a Kafka and a PostgreSQL whose user may create databases and roles."""
        self.settings = settings
        self.folder = folder

    @asynccontextmanager
    async def trial(self, *, migrations: Sequence[Path] | None = None) -> AsyncIterator[Settings]:
        """Settings with a fresh, migrated database and a fresh prefix for topics, all of it removed again.

        `migrations`: folders; by default those of the installation. Topics are made by `make_topics`.
        """
        name = f"bench_{uuid.uuid4().hex[:8]}"
        dsn = self.settings.need("postgres_dsn")
        await _execute(dsn, f'CREATE DATABASE "{name}"')
        settings = self.settings.model_copy(
            update={
                "kafka_topic_prefix": f"{name}.",
                "postgres_dsn": SecretStr(_with_database(dsn, name)),
            }
        )
        try:
            await migrate(settings.need("postgres_dsn"), migrations or migration_folders())
            await _execute(dsn, "CHECKPOINT")  # or one trial would pay for the one before
            yield settings
        finally:
            await self._remove_topics(f"{name}.")
            await _execute(dsn, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def make_topics(self, settings: Settings, only: dict[str, int] | None = None) -> None:
        """The topics of the catalogue, or `only` these, given with their partitions."""
        if only is None:
            await kafka_topics.apply(settings, domain_names())
            return
        wanted = [
            NewTopic(settings.kafka_topic_prefix + name, partitions, settings.kafka_replication_factor)
            for name, partitions in only.items()
        ]
        async with _admin(settings) as admin:
            await admin.create_topics(wanted)

    async def _remove_topics(self, prefix: str) -> None:
        async with _admin(self.settings) as admin:
            names = [name for name in await admin.list_topics() if name.startswith(prefix)]
            if names:
                await admin.delete_topics(names)
            async with asyncio.timeout(REMOVED_SECONDS):
                while any(n.startswith(prefix) for n in await admin.list_topics()):  # noqa: ASYNC110 - elsewhere
                    await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def prepared(progress: Progress = silent) -> AsyncIterator[Ground]:
    """The Kafka and PostgreSQL of the settings, else embedded ones in a temporary folder, as in `easymo up`.

    Secrets are made up. Raises MissingSetting, EmbeddedFailure.
    """
    given = load_settings()
    with tempfile.TemporaryDirectory(prefix="easymo-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        stack = EmbeddedStack(
            folder,
            cache_dir=given.cache_dir,
            with_kafka=not given.kafka_bootstrap_servers,
            with_postgres=not given.postgres_dsn,
            progress=progress,
        )
        async with stack:
            settings = load_settings(
                kafka_bootstrap_servers=given.kafka_bootstrap_servers or stack.kafka_bootstrap_servers,
                kafka_partitions_at_most=partitions_at_most(given),
                postgres_dsn=given.postgres_dsn or stack.postgres_dsn,
                state_dir=folder,
                ingress_host="127.0.0.1",
                log_level="warning",
                **made_up_secrets(),
            )
            yield Ground(settings, folder)


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    async with answering(settings, timeout_seconds=60):
        client = AIOKafkaAdminClient(**consumer_options(settings))
        await client.start()
        try:
            yield client
        finally:
            await client.close()


def _with_database(dsn: str, name: str) -> str:
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(path=f"/{name}"))


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()

"""Bring the database up to date: every schema, role and table of every domain.

Example: easymo migrate
"""

from __future__ import annotations

import asyncio

from consumers.runtime.discovery import migration_folders
from infra.postgres.migrations import migrate
from infra.settings import load_settings


def command(*, post: bool = False) -> None:
    """Apply the migrations that are missing.

    Those for after a deployment (`*_post.sql`) are applied with --post, once the old code has stopped.
    Running it again, or twice at the same time, does no harm.
    """
    settings = load_settings()
    count = asyncio.run(migrate(settings.need("postgres_dsn"), migration_folders(), post=post, tell=print))
    print(f"{count} applied" if count else "nothing to apply: the database is up to date")  # noqa: T201

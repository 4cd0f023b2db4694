"""Sending: what the runtime loads. Each use case is a file of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from consumers.sender import addresses, pruning, sending, statuses
from consumers.sender.domain import sender
from consumers.sender.listening import Listening
from consumers.sender.pruning import Pruning
from infra.settings import Settings
from infra.whatsapp.client import GraphClient

__all__ = ["addresses", "pruning", "resources", "sender", "sending", "statuses"]


@asynccontextmanager
async def resources(settings: Settings) -> AsyncIterator[dict[type, Any]]:
    """What handlers are given by type for as long as the consumer runs. Raises MissingSetting."""
    client = GraphClient(
        settings.graph_base_url,
        settings.need("meta_access_token"),
        settings.need("meta_phone_number_id"),
        messages_per_second=settings.graph_messages_per_second,
    )
    async with client:
        yield {GraphClient: client, Listening: Listening(), Pruning: Pruning()}

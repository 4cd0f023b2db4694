"""Payments: what the runtime loads. Each use case is a file of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from consumers.payments import (
    asking,
    notified,
    pay_outs_decided,
    paying_out,
    polling,
    review,
    wallet_answers,
    watching,
)
from consumers.payments.domain import payments
from infra.payments.interface import Providers
from infra.payments.opening import open_providers
from infra.settings import Settings

__all__ = [
    "asking",
    "notified",
    "pay_outs_decided",
    "paying_out",
    "payments",
    "polling",
    "review",
    "wallet_answers",
    "watching",
]


@asynccontextmanager
async def resources(settings: Settings) -> AsyncIterator[dict[type, Any]]:
    """What handlers are given by type for as long as the consumer runs. Raises MissingSetting."""
    async with open_providers(settings) as providers:
        yield {Providers: providers}

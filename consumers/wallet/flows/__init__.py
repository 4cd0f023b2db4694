"""The wallet's use cases, one a file; importing this package registers them all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from consumers.wallet.domain import wallet
from consumers.wallet.flows import (
    business,
    by_hand,
    cashing_out,
    checking,
    commands,
    home,
    insured,
    persons,
    qr,
    redeeming,
    referring,
    sending,
    topping_up,
)
from consumers.wallet.flows import elsewhere as elsewhere  # the last: see there
from infra.settings import Settings

USE_CASES = (
    home, sending, topping_up, cashing_out, redeeming, referring, insured, qr, business, commands, persons,
    by_hand, checking,
)  # fmt: skip

__all__ = ["USE_CASES", "resources", "wallet"]


@asynccontextmanager
async def resources(settings: Settings) -> AsyncIterator[dict[type, Any]]:
    """What handlers may ask for besides stores."""
    yield {Settings: settings}

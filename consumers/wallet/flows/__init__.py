"""The wallet's use cases, one a file; importing this package registers them all."""

from __future__ import annotations

from consumers.wallet.domain import wallet
from consumers.wallet.flows import checking, commands, persons

__all__ = ["checking", "commands", "persons", "wallet"]

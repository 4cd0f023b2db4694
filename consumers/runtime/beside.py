"""What runs beside a consumer: a loop that meets a defect must not take the others along."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from consumers.decision import Fatal
from consumers.runtime.injection import Unbound
from infra.telemetry import metrics
from infra.telemetry.logs import logger

log = logger(__name__)

AGAIN_SECONDS = 15.0  # a defect stays one until somebody mends it: often enough to notice that
WELL_SECONDS = 60.0  # who ran for so long since then is well again


class Beside:
    """The services of one domain: kept running, and named while they fail."""

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer
        self._failures: dict[
            str, tuple[str, float]
        ] = {}  # by service: the error's class, and when it was raised

    async def keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run the service for ever, and again some seconds after it failed.

        Raises Fatal and Unbound, which trying again cannot mend.
        """
        while True:
            try:
                await run()
                kind, reason = "ended", "it ended"
            except (Fatal, Unbound):
                raise
            except Exception as error:  # noqa: BLE001 - a defect of this loop; the others are not at fault
                kind, reason = type(error).__name__, str(error)[:500]
            self._failures[name] = (kind, monotonic())
            metrics.SERVICE_FAILURES.labels(self._consumer, name).inc()
            log.error("service.failed", consumer=self._consumer, service=name, reason=f"{kind}: {reason}")
            await asyncio.sleep(AGAIN_SECONDS)

    def failing(self) -> dict[str, str]:
        """Which failed of late, and the class of the error: its text may quote what nobody is to see."""
        earliest = monotonic() - WELL_SECONDS
        return {name: kind for name, (kind, at) in self._failures.items() if at > earliest}

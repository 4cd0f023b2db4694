"""Serve the webhooks: verify, split, publish to Kafka, answer.

Example: `EASYMO_INGRESS_PORT=8080 easymo ingress`, with the settings of `easymo env`.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import sys

from infra.settings import load_settings
from infra.telemetry import logs
from infra.telemetry.masking import known_secrets
from ingress.serve import serving

SWITCH_SECONDS = 0.0002


async def command() -> None:
    """Serve the webhooks until SIGTERM or Ctrl-C; requests under way are finished."""
    settings = load_settings()
    logs.configure("ingress", settings.log_level, secrets=known_secrets(settings))
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with serving(settings):
        _tune()
        await stopped.wait()


def _tune() -> None:
    """What this process does all day, and Python's defaults are not made for (infra/decisions/0020)."""
    # What a request leaves is freed by counting references. Looking for cycles after each 700 objects costs
    # every request a tenth of its time and finds nothing.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    # granian's thread needs the interpreter for a moment to hand a request over, and would wait for 5 ms
    # while the loop is busy with others.
    sys.setswitchinterval(SWITCH_SECONDS)

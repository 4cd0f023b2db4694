"""Start everything on this machine and keep it running until Ctrl-C.

Kafka, PostgreSQL, the ingress, the consumers and a stand-in for Meta with phones in a web page. State
lives in `.easymo/` and is there again the next time; delete the folder to begin anew. With
`EASYMO_KAFKA_BOOTSTRAP_SERVERS` and `EASYMO_POSTGRES_DSN` set, those are used instead of the embedded
ones; with `EASYMO_GRAPH_BASE_URL` set, Meta itself instead of the stand-in.

Example: `easymo up`, and in another terminal `easymo chat`.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from typing import Any

from infra.embedded.system import LocalSystem
from infra.settings import load_settings
from scripts.display import StartDisplay
from scripts.machine import local_system

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def command() -> None:
    # No docstring: the module's is the help.
    display = StartDisplay()
    await stay(local_system(load_settings(), display), display)


async def stay(system: LocalSystem, display: StartDisplay) -> None:
    """Start the system, keep it until Ctrl-C or SIGTERM, stop it. Raises what `LocalSystem.start` does."""
    stopped = _until_signal()
    started = time.monotonic()
    try:
        with display:
            starting = asyncio.create_task(system.start())
            either: set[asyncio.Future[Any]] = {starting, stopped}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                display.say("Stopping before everything was started.")
                starting.cancel()
                await asyncio.wait({starting})
            else:
                await starting
        if system.running is not None:
            _tell_where(system, display, time.monotonic() - started)
            await stopped
            display.say("Stopping.")
    finally:
        await system.stop()
    display.say("Everything is stopped.")


def _until_signal() -> asyncio.Future[None]:
    """Done at the first Ctrl-C or SIGTERM. Later ones change nothing: stopping has its own limits."""
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[None] = loop.create_future()

    def stop() -> None:
        if not stopped.done():
            stopped.set_result(None)

    if sys.platform != "win32":  # there Ctrl-C arrives as KeyboardInterrupt, and `finally` stops
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, stop)
    return stopped


def _tell_where(system: LocalSystem, display: StartDisplay, seconds: float) -> None:
    assert system.running is not None
    display.say(f"EasyMO runs (started in {seconds:.1f} s). Ctrl-C stops everything.")
    if system.running.phone_page is not None:
        display.say(f"  Phones    {system.running.phone_page}")
    display.say(f"  Webhook   {system.running.webhook_url}")
    display.say(f"  Logs      {system.folder / 'logs'}")
    display.say('  Settings  eval "$(easymo env)"')

"""Letting the system come to rest: everything is handled, and what would wait for hours waits no longer.

Retries are minutes away and a lost call is in doubt for one, so clocks are put forward: only while nothing at
all is under way, so that no call is taken for lost which is still being made. At last the timers are put off.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import aiohttp
import asyncpg
from aiokafka.errors import KafkaError

from infra.simulator.remote import SimulatorUnreachable
from scripts.chaos_run.lag import Lag
from scripts.chaos_run.system import System

LOOK_SECONDS = 0.25
QUIET_LOOKS = 3  # in a row: a record may be on its way from one process to the next
SAY_SECONDS = 10.0
COUNT_WAITING = """
SELECT (SELECT count(*) FROM runtime.later WHERE kind <> 'timer') + (SELECT count(*) FROM runtime.claim)"""
# In this order: a lease that has ended, of a call that may be asked about, by a look that is due.
HURRY = (
    """UPDATE runtime.claim
    SET lease_until = now(), claimed_at = least(claimed_at, now() - interval '5 minutes')""",
    """UPDATE sender.message SET claimed_at = now() - interval '5 minutes'
    WHERE state = 'claimed' AND claimed_at > now() - interval '5 minutes'""",
    "UPDATE runtime.later SET due = now() WHERE kind = 'deferred' AND sent_at IS NULL AND due > now()",
    # A copy that was lost with the broker's memory is sent again after an hour.
    """UPDATE runtime.later SET sent_at = now() - interval '2 hours'
    WHERE sent_at < now() - interval '20 seconds'""",
)
# A timer that goes off while everything is read would be found under way.
POSTPONE = """
UPDATE runtime.later SET due = due + interval '1 day'
WHERE kind = 'timer' AND sent_at IS NULL AND due < now() + interval '12 hours'"""


async def drain(system: System, lag: Lag, limit_seconds: float, say: Callable[[str], None]) -> str:
    """Return once nothing is left to do: empty, else (after the limit) what is."""
    connection = await asyncpg.connect(system.settings.need("postgres_dsn"))
    began = said = time.monotonic()
    quiet = 0
    postponed = False
    try:
        while True:
            under_way = await _under_way(system, lag)
            quiet = 0 if under_way else quiet + 1
            postponed = postponed and not under_way
            waiting: int = await connection.fetchval(COUNT_WAITING)
            at_rest = quiet >= QUIET_LOOKS
            if at_rest and not waiting and postponed:
                return ""
            left = under_way or f"{waiting} events wait"
            if time.monotonic() - began > limit_seconds:
                return f"not at rest after {limit_seconds:.0f} s: {left}"
            if time.monotonic() - said > SAY_SECONDS:
                said = time.monotonic()
                say(f"coming to rest: {left}")
            if at_rest:
                postponed = not waiting
                for statement in HURRY if waiting else (POSTPONE,):
                    await connection.execute(statement)
                quiet = 0
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await connection.close()


async def _under_way(system: System, lag: Lag) -> str:
    """What is being done or could be done now; empty when there is nothing."""
    try:
        webhooks = (await system.simulator.ask("GET", "state"))["webhooks"]
        if webhooks["waiting"]:
            return f"{webhooks['waiting']} webhooks to deliver ({webhooks['trouble']})"
        behind = {name: count for name, count in (await lag.behind()).items() if count}
        if behind:
            return f"behind: {behind}"
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            for url in system.health_urls():
                async with session.get(url) as answer:
                    consumers = (await answer.json())["consumers"]
                busy = {name: state["in_flight"] for name, state in consumers.items() if state["in_flight"]}
                if busy:
                    return f"in flight: {busy}"
    except (SimulatorUnreachable, KafkaError, aiohttp.ClientError, OSError, TimeoutError) as error:
        return f"{type(error).__name__}: {error}"
    return ""

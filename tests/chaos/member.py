"""One member as a process of its own: `python -m tests.chaos.member [STEP [DOMAIN…]]`.

At STEP it says so on its output and stops itself, as SIGSTOP does: exactly there it can be killed, or left to
wake up as a zombie. The product knows nothing of these places; they are wrapped around it here.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import uvloop

from consumers.domain import Domain
from consumers.runtime import claims, service
from consumers.runtime.claiming import ClaimTransaction
from consumers.runtime.delivering import Delivery
from consumers.runtime.discovery import load_domain
from consumers.runtime.offsets import Offsets
from consumers.runtime.performing import Performing
from consumers.runtime.recording import RecordTransaction
from consumers.runtime.transact import ChunkTransaction
from infra.kafka.publisher import Publisher
from infra.postgres import pool
from infra.settings import load_settings
from infra.telemetry.logs import configure
from tests.chaos.domain import CALL_SECONDS, chaotic

SESSION, LEAST_SESSION_MS = "CHAOS_SESSION_MS", 6_000  # the least that a broker allows
AWAKE_SECONDS = 1.0  # enough to do whatever it was about to do: a commit, a publish, a call

# (where, which function, whether before or after it, at which of its calls)
STEPS: dict[str, tuple[type, str, str, int]] = {
    "before commit": (ChunkTransaction, "run", "after", 3),
    "before publish": (Delivery, "publish", "before", 3),
    "after publish": (Publisher, "publish", "after", 4),
    "before offsets": (Offsets, "commit", "before", 2),
    "before claim is committed": (ClaimTransaction, "claim", "after", 2),
    "before call": (Performing, "_make", "before", 3),
    "before record": (Performing, "_record", "before", 2),
    "before record is committed": (RecordTransaction, "record", "after", 2),
}


def stop_at(step: str) -> None:
    """Wrap the step's function: at the call in question the process stops itself."""
    owner, name, when, at_call = STEPS[step]
    original: Callable[..., Awaitable[Any]] = getattr(owner, name)
    calls, stopped = 0, False

    @wraps(original)
    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls, stopped
        calls += 1
        if stopped or calls < at_call:
            return await original(*args, **kwargs)
        if when == "before":
            stopped = True
            stand_still()
        result = await original(*args, **kwargs)
        if when == "after":  # one that fails, as for a lock that is held, is not the step
            if stopped:
                return result
            stopped = True
            stand_still()
        asyncio.get_running_loop().call_later(AWAKE_SECONDS, tell, "awake")
        return result

    setattr(owner, name, wrapped)


def stand_still() -> None:
    """Say so, and stop until SIGCONT comes."""
    tell("stopped")
    os.kill(os.getpid(), signal.SIGSTOP)


def tell(word: str) -> None:
    """One line for the test."""
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def hurry() -> None:
    """Limits as short as a test can wait for, in place of those of production."""
    claims.LEASE_MARGIN = timedelta(seconds=0.5)
    service.SESSION_MS = int(os.environ.get(SESSION, LEAST_SESSION_MS))
    service.REBALANCE_MS = service.SESSION_MS + 4_000  # for who stops while joining
    pool.LOCK_SECONDS = 1
    pool.IDLE_IN_TRANSACTION_SECONDS = 2
    pool.TRANSACTION_SECONDS = 4


def in_a_hurry(name: str) -> Domain:
    """The domain, with as short a limit for its calls: their leases last for as long."""
    domain = load_domain(name)
    for route in domain.routes.values():
        route.seconds = min(route.seconds, CALL_SECONDS)
    return domain


async def main() -> None:
    """Consume until SIGTERM."""
    settings = load_settings()
    domains = [in_a_hurry(name) for name in sys.argv[2:]]
    member = service.Service(settings, domains or [chaotic(), "dead_letters"])
    await member.run()


if __name__ == "__main__":
    configure("member", "info")
    hurry()
    if len(sys.argv) > 1 and sys.argv[1]:
        stop_at(sys.argv[1])
    tell("begins")
    uvloop.run(main())

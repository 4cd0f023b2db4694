"""The stand-in for Meta of a bench: the simulator, with people who have written just now."""

from __future__ import annotations

import asyncio
import gc
import signal
import time

from infra.settings import load_settings
from infra.simulator import Simulator
from infra.simulator.people import Person, default_user_id
from scripts.benchmarks import spec
from scripts.benchmarks.loop import run
from scripts.benchmarks.messages import phone_of


async def main() -> None:
    """Serve until SIGTERM: on `port`, knowing `persons` people, posting to `webhook`."""
    given = spec.given()
    simulator = Simulator.from_settings(
        load_settings(), port=given["port"], webhook_url=given["webhook"], statuses=False, history=0
    )
    now = time.time()
    for number in range(given["persons"]):
        phone = phone_of(number)
        simulator.exchange.people.add(Person(phone, default_user_id(phone), last_wrote=now))
    gc.collect()
    gc.freeze()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with simulator:
        await stopped.wait()


if __name__ == "__main__":
    run(main())

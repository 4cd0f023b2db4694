"""The system of `easymo up` as benches run it: each process watched, the load and what is under way."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from infra.embedded.failure import EmbeddedFailure
from infra.embedded.plans import GRAPH_VERSION
from infra.embedded.ports import LOOPBACK, free_ports
from infra.settings import Settings
from infra.simulator import RemoteSimulator
from scripts.benchmarks import processes, spec
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.load import Load
from scripts.benchmarks.processes import Running
from scripts.machine import consumers_here

CONNECTIONS = 128
GRAPH_RATE = 20_000  # messages a second that the number may send: Meta's limit is not what is measured
IDLE_LOOK_SECONDS = 0.25
QUIET_LOOKS = 4  # in a row: a record may be on its way from one process to the next
IDLE_LIMIT_SECONDS = 180.0
SIMULATOR = "simulator_worker"
OURS = ("ingress", *consumers_here())
OUTCOMES = """
SELECT consumer, outcome, count(*) FROM runtime.processed WHERE outcome <> 'processed' GROUP BY 1, 2
UNION ALL
SELECT consumer, kind || ', waiting: ' || reason, count(*) FROM runtime.later
WHERE kind <> 'timer' GROUP BY 1, 2"""


@dataclass(slots=True)
class System:
    """The running processes of one bench."""

    ground: Ground
    settings: Settings
    simulator: RemoteSimulator
    simulator_url: str
    services: dict[str, Running]
    persons: int

    async def outcomes(self) -> Counter[str]:
        """How many events ended otherwise than processed so far, by consumer and outcome, and what waits."""
        connection = await asyncpg.connect(self.settings.need("postgres_dsn"))
        try:
            rows = await connection.fetch(OUTCOMES)
        finally:
            await connection.close()
        return Counter({f"{row['consumer']}: {row['outcome']}": row["count"] for row in rows})

    async def settle(self) -> None:
        """Gather statistics, as autovacuum does within a minute: until then, plans suit empty tables."""
        connection = await asyncpg.connect(self.settings.need("postgres_dsn"))
        try:
            await connection.execute("VACUUM ANALYZE")
        finally:
            await connection.close()

    async def post(self, run: str, rate: float, seconds: float, bodies: Path | None = None) -> dict[str, Any]:
        """Post at a rate, everybody in turn, or the posts that a file holds; returns what the load found."""
        folder = self.ground.folder
        load = Load(
            result=str(folder / "load.json"),
            port=self.settings.ingress_port,
            run=run,
            persons=self.persons,
            seconds=seconds,
            connections=min(CONNECTIONS, max(4, int(rate / 4))),
            distinct=int(rate * seconds),
            rate=rate,
            departures=str(folder / "departures"),
            bodies=str(bodies or ""),
        )
        file = spec.write(folder / "load-spec.json", load.as_json())
        plan = processes.module("load", self.settings, file)
        return await processes.work(plan, folder, folder / "load.json", seconds)

    async def idle(self) -> None:
        """Return when nothing is under way any more. Raises EmbeddedFailure."""
        try:
            async with asyncio.timeout(IDLE_LIMIT_SECONDS), aiohttp.ClientSession() as session:
                quiet = 0
                while quiet < QUIET_LOOKS:
                    await asyncio.sleep(IDLE_LOOK_SECONDS)
                    quiet = quiet + 1 if await self._under_way(session) == 0 else 0
        except TimeoutError:
            raise EmbeddedFailure(
                f"not everything was done {IDLE_LIMIT_SECONDS:.0f} s after a stage"
            ) from None

    async def _under_way(self, session: aiohttp.ClientSession) -> int:
        found = int((await self.simulator.ask("GET", "state"))["webhooks"]["waiting"])
        for running in self.services.values():
            if running.health_url is not None:
                async with session.get(running.health_url) as answer:
                    states = (await answer.json())["consumers"].values()
                found += sum(state["in_flight"] + state["lag"] for state in states)
        return found


async def start(ground: Ground, settings: Settings, persons: int, stack: AsyncExitStack) -> System:
    """Start the processes of `easymo up`, and a stand-in for Meta that knows so many persons."""
    ingress_port, simulator_port = free_ports(2)
    simulator_url = f"http://{LOOPBACK}:{simulator_port}"
    settings = settings.model_copy(
        update={
            "ingress_port": ingress_port,
            "graph_base_url": f"{simulator_url}/{GRAPH_VERSION}",
            "graph_messages_per_second": GRAPH_RATE,
        }
    )
    webhook = f"http://{LOOPBACK}:{ingress_port}/webhooks/whatsapp"
    told = {"port": simulator_port, "persons": persons, "webhook": webhook}
    plans = [
        processes.module(
            SIMULATOR,
            settings,
            spec.write(ground.folder / "simulator.json", told),
            f"{simulator_url}/_simulator/state",
        ),
        processes.easymo("ingress", ("ingress",), settings, f"http://{LOOPBACK}:{ingress_port}/ready"),
        *(processes.consuming(name, tuple(domains), settings) for name, domains in consumers_here().items()),
    ]
    # One after the other, so that each start is timed with the machine to itself.
    services = {}
    for plan in plans:
        running = processes.service(plan, ground.folder)
        services[plan.name] = await stack.enter_async_context(running)
    simulator = await stack.enter_async_context(RemoteSimulator(simulator_url))
    return System(ground, settings, simulator, simulator_url, services, persons)

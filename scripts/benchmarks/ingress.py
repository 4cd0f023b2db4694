"""The ingress against the bare ASGI app: requests a second, latency at a fixed rate, memory."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from infra.embedded.ports import LOOPBACK, free_ports
from infra.settings import Settings
from scripts.benchmarks import processes, spec
from scripts.benchmarks.figures import Findings, by_measure
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.load import Load
from scripts.benchmarks.processes import Running
from scripts.benchmarks.size import Size

OURS, BARE = "ingress", "bare app"
STARTED = "ingress, started"
CONNECTIONS = 64
DISTINCT = 30_000
PERSONS = 5_000
RATE = 1_000.0
WARM_UP_SECONDS = 2.0

Say = Callable[[str], None]


async def bench(ground: Ground, size: Size, say: Say) -> Findings:
    """Both servers run throughout; the load goes to one after the other, round by round."""
    findings = Findings("ingress")
    async with ground.trial() as settings, AsyncExitStack() as stack:
        await ground.make_topics(settings)
        ports = dict(zip((OURS, BARE), free_ports(2), strict=True))
        servers = {}
        for name, port in ports.items():
            told = settings.model_copy(update={"ingress_port": port})
            ready = f"http://{LOOPBACK}:{port}/ready"
            plan = (
                processes.easymo("ingress", ("ingress",), told, ready)
                if name == OURS
                else processes.module("bare_app", told, None, ready)
            )
            servers[name] = await stack.enter_async_context(processes.service(plan, ground.folder))
        findings.add(STARTED, "ready after", "s", [servers[OURS].ready_seconds])
        load = Load(
            result=str(ground.folder / "load.json"),
            port=0,
            run="I",
            persons=PERSONS,
            seconds=size.seconds,
            warm_up_seconds=min(WARM_UP_SECONDS, size.seconds),
            connections=CONNECTIONS,
            distinct=min(DISTINCT, int(3_000 * size.seconds)),
        )
        for name, server in () if size.quick else servers.items():
            say(f"warming up: {name}")
            warm = replace(load, port=ports[name], seconds=WARM_UP_SECONDS)
            await _measured(ground, settings, server, warm)
        fastest: dict[str, list[dict[str, float]]] = {OURS: [], BARE: []}
        steady: dict[str, list[dict[str, float]]] = {OURS: [], BARE: []}
        for number in range(size.rounds):
            for name, server in servers.items():
                say(f"round {number + 1}/{size.rounds}: {name}, as fast as it goes")
                one = replace(load, port=ports[name])
                fastest[name].append(await _measured(ground, settings, server, one))
            for name, server in servers.items():
                say(f"round {number + 1}/{size.rounds}: {name}, {RATE:,.0f}/s")
                one = replace(load, port=ports[name], rate=RATE, warm_up_seconds=1.0)
                steady[name].append(await _measured(ground, settings, server, one))
    _tell(findings, fastest, steady)
    return findings


async def _measured(ground: Ground, settings: Settings, server: Running, load: Load) -> dict[str, float]:
    file = spec.write(ground.folder / "load-spec.json", load.as_json())
    plan = processes.module("load", settings, file)
    limit = load.seconds + load.warm_up_seconds
    async with server.watch() as watch:
        found = await processes.work(plan, ground.folder, ground.folder / "load.json", limit)
    return _figures(found, watch.memory_mb, watch.cpu_seconds)


def _figures(found: dict[str, Any], memory_mb: float, cpu_seconds: float) -> dict[str, float]:
    latencies = found["latency_ms"]
    return {
        "requests": found["answered"] / found["seconds"],
        **{name: latencies[name] for name in ("p50", "p95", "p99") if name in latencies},
        "errors": found["errors"],
        "memory": memory_mb,
        "cpu": 1e6 * cpu_seconds / max(1, found["posted"]),
    }


UNITS = {
    "requests": ("requests", "1/s"),
    "p50": ("p50", "ms"),
    "p95": ("p95", "ms"),
    "p99": ("p99", "ms"),
    "errors": ("errors", ""),
    "memory": ("memory", "MB"),
    "cpu": ("CPU a request", "µs"),
}


def _tell(
    findings: Findings,
    fastest: dict[str, list[dict[str, float]]],
    steady: dict[str, list[dict[str, float]]],
) -> None:
    for name, rounds in fastest.items():
        for key, values in by_measure(rounds).items():
            measure, unit = UNITS[key]
            findings.add(name, measure, unit, values)
    for name, rounds in steady.items():
        for key, values in by_measure(rounds).items():
            measure, unit = UNITS[key]
            findings.add(f"{name} at {RATE:,.0f}/s", measure, unit, values)
    at_rate = f"{OURS} at {RATE:,.0f}/s"
    ours, bare = findings.middle(OURS, "requests"), findings.middle(BARE, "requests")
    findings.at_least("requests/s, of the bare app's", 0.8, ours / bare)
    findings.at_most(f"p99 at {RATE:,.0f}/s, ms", 50, findings.middle(at_rate, "p99"))
    errors = [figure for figure in findings.figures if figure.measure == "errors"]
    findings.at_most("errors", 0, sum(sum(f.values) for f in errors if f.subject in (OURS, at_rate)))
    memory = max(findings.middle(OURS, "memory"), findings.middle(at_rate, "memory"))
    findings.at_most("memory under load, MB", 128, memory)
    findings.at_most("ready after, s", 1, findings.middle(STARTED, "ready after"))

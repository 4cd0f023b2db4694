"""The processes of a bench: services that stay, and workers that run to their end and leave a result."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from infra.embedded.child import Child, mark
from infra.embedded.failure import EmbeddedFailure
from infra.embedded.ports import LOOPBACK, free_ports
from infra.embedded.service import Service, ServicePlan
from infra.settings import Settings, child_environment
from scripts.benchmarks import spec
from scripts.benchmarks.watch import Watch

GRACE_SECONDS = 60.0  # beyond what a worker said it needs


class Running:
    """A service that is ready: its pid, and how long it took from the start until then."""

    def __init__(self, service: Service, ready_seconds: float) -> None:
        self._service = service
        self.ready_seconds = ready_seconds

    @property
    def health_url(self) -> str | None:
        """Where a consumer tells how it is; None for other services."""
        plan = self._service.plan
        if plan.ready_url is None or plan.arguments[:1] != ("consume",):
            return None
        return plan.ready_url.removesuffix("ready") + "health"

    def watch(self) -> Watch:
        """Measures it for as long as the `async with` lasts. Raises EmbeddedFailure when it has died."""
        pid = self._service.child.pid
        if pid is None or self._service.restarts:
            raise EmbeddedFailure(
                f"{self._service.plan.name} died during the bench:\n{self._service.child.log_tail()}"
            )
        return Watch(pid)


def easymo(name: str, arguments: tuple[str, ...], settings: Settings, ready_url: str | None) -> ServicePlan:
    """A plan for `easymo ARGUMENTS`, ready when the address answers 200."""
    return ServicePlan(name, arguments, child_environment(settings.explicit()), ready_url)


def consuming(name: str, domains: tuple[str, ...], settings: Settings) -> ServicePlan:
    """A plan for `easymo consume DOMAINS`."""
    (port,) = free_ports(1)
    told = settings.model_copy(update={"health_port": port})
    return easymo(name, ("consume", *domains), told, f"http://{LOOPBACK}:{port}/ready")


def module(
    name: str, settings: Settings, specification: Path | None, ready_url: str | None = None
) -> ServicePlan:
    """A plan for one of this package's own modules, which reads its specification from a file."""
    arguments = () if specification is None else (str(specification),)
    plan = easymo(name, arguments, settings, ready_url)
    return replace(plan, python_arguments=("-m", f"scripts.benchmarks.{name}"))


@asynccontextmanager
async def service(plan: ServicePlan, folder: Path) -> AsyncIterator[Running]:
    """Run a service inside. Raises EmbeddedFailure when it does not become ready, or dies meanwhile."""
    told: list[str] = []
    runs = Service(plan, folder, told.append)
    began = monotonic()
    await runs.start()
    try:
        yield Running(runs, monotonic() - began)
        if runs.restarts or runs.child.pid is None:
            raise EmbeddedFailure(f"{plan.name} died during the bench:\n{runs.child.log_tail()}")
    finally:
        await runs.stop()


async def work(plan: ServicePlan, folder: Path, result: Path, limit_seconds: float) -> dict[str, Any]:
    """Run a worker to its end and return its result. Raises EmbeddedFailure when it fails or takes longer."""
    child = Child(plan.name, folder)
    command = [sys.executable, "-X", f"easymo={mark(folder)}", *plan.python_arguments, *plan.arguments]
    spec.forget(result)
    await child.start(command, plan.environment)
    try:
        code = await asyncio.wait_for(child.wait(), limit_seconds + GRACE_SECONDS)
    except TimeoutError:
        raise EmbeddedFailure(
            f"{plan.name} has not ended after {limit_seconds + GRACE_SECONDS:.0f} s:\n{child.log_tail()}"
        ) from None
    finally:
        await child.kill()
    if code != 0:
        raise EmbeddedFailure(f"{plan.name} ended with code {code}:\n{child.log_tail()}")
    return spec.read(result)

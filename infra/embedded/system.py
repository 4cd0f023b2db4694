"""The whole system on one machine: broker, database, stand-in for Meta, ingress and consumers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.embedded.child import end_orphans
from infra.embedded.claim import Claim
from infra.embedded.kafka_config import partitions_at_most
from infra.embedded.plans import GRAPH_VERSION, Addresses, choose_addresses, service_plans
from infra.embedded.progress import Progress, silent
from infra.embedded.running import CLAIM, Running, announce, missing_secrets, withdraw
from infra.embedded.service import ServicePlan
from infra.embedded.stack import EmbeddedStack
from infra.embedded.supervisor import Supervisor
from infra.settings import Settings, child_environment, environment_name

# Without the stand-in these come from Meta; made-up ones would fail later and less clearly.
FROM_META = ("meta_app_secrets", "meta_verify_token", "meta_access_token", "meta_phone_number_id")
STAND_IN = "stand-in"  # opens the simulator only
MTN_CREDENTIALS = tuple(
    f"mtn_{product}_{part}"
    for product in ("collection", "disbursement")
    for part in ("user", "key", "subscription")
)
PREPARATIONS = {"migrate": ("migrate",), "topics": ("topics", "apply")}

Plan = Callable[[Addresses, dict[str, str]], Sequence[ServicePlan]]


class LocalSystem:
    """What `easymo up` and `easymo demo` run, kept under `settings.state_dir`.

    Kafka and PostgreSQL are the embedded ones unless the settings name others. `say` gets lines for
    people while it runs. Use from the main thread; `async with` starts and stops.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        progress: Progress = silent,
        say: Callable[[str], None] = lambda _: None,
        plan: Plan = service_plans,
        preparations: dict[str, tuple[str, ...]] | None = None,
        quick_start: bool = False,
    ) -> None:
        self.folder: Path = settings.state_dir.resolve()
        self._settings = settings
        self._plan = plan
        self._preparations = PREPARATIONS if preparations is None else preparations
        self._claim = Claim(self.folder, CLAIM)
        self._stack = EmbeddedStack(
            self.folder,
            cache_dir=settings.cache_dir,
            quick_start=quick_start,
            with_kafka=not settings.kafka_bootstrap_servers,
            with_postgres=not settings.postgres_dsn,
            progress=progress,
        )
        self.supervisor = Supervisor(self.folder, progress=progress, say=say)
        self.running: Running | None = None
        self._say = say
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> Running:
        """Start everything; returns when every process is ready.

        Raises AlreadyRunning, MissingSetting, EmbeddedFailure; nothing stays then.
        """
        self._claim.take()
        try:
            end_orphans(self.folder)
            if "graph_base_url" in self._settings.model_fields_set:
                for name in FROM_META:
                    self._settings.need(name)
            secrets = missing_secrets(self.folder, self._settings)
            await self._stack.start()
            addresses = choose_addresses(self._settings)
            environment = self._environment(addresses, secrets)
            async with asyncio.TaskGroup() as group:
                for name, arguments in self._preparations.items():
                    run = self.supervisor.run_once(name, arguments, child_environment(environment))
                    group.create_task(run)
            plans = self._plan(addresses, environment)
            await self.supervisor.start(plans)
            page = addresses.simulator_url
            self.running = Running(
                environment=environment,
                webhook_url=addresses.webhook_url,
                phone_page=None if page is None else f"{page}/",
                health_urls={
                    plan.name: f"{plan.ready_url.rpartition('/')[0]}/health"
                    for plan in plans
                    if plan.ready_url
                },
            )
            announce(self.folder, self.running)
            self._keeping = asyncio.create_task(self._stack.keep_running(self._say), name="keep the stack")
        except BaseExceptionGroup as failures:
            await self.stop()
            raise failures.exceptions[0] from failures
        except BaseException:
            await self.stop()
            raise
        return self.running

    async def stop(self) -> None:
        """Stop everything, at most 9 s: the services first, then what they stand on. Idempotent."""
        if not self._claim.held:  # what runs there is somebody else's
            return
        withdraw(self.folder)
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await self.supervisor.stop()
        await self._stack.stop()
        self._claim.release()

    def _environment(self, addresses: Addresses, secrets: dict[str, str]) -> dict[str, str]:
        """The settings that all processes share."""
        values = {environment_name(name): value for name, value in secrets.items()}
        values |= self._settings.explicit()
        if not self._settings.kafka_bootstrap_servers:
            values["EASYMO_KAFKA_BOOTSTRAP_SERVERS"] = self._stack.kafka_bootstrap_servers
        if not self._settings.postgres_dsn:
            values["EASYMO_POSTGRES_DSN"] = self._stack.postgres_dsn
        values["EASYMO_KAFKA_PARTITIONS_AT_MOST"] = str(partitions_at_most(self._settings))
        values["EASYMO_INGRESS_HOST"] = addresses.ingress_host
        values["EASYMO_INGRESS_PORT"] = str(addresses.ingress_port)
        values["EASYMO_STATE_DIR"] = str(self.folder)
        if addresses.simulator_url is not None:
            values["EASYMO_GRAPH_BASE_URL"] = f"{addresses.simulator_url}/{GRAPH_VERSION}"
            values |= self._stand_in_providers(addresses.simulator_url, addresses.ingress_url)
        return values

    def _stand_in_providers(self, simulator: str, ingress: str) -> dict[str, str]:
        """MTN and Stripe, each unless the settings say something of the real one."""
        found: dict[str, str] = {}
        named = self._settings.model_fields_set
        if not named & {"mtn_base_url", *MTN_CREDENTIALS}:
            found |= {environment_name(name): STAND_IN for name in MTN_CREDENTIALS}
            found["EASYMO_MTN_BASE_URL"] = f"{simulator}/mtn"
            found["EASYMO_MTN_CALLBACK_URL"] = f"{ingress}/webhooks/mtn"
        if not named & {"stripe_base_url", "stripe_secret_key"}:
            found["EASYMO_STRIPE_BASE_URL"] = f"{simulator}/stripe"
            found["EASYMO_STRIPE_SECRET_KEY"] = STAND_IN
        return found

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

"""The system under chaos: what `easymo up` runs, each process of its own, with a proxy in every way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
from pydantic import SecretStr

from consumers import domain_names
from consumers.runtime.discovery import migration_folders
from infra.embedded.kafka_config import Detour, partitions_at_most
from infra.embedded.plans import GRAPH_VERSION
from infra.embedded.ports import LOOPBACK, free_ports
from infra.embedded.postgres import SOCKET_NAME
from infra.embedded.progress import Progress
from infra.embedded.secrets import made_up_secrets
from infra.embedded.service import Service, ServicePlan
from infra.embedded.stack import EmbeddedStack
from infra.embedded.system import MTN_CREDENTIALS, STAND_IN
from infra.kafka import topics as kafka_topics
from infra.postgres.migrations import migrate
from infra.settings import Settings, load_settings
from infra.simulator import RemoteSimulator
from infra.simulator.paypal import certificates, the_root
from scripts.benchmarks import processes, spec
from scripts.chaos_run.proxy import Link, to_port, to_socket
from scripts.machine import consumers_here

SIMULATOR = "simulator_worker"
SMALL_PARTITIONS = 3
GRAPH_RATE = 1_000  # messages a second of a number that Meta has upgraded
KAFKA_CLIENTS = ("ingress", "domains", "outside", "spare")
POSTGRES_CLIENTS = ("domains", "outside", "spare")

Say = Callable[[str], None]


@dataclass(slots=True)
class System:
    """Everything that runs, and the ways between. `settings` go past the proxies."""

    folder: Path
    settings: Settings
    stack: EmbeddedStack
    simulator: RemoteSimulator
    simulator_url: str
    webhook_url: str
    services: dict[str, Service]
    links: dict[str, Link]
    spare_plan: ServicePlan
    say: Say

    def family(self, target: str) -> list[psutil.Process]:
        """The processes of a target that run now; none while it is down."""
        if target == "kafka":
            pid = self.stack.kafka.child.pid
        elif target == "postgres":
            pid = self.stack.postgres.child.pid
        else:
            pid = self.services[target].child.pid
        if pid is None:
            return []
        try:
            process = psutil.Process(pid)
            return [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def health_urls(self) -> list[str]:
        """Where the consumers tell how they are."""
        urls = [self.services[name].plan.ready_url for name in consumers_here()]
        return [url.removesuffix("ready") + "health" for url in urls if url is not None]


@asynccontextmanager
async def running(
    folder: Path, people: int, progress: Progress, say: Say, *, small: bool = False
) -> AsyncIterator[System]:
    """The whole system in `folder`, ready; a `small` one starts faster and runs slower.

    Raises EmbeddedFailure.
    """
    given = load_settings()
    ports = free_ports(2 * len(KAFKA_CLIENTS))
    detours = {
        client: Detour(*pair)
        for client, pair in zip(KAFKA_CLIENTS, zip(ports[::2], ports[1::2], strict=True), strict=True)
    }
    async with AsyncExitStack() as stack:
        ways = tuple(detours.values())
        ground = EmbeddedStack(
            folder, cache_dir=given.cache_dir, quick_start=small, detours=ways, progress=progress
        )
        await stack.enter_async_context(ground)
        links = {
            f"{client}→kafka": Link(detour.advertised_port, to_port(detour.port))
            for client, detour in detours.items()
        }
        ingress, simulator, way_in, way_out, *database = free_ports(4 + len(POSTGRES_CLIENTS))
        socket = parse_qs(urlsplit(ground.postgres_dsn).query)["host"][0] + f"/{SOCKET_NAME}"
        for client, port in zip(POSTGRES_CLIENTS, database, strict=True):
            links[f"{client}→postgres"] = Link(port, to_socket(socket))
        links["meta→ingress"] = Link(way_in, to_port(ingress))
        links["outside→graph"] = Link(way_out, to_port(simulator))
        for link in links.values():
            await stack.enter_async_context(link)
        roots = folder / "paypal-roots.pem"
        roots.write_bytes(the_root().pem)
        settings = load_settings(
            kafka_bootstrap_servers=ground.kafka_bootstrap_servers,
            postgres_dsn=ground.postgres_dsn,
            state_dir=folder,
            ingress_host=LOOPBACK,
            ingress_port=ingress,
            graph_base_url=f"http://{LOOPBACK}:{way_out}/{GRAPH_VERSION}",
            graph_messages_per_second=GRAPH_RATE,
            mtn_base_url=f"http://{LOOPBACK}:{way_out}/mtn",
            **dict.fromkeys(MTN_CREDENTIALS, STAND_IN),
            paypal_roots=roots,
            paypal_cert_origin=await stack.enter_async_context(certificates()),
            kafka_partitions_at_most=SMALL_PARTITIONS if small else partitions_at_most(given),
            log_level="info",
            **made_up_secrets(),
        )
        await migrate(settings.need("postgres_dsn"), migration_folders())
        await kafka_topics.apply(settings, domain_names())
        webhook = f"http://{LOOPBACK}:{way_in}/webhooks/whatsapp"
        told = {"port": simulator, "persons": people, "webhook": webhook}
        plans = _plans(folder, settings, links, told)
        spare = plans.pop("spare")
        services = {name: Service(plan, folder, say) for name, plan in plans.items()}
        for service in services.values():
            stack.push_async_callback(service.stop)
        async with asyncio.TaskGroup() as group:
            for service in services.values():
                group.create_task(service.start())
        url = f"http://{LOOPBACK}:{simulator}"
        remote = await stack.enter_async_context(RemoteSimulator(url))
        yield System(folder, settings, ground, remote, url, webhook, services, links, spare, say)


def _plans(
    folder: Path, settings: Settings, links: Mapping[str, Link], told: Mapping[str, object]
) -> dict[str, ServicePlan]:
    """One for each process, each on its own ways to the others."""
    page = f"http://{LOOPBACK}:{told['port']}/_simulator/state"
    file = spec.write(folder / "simulator.json", dict(told))
    ready = f"http://{LOOPBACK}:{settings.ingress_port}/ready"
    plans = {
        "simulator": processes.module(SIMULATOR, settings, file, page),
        "ingress": processes.easymo("ingress", ("ingress",), _by_way_of(settings, links, "ingress"), ready),
    }
    for name, domains in {**consumers_here(), "spare": domain_names()}.items():
        own = _by_way_of(settings, links, name)
        # As `easymo up` does: static members take their partitions back at once. The spare one is dynamic.
        if name != "spare":
            own = own.model_copy(update={"instance_id": f"chaos-{name}"})
        plans[name] = processes.consuming(name, tuple(domains), own)
    return plans


def _by_way_of(settings: Settings, links: Mapping[str, Link], client: str) -> Settings:
    """The settings of one client, on its own ways."""
    changed: dict[str, object] = {"kafka_bootstrap_servers": f"{LOOPBACK}:{links[f'{client}→kafka'].port}"}
    if client in POSTGRES_CLIENTS:
        port = links[f"{client}→postgres"].port
        changed["postgres_dsn"] = SecretStr(f"postgresql://postgres@{LOOPBACK}:{port}/easymo")
    return settings.model_copy(update=changed)

"""Which processes make up the system on one machine, with which settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra import exit_codes
from infra.embedded.failure import EmbeddedFailure
from infra.embedded.ports import LOOPBACK, free_ports, is_free
from infra.embedded.service import ServicePlan
from infra.settings import Settings, child_environment

# One process for the domains that wait for the database, one for those that wait for the world.
Consumers = Mapping[str, Sequence[str]]
CONSUMERS: Consumers = {
    "domains": ("core", "mobility", "jobs", "wallet"),
    "outside": ("sender", "dead_letters", "payments"),
}
AFTER_SURGE = (
    "`easymo dead-letters list --from 1h` shows what died. Once it is mended, or may die: "
    '`eval "$(easymo env)"`, then `easymo consume {} --resume-after-surge` in another terminal.'
)
GRAPH_VERSION = "v23.0"
SIMULATOR_PORT = 8081  # where it is free; so that a bookmark keeps working


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts of one machine listen. `simulator_port` is None when Meta itself is used."""

    ingress_host: str
    ingress_port: int
    simulator_port: int | None

    @property
    def ingress_url(self) -> str:
        """As seen from this machine."""
        host = LOOPBACK if self.ingress_host in {"0.0.0.0", "::"} else self.ingress_host  # noqa: S104
        return f"http://{host}:{self.ingress_port}"

    @property
    def webhook_url(self) -> str:
        """Where Meta, or its stand-in, posts."""
        return f"{self.ingress_url}/webhooks/whatsapp"

    @property
    def simulator_url(self) -> str | None:
        """Where the phone page is."""
        return None if self.simulator_port is None else f"http://{LOOPBACK}:{self.simulator_port}"


def choose_addresses(settings: Settings) -> Addresses:
    """The ports that were asked for, else the usual ones where free, else any.

    Raises EmbeddedFailure when a port that was asked for is taken.
    """
    port = settings.ingress_port
    if port and not is_free(port):
        if "ingress_port" in settings.model_fields_set:
            raise EmbeddedFailure(
                f"Port {port} is taken. Free it, or set EASYMO_INGRESS_PORT to another one (0: any)."
            )
        port = 0
    with_simulator = "graph_base_url" not in settings.model_fields_set
    ingress_port, simulator_port = free_ports(2)
    if is_free(SIMULATOR_PORT) and port != SIMULATOR_PORT:
        simulator_port = SIMULATOR_PORT
    return Addresses(settings.ingress_host, port or ingress_port, simulator_port if with_simulator else None)


def service_plans(
    addresses: Addresses, environment: Mapping[str, str], consumers: Consumers = CONSUMERS
) -> list[ServicePlan]:
    """All long-running processes. `environment` holds the settings that they share.

    Consumers are static members of their groups: after a crash they take their partitions back at once,
    instead of waiting until the broker has given up on the member that died.
    """
    shared = child_environment(environment)
    plans = []
    if addresses.simulator_url is not None:
        port = str(addresses.simulator_port)
        arguments = ("simulator", "--port", port, "--webhook", addresses.webhook_url)
        plans.append(ServicePlan("simulator", arguments, shared, f"{addresses.simulator_url}/health"))
    plans.append(ServicePlan("ingress", ("ingress",), shared, f"{addresses.ingress_url}/ready"))
    for (name, domains), health_port in zip(consumers.items(), free_ports(len(consumers)), strict=True):
        own = shared | {"EASYMO_HEALTH_PORT": str(health_port), "EASYMO_INSTANCE_ID": f"up-{name}"}
        ready = f"http://{LOOPBACK}:{health_port}/ready"
        stays = {exit_codes.SURGE: AFTER_SURGE.format(" ".join(domains))}
        plans.append(ServicePlan(name, ("consume", *domains), own, ready, stays_stopped=stays))
    return plans

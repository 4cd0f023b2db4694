"""Serves the ingress on granian: builds it from the settings, listens, and stops in good order.

TLS, and with it Meta's client certificate (mTLS, CN client.webhooks.fbclientcerts.com), ends at the proxy or
load balancer in front; this process speaks plain HTTP/1.1 to it.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.embed import Server

from infra.settings import MissingSetting, Settings
from infra.telemetry import metrics, tracing
from infra.telemetry.logs import logger
from ingress.app import App
from ingress.gate import Gate
from ingress.pages import Pages
from ingress.providers.chosen import chosen, switched_off
from ingress.providers.posts import PaymentWebhook
from ingress.publish import Publisher
from ingress.reading import PAYMENT_BYTES_LIMIT, PAYMENTS_HELD_BYTES_LIMIT, BodyReader
from ingress.sources import Source, WhatsApp
from ingress.split import ACCOUNT, MESSAGE, STATUS
from ingress.webhook import Webhook
from schemas import topics

log = logger(__name__)

CONNECTIONS_LIMIT = 1024  # served at once; BACKLOG more wait in the kernel
BACKLOG = 2048
HEAD_SECONDS_LIMIT = 10
STOP_SECONDS_LIMIT = 8.0
TOPICS = tuple(kind.topic for kind in (MESSAGE, STATUS, ACCOUNT))

# granian's own logger speaks through the root's handler.
_GRANIAN_LOGS = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}


class _Server(Server):
    """granian's server in this process's loop, on a socket that is bound already: so that the port is known
    when it was 0, and a port that is taken is an error here."""

    def __init__(
        self, app: App, listener: socket.socket, *, interface: Interfaces = Interfaces.ASGINL
    ) -> None:
        host, port = listener.getsockname()[:2]
        super().__init__(
            app,
            address=host,
            port=port,
            interface=interface,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS_LIMIT * 1000),
            websockets=False,
            backlog=BACKLOG,
            backpressure=CONNECTIONS_LIMIT,
            log_level=LogLevels.error,
            log_dictconfig=_GRANIAN_LOGS,
        )
        self._listener = listener

    def _init_shared_socket(self) -> None:
        self._ssp = None
        shape: tuple[Any, ...] = () if sys.platform == "win32" else (False, BACKLOG)  # no unix socket
        # The worker owns the descriptor from here on, and closes it.
        self._shd: Any = SocketHolder(self._listener.detach(), *shape)  # type: ignore[call-arg]


def _listen(host: str, port: int) -> socket.socket:
    """Raises MissingSetting when this machine cannot listen there."""
    try:
        listener = socket.create_server((host, port), backlog=BACKLOG, family=_family(host))
    except OSError as error:
        raise MissingSetting(
            f"Cannot listen on {host}:{port} ({error.strerror}). Set EASYMO_INGRESS_HOST and "
            "EASYMO_INGRESS_PORT to an address of this machine and a port that is free."
        ) from error
    listener.setblocking(False)
    return listener


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[str]:
    """Serve inside; yields the address, such as `http://127.0.0.1:8080`.

    It listens at once, and says on `/ready` when Kafka is there. On leaving, requests under way are finished.
    Raises MissingSetting, also when the port is taken.
    """
    whatsapp = WhatsApp(settings.secrets("meta_app_secrets"))
    verify_token = settings.need("meta_verify_token")
    providers = chosen(settings)
    publisher = Publisher(settings, (*TOPICS, topics.PAYMENTS_INBOUND) if providers else TOPICS)
    traces = tracing.configure("ingress", settings)
    gate, reader = Gate(settings), BodyReader()
    payment_reader = BodyReader(body_limit=PAYMENT_BYTES_LIMIT, held_limit=PAYMENTS_HELD_BYTES_LIMIT)
    metrics.INGRESS_HELD_BYTES.set_function(lambda: reader.held_bytes + payment_reader.held_bytes)
    webhooks: list[tuple[Source, Webhook]] = [
        (whatsapp, Webhook(whatsapp, gate=gate, reader=reader, publisher=publisher, tracing=traces))
    ]
    for provider in providers:
        own_gate = gate.of_provider(provider.per_minute, provider.allowed)
        webhook = PaymentWebhook(
            provider.source, gate=own_gate, reader=payment_reader, publisher=publisher, tracing=traces
        )
        webhooks.append((provider.source, webhook))
    metrics.INGRESS_IN_FLIGHT.set_function(lambda: sum(webhook.under_way for _, webhook in webhooks))
    pages = Pages(
        whatsapp.paths,
        posts=[path for source, _ in webhooks for path in source.paths],
        gate=gate,
        publisher=publisher,
        verify_token=verify_token,
        switched_off=switched_off(providers, settings),
    )
    listener = _listen(settings.ingress_host, settings.ingress_port)
    server = _Server(App(webhooks, pages), listener, interface=Interfaces.RSGI)
    await publisher.start()
    running = asyncio.create_task(server.serve())
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    log.info("ingress.started", address=address)
    try:
        yield address
    finally:
        server.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait([running], timeout=STOP_SECONDS_LIMIT)
        listener.close()
        await publisher.close()
        await asyncio.to_thread(traces.close)
        log.info("ingress.stopped", address=address)

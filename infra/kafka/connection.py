"""How to reach Kafka: what aiokafka's clients are built with, and what is said when it does not answer."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NoBrokersAvailable,
    NodeNotReadyError,
    RequestTimedOutError,
    SaslAuthenticationFailed,
)

from infra.kafka import lenient
from infra.settings import Settings
from infra.telemetry.logs import logger

log = logger(__name__)

STOP_SECONDS = 3.0
ASK_AGAIN_MS = 3_000

# What aiokafka raises when nobody answers, rather than when somebody says no.
_NO_ANSWER = (
    KafkaConnectionError,
    KafkaTimeoutError,
    NodeNotReadyError,
    NoBrokersAvailable,
    RequestTimedOutError,
    OSError,
    TimeoutError,
)

_CREDENTIALS = (
    "Kafka does not take the credentials: check EASYMO_KAFKA_SASL_MECHANISM, EASYMO_KAFKA_SASL_USERNAME and "
    "EASYMO_KAFKA_SASL_PASSWORD."
)


class KafkaUnreachable(Exception):
    """No broker answers; the message says at which address, and what to do."""


class KafkaRefused(Exception):
    """A broker answered and said no: credentials, permissions, a request it does not take."""


def producer_options(settings: Settings) -> dict[str, Any]:
    """What `AIOKafkaProducer` needs to connect; acknowledgement, batches and limits are the caller's.

    Raises MissingSetting without `EASYMO_KAFKA_BOOTSTRAP_SERVERS`.
    """
    options: dict[str, Any] = {
        "bootstrap_servers": settings.need("kafka_bootstrap_servers"),
        "security_protocol": settings.kafka_security_protocol,
    }
    if settings.kafka_security_protocol.startswith("SASL_"):
        options |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.need("kafka_sasl_username"),
            "sasl_plain_password": settings.need("kafka_sasl_password"),
        }
    if settings.kafka_security_protocol.endswith("SSL"):
        options["ssl_context"] = ssl.create_default_context(cafile=settings.kafka_ssl_cafile)
    return options


def consumer_options(settings: Settings) -> dict[str, Any]:
    """What `AIOKafkaConsumer` and the admin client need to connect: the same."""
    lenient.install()
    return producer_options(settings)


def topic_name(settings: Settings, name: str) -> str:
    """The name on the cluster of a topic of the catalogue: with this installation's prefix."""
    return f"{settings.kafka_topic_prefix}{name}"


@asynccontextmanager
async def answering(settings: Settings, timeout_seconds: float = 30.0) -> AsyncIterator[None]:
    """Talk to Kafka inside. Raises KafkaUnreachable when nobody answers in time, KafkaRefused when the
    answer is no."""
    try:
        async with asyncio.timeout(timeout_seconds):
            yield
    except _NO_ANSWER as error:
        objection = await _objection(settings)
        if objection is not None:
            raise KafkaRefused(objection) from error
        raise KafkaUnreachable(
            f"Kafka does not answer at {settings.kafka_bootstrap_servers} ({type(error).__name__}). "
            "Start the embedded one with `easymo up`, or set EASYMO_KAFKA_BOOTSTRAP_SERVERS (and "
            "EASYMO_KAFKA_SECURITY_PROTOCOL, when the cluster wants TLS or SASL) to a broker that this "
            "machine reaches."
        ) from error
    except SaslAuthenticationFailed as error:
        raise KafkaRefused(_CREDENTIALS) from error
    except KafkaError as error:
        raise KafkaRefused(f"Kafka refused: {error}") from error


async def _objection(settings: Settings) -> str | None:
    """What a broker has against us. aiokafka's clients say of every failure that nobody answered."""
    for address in settings.need("kafka_bootstrap_servers").split(","):
        host, _, port = address.strip().rpartition(":")
        options = producer_options(settings)
        del options["bootstrap_servers"]
        try:
            connection = await create_conn(host, int(port), request_timeout_ms=ASK_AGAIN_MS, **options)
        except SaslAuthenticationFailed:
            return _CREDENTIALS
        except ssl.SSLError as error:
            return (
                f"TLS with {host}:{port} fails ({error.reason or type(error).__name__}): check "
                "EASYMO_KAFKA_SSL_CAFILE and EASYMO_KAFKA_SECURITY_PROTOCOL."
            )
        except (KafkaError, OSError, TimeoutError, ValueError):
            continue
        connection.close()
    return None


async def disconnect(close: Awaitable[None]) -> None:
    """Wait for a client's `stop()` or `close()`, for 3 s at most. Raises nothing.

    A TLS connection on which a fetch is under way takes uvloop 30 s to close.
    """
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await close
    except (KafkaError, OSError, TimeoutError) as error:
        log.warning("kafka.left_without_a_word", reason=type(error).__name__)

"""How to reach Kafka: what aiokafka's clients are built with, and what is said when it does not answer."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

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
        raise KafkaUnreachable(
            f"Kafka does not answer at {settings.kafka_bootstrap_servers} ({type(error).__name__}). "
            "Start the embedded one with `easymo up`, or set EASYMO_KAFKA_BOOTSTRAP_SERVERS (and "
            "EASYMO_KAFKA_SECURITY_PROTOCOL, when the cluster wants TLS or SASL) to a broker that this "
            "machine reaches."
        ) from error
    except SaslAuthenticationFailed as error:
        raise KafkaRefused(
            "Kafka does not take the credentials: check EASYMO_KAFKA_SASL_MECHANISM, "
            "EASYMO_KAFKA_SASL_USERNAME and EASYMO_KAFKA_SASL_PASSWORD."
        ) from error
    except KafkaError as error:
        raise KafkaRefused(f"Kafka refused: {error}") from error

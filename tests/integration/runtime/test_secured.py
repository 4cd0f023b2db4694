"""The clients on a broker that wants TLS and credentials, as the README sets them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it exports them, but for mypy
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from pydantic import SecretStr

from consumers.domain import Context, Decision, Domain, Emit, nothing
from consumers.runtime.service import Service
from infra.embedded.stack import EmbeddedStack
from infra.kafka import topics as kafka_topics
from infra.kafka.connection import KafkaRefused
from infra.settings import Settings
from schemas import topics
from tests.integration.runtime.bench import Bench, Echo, Effects, Poke, poke
from tests.secure_listener import SecureListener

SECONDS = 20


@pytest.fixture(params=["PLAIN", "SCRAM-SHA-512"])
def settings(
    settings: Settings, stack: EmbeddedStack, secure_listener: SecureListener, request: pytest.FixtureRequest
) -> Settings:
    """Those of the test, by way of the secured listener."""
    if request.param != "PLAIN":
        _make_scram_user(stack, secure_listener)
    return settings.model_copy(
        update={
            "kafka_bootstrap_servers": secure_listener.bootstrap_servers,
            "kafka_security_protocol": "SASL_SSL",
            "kafka_sasl_mechanism": request.param,
            "kafka_sasl_username": secure_listener.user,
            "kafka_sasl_password": SecretStr(secure_listener.password),
            "kafka_ssl_cafile": secure_listener.ca,
        }
    )


def _make_scram_user(stack: EmbeddedStack, listener: SecureListener) -> None:
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    user = UserScramCredentialUpsertion(listener.user, info, listener.password.encode())
    admin = AdminClient({"bootstrap.servers": stack.kafka_bootstrap_servers})
    (made,) = admin.alter_user_scram_credentials([user]).values()
    made.result(SECONDS)


def echoing() -> Domain:
    domain = Domain("probe")

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
        effects.add(context.person, poke.number)
        return nothing().emit(Emit(topics.events("probe"), context.person, Echo(number=poke.number)))

    return domain


async def test_topics_are_made_events_consumed_and_outputs_published(
    bench: Bench, serve: Callable[..., Awaitable[Service]]
) -> None:
    await serve(echoing())
    await bench.publish([poke("a", 1), poke("a", 2)])
    assert await bench.effects_become(2) == [1, 2]
    await bench.events_become(topics.events("probe"), 2)
    records = await bench.records(topics.events("probe"))
    assert [Echo.read(record.value).number for record in records] == [1, 2]


async def test_a_wrong_password_is_said_so_and_nothing_is_changed(settings: Settings) -> None:
    wrong = settings.model_copy(update={"kafka_sasl_password": SecretStr("wrong")})
    with pytest.raises(KafkaRefused, match="EASYMO_KAFKA_SASL_PASSWORD"):
        await kafka_topics.apply(wrong, ["jobs"])


async def test_a_stranger_s_certificate_is_said_so(settings: Settings) -> None:
    """Not trusted unless the authority is named."""
    strange = settings.model_copy(update={"kafka_ssl_cafile": None})
    with pytest.raises(KafkaRefused, match="EASYMO_KAFKA_SSL_CAFILE"):
        await kafka_topics.apply(strange, ["jobs"])

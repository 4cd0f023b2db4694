"""How clients are told to connect, and which partition a key belongs to."""

from __future__ import annotations

import inspect
import ssl
from collections import Counter
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, SaslAuthenticationFailed
from pydantic import SecretStr

from infra.kafka.connection import (
    KafkaRefused,
    KafkaUnreachable,
    answering,
    consumer_options,
    producer_options,
    topic_name,
)
from infra.kafka.partition import partition_of
from infra.settings import MissingSetting, Settings

PLAIN = Settings(kafka_bootstrap_servers="kafka:9092", kafka_topic_prefix="test.")
SASL = PLAIN.model_copy(
    update={
        "kafka_security_protocol": "SASL_SSL",
        "kafka_sasl_mechanism": "SCRAM-SHA-512",
        "kafka_sasl_username": "easymo",
        "kafka_sasl_password": SecretStr("hunter22"),
    }
)


def test_plain() -> None:
    assert producer_options(PLAIN) == {"bootstrap_servers": "kafka:9092", "security_protocol": "PLAINTEXT"}


def test_tls_and_credentials() -> None:
    options = consumer_options(SASL)
    assert isinstance(options.pop("ssl_context"), ssl.SSLContext)
    assert options == {
        "bootstrap_servers": "kafka:9092",
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "easymo",
        "sasl_plain_password": "hunter22",
    }


def test_a_certificate_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    wrong = SASL.model_copy(update={"kafka_ssl_cafile": tmp_path / "ca.pem"})
    with pytest.raises(FileNotFoundError):
        producer_options(wrong)


@pytest.mark.parametrize("client", [AIOKafkaProducer, AIOKafkaConsumer, AIOKafkaAdminClient])
def test_every_client_takes_the_options(client: type) -> None:
    assert set(producer_options(SASL)) <= set(inspect.signature(client).parameters)


@pytest.mark.parametrize("name", ["kafka_bootstrap_servers", "kafka_sasl_username", "kafka_sasl_password"])
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(MissingSetting, match=f"EASYMO_{name.upper()}"):
        producer_options(SASL.model_copy(update={name: None}))


def test_topics_bear_the_prefix() -> None:
    assert topic_name(PLAIN, "whatsapp.inbound") == "test.whatsapp.inbound"


@pytest.mark.parametrize("error", [OSError(), TimeoutError(), ConnectionRefusedError()])
async def test_no_answer_says_where_and_what_to_do(error: Exception) -> None:
    with pytest.raises(KafkaUnreachable, match=r"kafka:9092.*easymo up.*EASYMO_KAFKA_BOOTSTRAP_SERVERS"):
        async with answering(PLAIN):
            raise error


async def test_wrong_credentials_say_which_settings_to_check() -> None:
    with pytest.raises(KafkaRefused, match="EASYMO_KAFKA_SASL_PASSWORD"):
        async with answering(PLAIN):
            raise SaslAuthenticationFailed


async def test_a_refusal_is_told() -> None:
    with pytest.raises(KafkaRefused, match="no such thing"):
        async with answering(PLAIN):
            raise KafkaError("no such thing")


def test_the_partition_is_that_of_librdkafka() -> None:
    assert partition_of(b"123456789", 1 << 40) == 0xCBF43926  # the check value of CRC-32 (ISO-HDLC)
    assert [partition_of(b"250788123456", count) for count in (1, 12)] == [
        0,
        partition_of(b"250788123456", 12),
    ]


def test_contacts_are_spread_evenly() -> None:
    counts = Counter(partition_of(f"25078{n:07}".encode(), 12) for n in range(12_000))
    assert len(counts) == 12
    assert max(counts.values()) < 1.2 * min(counts.values())

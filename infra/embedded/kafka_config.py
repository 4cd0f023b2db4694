"""The broker's configuration files, as text: one KRaft node that is broker and controller at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.embedded.ports import LOOPBACK
from infra.settings import Settings

# The largest record is a dead letter of 5 MiB (schemas/topics.py); the rest is room for its batch.
MAX_RECORD_BYTES = 5 * 1024 * 1024 + 64 * 1024
PARTITIONS = 4  # a batch costs for each partition in it (infra/decisions/0009)
OFFSETS_RETENTION_MINUTES = 30 * 24 * 60  # as long as topics: a group that rests keeps its place


def partitions_at_most(settings: Settings) -> int:
    """Of a topic, for processes on this machine: what the settings say, if they name a Kafka or a number."""
    named = settings.model_fields_set & {"kafka_bootstrap_servers", "kafka_partitions_at_most"}
    return settings.kafka_partitions_at_most if named else PARTITIONS


@dataclass(frozen=True, slots=True)
class Detour:
    """A further listener of the broker, which tells its clients to come to another port: a proxy's.

    Clients go where the broker says that it is, so a proxy in front of the usual listener is passed by
    after the first request. `protocol` as Kafka names them; `settings` are this listener's alone.
    """

    port: int
    advertised_port: int
    protocol: str = "PLAINTEXT"
    settings: Mapping[str, str] = field(default_factory=dict)


# How long a broker counts as alive without a word of it (Kafka's default: 9 s). After kill -9 it may register
# again only when that is over; one that is too busy to speak is taken for dead.
SESSION_MS = 4000
QUICK_SESSION_MS = 2000


def server_properties(
    data: Path, port: int, controller_port: int, detours: Sequence[Detour] = (), session_ms: int = SESSION_MS
) -> str:
    """`server.properties`. Everything that differs between topics is left to the topics."""
    others = {f"DETOUR{number}": detour for number, detour in enumerate(detours)}
    listeners = [
        f"PLAINTEXT://{LOOPBACK}:{port}",
        f"CONTROLLER://{LOOPBACK}:{controller_port}",
        *(f"{name}://{LOOPBACK}:{detour.port}" for name, detour in others.items()),
    ]
    advertised = [
        f"PLAINTEXT://{LOOPBACK}:{port}",
        *(f"{name}://{LOOPBACK}:{detour.advertised_port}" for name, detour in others.items()),
    ]
    settings = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller_port}",
        "listeners": ",".join(listeners),
        "advertised.listeners": ",".join(advertised),
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": ",".join(
            [
                "CONTROLLER:PLAINTEXT",
                "PLAINTEXT:PLAINTEXT",
                *(f"{name}:{detour.protocol}" for name, detour in others.items()),
            ]
        ),
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": data.as_posix(),
        "auto.create.topics.enable": "false",
        # One node: whatever is replicated has one replica.
        "offsets.topic.replication.factor": 1,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.num.partitions": 4,
        "offsets.retention.minutes": OFFSETS_RETENTION_MINUTES,
        "message.max.bytes": MAX_RECORD_BYTES,
        "replica.fetch.max.bytes": MAX_RECORD_BYTES,
        # Groups of one machine form at once, and tests may use short sessions.
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 1000,
        "broker.session.timeout.ms": session_ms,
        "broker.heartbeat.interval.ms": session_ms // 8,
        # A small heap on few cores.
        "num.network.threads": 2,
        "num.io.threads": 4,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
    }
    for name, detour in others.items():
        settings |= {f"listener.name.{name.lower()}.{key}": value for key, value in detour.settings.items()}
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def log4j_properties() -> str:
    """Warnings and errors, and what the broker says about its own life, to standard output."""
    return """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %-5p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
logger.life.name = kafka.server.KafkaRaftServer
logger.life.level = info
"""

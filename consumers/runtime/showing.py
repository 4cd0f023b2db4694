"""A consumer's gauges, set about twice a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.telemetry import metrics

if TYPE_CHECKING:
    from consumers.runtime.consumer import Consumer


def show(consumer: Consumer) -> None:
    """How far it is behind, what it has in hand, and since when."""
    for partition, lag in consumer.offsets.lags(consumer.consumer).items():
        metrics.RUNTIME_LAG.labels(consumer.name, partition.topic, str(partition.partition)).set(lag)
    state = consumer.health()
    metrics.RUNTIME_IN_FLIGHT.labels(consumer.name).set(state["in_flight"])
    metrics.RUNTIME_AGE_SECONDS.labels(consumer.name).set(state["oldest_seconds"])
    metrics.RUNTIME_DYING_KEYS.labels(consumer.name).set(consumer.surge.keys())

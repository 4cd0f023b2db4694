"""The catalogue of metrics: every metric of every process is declared here, and nowhere else.

Names begin with `easymo_`, end in their unit, and labels have few values (never a person, an id or an
address). Looking up a labelled child takes longer than counting, so whoever counts for each event keeps the
child: `accepted = metrics.INGRESS_UPDATES.labels(topic)` once, then `accepted.inc()`.
"""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

# Seconds. Fine around the targets: 50 ms at the ingress, 150 ms end to end, 500/1,200/2,000 ms in the chat.
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.2, 2.0, 5.0)

# Ingress ----------------------------------------------------------------------------------------------
INGRESS_REQUESTS = Counter(
    "easymo_ingress_requests_total", "Requests answered, by path and HTTP status.", ["path", "status"]
)
INGRESS_SECONDS = Histogram(
    "easymo_ingress_request_seconds", "From the first byte to the answer, by path.", ["path"], buckets=SECONDS
)
INGRESS_UPDATES = Counter(
    "easymo_ingress_updates_total", "Updates acknowledged by Kafka, by topic.", ["topic"]
)
INGRESS_REJECTED = Counter("easymo_ingress_rejected_total", "Requests refused, by error code.", ["error"])
INGRESS_IN_FLIGHT = Gauge("easymo_ingress_requests_in_flight", "Requests being read or published.")
KAFKA_REACHABLE = Gauge("easymo_kafka_reachable", "1 while the broker answers, else 0.")


def exposition() -> tuple[bytes, str]:
    """All metrics of this process in Prometheus' text format, and its content type."""
    return generate_latest(), CONTENT_TYPE_LATEST

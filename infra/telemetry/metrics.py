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
    "easymo_ingress_requests_total", "Posts answered, by source and HTTP status.", ["source", "status"]
)
INGRESS_SECONDS = Histogram(
    "easymo_ingress_request_seconds", "From head to answer, by source.", ["source"], buckets=SECONDS
)
INGRESS_UPDATES = Counter(
    "easymo_ingress_updates_total", "Updates acknowledged by Kafka, by topic.", ["topic"]
)
INGRESS_REJECTED = Counter("easymo_ingress_rejected_total", "Requests refused, by error code.", ["error"])
INGRESS_HELD_BYTES = Gauge("easymo_ingress_held_bytes", "Bodies being read or published.")
INGRESS_IN_FLIGHT = Gauge("easymo_ingress_requests_in_flight", "Requests being read or published.")
KAFKA_REACHABLE = Gauge("easymo_kafka_reachable", "1 while the broker answers, else 0.")

# Runtime ----------------------------------------------------------------------------------------------
ROWS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)
RUNTIME_EVENTS = Counter(
    "easymo_runtime_events_total", "Events concluded, by consumer and outcome.", ["consumer", "outcome"]
)
RUNTIME_REPEATED = Counter(
    "easymo_runtime_repeated_total",
    "Events found concluded before: duplicates and redeliveries.",
    ["consumer"],
)
RUNTIME_SKIPPED = Counter(
    "easymo_runtime_skipped_total", "Records of a shared topic that are for others.", ["consumer"]
)
RUNTIME_FAILED = Counter(
    "easymo_runtime_failed_total", "Tries that failed, by consumer and type of event.", ["consumer", "type"]
)
RUNTIME_DYING_KEYS = Gauge(
    "easymo_runtime_dying_keys", "Keys of which events died within the last minute.", ["consumer"]
)
RUNTIME_SURGES = Counter(
    "easymo_runtime_surges_total", "Stops because events of too many keys died at once.", ["consumer"]
)
RUNTIME_CHUNK = Histogram("easymo_runtime_chunk_events", "Events in a chunk.", ["consumer"], buckets=ROWS)
RUNTIME_CHUNK_SECONDS = Histogram(
    "easymo_runtime_chunk_seconds",
    "A chunk's transaction, its reruns included.",
    ["consumer"],
    buckets=SECONDS,
)
RUNTIME_HANDLER_SECONDS = Histogram(
    "easymo_runtime_handler_seconds",
    "One event's handler, its reads included.",
    ["consumer"],
    buckets=SECONDS,
)
RUNTIME_PUBLISH_SECONDS = Histogram(
    "easymo_runtime_publish_seconds", "Publishing a chunk's outputs.", ["consumer"], buckets=SECONDS
)
RUNTIME_COMMIT_SECONDS = Histogram(
    "easymo_runtime_offset_commit_seconds", "Committing offsets to Kafka.", ["consumer"], buckets=SECONDS
)
RUNTIME_PERFORM_SECONDS = Histogram(
    "easymo_runtime_perform_seconds", "A call to the world.", ["consumer", "type"], buckets=SECONDS
)
RUNTIME_IN_FLIGHT = Gauge("easymo_runtime_in_flight", "Records admitted and not concluded.", ["consumer"])
RUNTIME_LAG = Gauge(
    "easymo_runtime_lag", "Records behind the end of the partition.", ["consumer", "topic", "partition"]
)
RUNTIME_AGE_SECONDS = Gauge(
    "easymo_runtime_oldest_seconds", "Age of the oldest record admitted and not concluded.", ["consumer"]
)
RUNTIME_PAUSED = Gauge(
    "easymo_runtime_paused", "1 while polling is held back by what is in flight.", ["consumer"]
)
RUNTIME_RERUNS = Counter("easymo_runtime_reruns_total", "Chunks run again after a conflict.", ["consumer"])
RUNTIME_HALVED = Counter("easymo_runtime_halved_total", "Chunks halved to find a row at fault.")
RUNTIME_DATABASE_AWAY = Counter(
    "easymo_runtime_database_away_total", "Tries while the database was away.", ["consumer"]
)
RUNTIME_KAFKA_RETRIES = Counter(
    "easymo_runtime_kafka_retries_total", "Publishing tried again after an error of Kafka's.", ["consumer"]
)
RUNTIME_REBALANCES = Counter("easymo_runtime_rebalances_total", "Assignments taken away.", ["consumer"])
RUNTIME_LATE = Counter(
    "easymo_runtime_late_total", "Chunks that ended after their partitions were gone.", ["consumer"]
)
SERVICE_FAILURES = Counter(
    "easymo_service_failures_total",
    "Loops beside a consumer (the publisher of what waits, the collector of letters) that met a defect.",
    ["consumer", "service"],
)
CACHE_READS = Counter("easymo_cache_reads_total", "Look-ups of a cache, hit or missed.", ["cache", "outcome"])
LATER_SENT = Counter("easymo_later_sent_total", "Rows of `later` published when due, by kind.", ["kind"])
LATER_WAITING = Gauge("easymo_later_waiting", "Rows of `later`, by consumer and kind.", ["consumer", "kind"])
DEAD_LETTERS = Gauge(
    "easymo_dead_letters",
    "Letters by consumer and status: dead (a person has to act), waiting or parked.",
    ["consumer", "status"],
)
LATER_OVERDUE_SECONDS = Gauge("easymo_later_overdue_seconds", "How long the first due row has been due.")


# Sending ----------------------------------------------------------------------------------------------
GRAPH_REQUESTS = Counter(
    "easymo_graph_requests_total",
    "Requests to the Graph API, by what for (messages, media, download) and how they ended.",
    ["edge", "outcome"],
)
GRAPH_SECONDS = Histogram(
    "easymo_graph_request_seconds", "From the request to the Graph API's answer.", ["edge"], buckets=SECONDS
)
GRAPH_ERRORS = Counter(
    "easymo_graph_errors_total", "Error answers of the Graph API, by Meta's code.", ["code"]
)
GRAPH_ALERTS = Counter(
    "easymo_graph_alerts_total", "Errors that an operator has to see to: token, account, payment.", ["code"]
)
GRAPH_CIRCUIT = Gauge("easymo_graph_circuit", "0: closed, 1: half open, 2: open (nothing is sent).")
SENDER_MESSAGES = Counter(
    "easymo_sender_messages_total",
    "Messages concluded: accepted, failed, or not sent: opted_out, expired, unreachable.",
    ["outcome"],
)
SENDER_STATUSES = Counter("easymo_sender_statuses_total", "Delivery statuses, by state.", ["state"])
SENDER_FAILURES = Counter(
    "easymo_sender_failures_total", "Messages that Meta did not deliver, by its code.", ["code"]
)
SENDER_DOUBTS = Counter(
    "easymo_sender_doubts_total",
    "Calls that nobody knew the end of: sent (a status told), or sent_again (possibly twice).",
    ["settled"],
)
SENDER_FITTED = Counter(
    "easymo_sender_fitted_total", "Messages shortened or changed to keep WhatsApp's limits.", ["kind"]
)

# The wallet -------------------------------------------------------------------------------------------
WALLET_COMMANDS = Counter(
    "easymo_wallet_commands_total",
    "Commands decided, by type and outcome: posted, repeated, or why it was refused.",
    ["type", "outcome"],
)
LEDGER_PROBLEMS = Gauge(
    "easymo_ledger_problems", "What the last verification found wrong, by check: anything above 0.", ["check"]
)
LEDGER_VERIFIED_AT = Gauge("easymo_ledger_verified_at_seconds", "When the ledger was last verified (Unix).")
LEDGER_VERIFY_SECONDS = Gauge("easymo_ledger_verify_seconds", "How long the last verification took.")
LEDGER_WAITING = Gauge(
    "easymo_ledger_waiting",
    "What waits for a person: held (transfers), owed (airtime to hand over).",
    ["what"],
)
LEDGER_OLDEST_WAITING = Gauge(
    "easymo_ledger_oldest_waiting_seconds", "Since when the oldest of them waits; 0: none does.", ["what"]
)
LEDGER_ENTRIES = Gauge("easymo_ledger_entries", "Entries that the last verification looked at.")
# Payments ---------------------------------------------------------------------------------------------
PAYMENTS = Counter(
    "easymo_payments_total",
    "Notifications judged: received, failed, why a person has to look, or what was ignored.",
    ["provider", "outcome"],
)
PAYMENTS_WAITING = Gauge(
    "easymo_payments_waiting", "What waits: review (for a person), pay_out (for MTN's last word).", ["what"]
)
PAYMENTS_OLDEST_WAITING = Gauge(
    "easymo_payments_oldest_waiting_seconds", "Since when the oldest of them waits; 0: none does.", ["what"]
)


def exposition() -> tuple[bytes, str]:
    """All metrics of this process in Prometheus' text format, and its content type."""
    return generate_latest(), CONTENT_TYPE_LATEST

"""The catalogue of topics: the only place that names them, their keys, partitions and retention."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

INBOUND = "whatsapp.inbound"
STATUSES = "whatsapp.statuses"
ACCOUNT = "whatsapp.account"
OUTBOUND = "whatsapp.outbound"
INTENTS_CORE = "intents.core"
CORE_EVENTS = "core.events"
WALLET_COMMANDS = "wallet.commands"
WALLET_EVENTS = "wallet.events"
PAYMENTS_INBOUND = "payments.inbound"
PAYMENTS_EVENTS = "payments.events"
INSURANCE_EVENTS = "insurance.events"
INTENTS_PAYMENTS = "intents.payments"
DEAD_LETTERS = "dead-letters"

MEBIBYTE = 1024 * 1024
RECORD_BYTES_LIMIT = 4 * MEBIBYTE  # Meta posts up to 3 MB, and an update travels with its metadata
DEAD_LETTER_BYTES_LIMIT = 5 * MEBIBYTE  # a whole record plus what happened to it
RETENTION_DAYS = 14  # longer than Meta repeats (7) and than outcomes are remembered (9)


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: what its key is (the unit of order), and how it is kept."""

    name: str
    key: str
    carries: str
    partitions: int = 12
    retention_days: int = RETENTION_DAYS
    record_bytes_limit: int = RECORD_BYTES_LIMIT

    def config(self, min_insync_replicas: int) -> dict[str, str]:
        """Kafka's settings for this topic."""
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention_days * 24 * 3600 * 1000),
            "max.message.bytes": str(self.record_bytes_limit),
            "min.insync.replicas": str(min_insync_replicas),
        }


SHARED_TOPICS = (
    Topic(INBOUND, "contact", "one message, as Meta sent it, with its metadata"),
    Topic(STATUSES, "contact", "one delivery status"),
    Topic(ACCOUNT, "account", "everything else Meta posts, unknown fields included", partitions=3),
    Topic(INTENTS_CORE, "person", "a domain's word about a turn: ended, unclaimed, left"),
    Topic(CORE_EVENTS, "person", "person seen, joined, address changed, opted out"),
    Topic(OUTBOUND, "person", "one thing to send"),
    # The ingress publishes it, whoever runs payments.
    Topic(PAYMENTS_INBOUND, "payment", "a provider's raw notification"),
    Topic(DEAD_LETTERS, "as the original", "whatever was set aside", 6, 30, DEAD_LETTER_BYTES_LIMIT),
)

# Domains that only run beside the others: they hear no events, so nothing waits for them either.
WITHOUT_EVENTS = frozenset({"dead_letters"})

_WALLET = (
    Topic(WALLET_COMMANDS, "account owner", "what the wallet is to do"),
    Topic(WALLET_EVENTS, "account owner", "what the wallet did, or refused"),
)
_PAYMENTS = Topic(PAYMENTS_EVENTS, "payment", "what became of a notification")

# Policies earn a bonus. The same as the domain's own, whether it runs here or not.
_INSURANCE = Topic(INSURANCE_EVENTS, "its aggregate", "facts of insurance for others", partitions=6)
_INTENTS_PAYMENTS = Topic(INTENTS_PAYMENTS, "payment", "turns for payments, and its timers")

# What is only there where the domain is.
TOPICS_OF = {
    "wallet": (*_WALLET, _INTENTS_PAYMENTS, _PAYMENTS, _INSURANCE),
    "mobility": _WALLET,
    "payments": (_PAYMENTS, *_WALLET),
}


def intents(domain: str) -> str:
    """The topic that carries a person's turns to one domain."""
    return f"intents.{domain}"


def events(domain: str) -> str:
    """The topic of a domain's facts for others."""
    return f"{domain}.events"


def redelivery(consumer: str) -> str:
    """The topic on which what waited comes back, to one consumer alone."""
    return f"redelivery.{consumer}"


def is_for_many(topic: str) -> bool:
    """Whether several consumers read the topic, each only what it knows.

    On all others a type that its one reader does not know is an error, and is set aside.
    """
    return topic.endswith(".events") or topic in (STATUSES, ACCOUNT)


def tells_others(domain: str) -> bool:
    """Whether a domain has facts for others: their models are in `schemas/events/<domain>.py`."""
    return (Path(__file__).parent / "events" / f"{domain}.py").exists()


def catalogue(domains: Iterable[str]) -> tuple[Topic, ...]:
    """Every topic of an installation that runs `domains` (the names of the folders in consumers/)."""
    topics = {topic.name: topic for topic in SHARED_TOPICS}
    for domain in sorted(domains):
        own = [*TOPICS_OF.get(domain, ())]
        if domain not in WITHOUT_EVENTS:
            own += [
                Topic(intents(domain), "person", f"turns for {domain}, and its timers"),
                Topic(redelivery(domain), "as the original", f"what waited for {domain}", partitions=6),
            ]
        if tells_others(domain):
            own.append(Topic(events(domain), "its aggregate", f"facts of {domain} for others", partitions=6))
        for topic in own:
            topics.setdefault(topic.name, topic)
    return tuple(topics.values())

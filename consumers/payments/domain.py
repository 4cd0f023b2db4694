"""The domain itself, which every use case adds its handlers to."""

from __future__ import annotations

from consumers.domain import Domain
from schemas import topics

# Ordered: of one payment, what waits holds back what was told later.
payments = Domain(
    "payments",
    ordered=True,
    conversational=False,
    workers=8,
    chunk=64,
    topics=(topics.PAYMENTS_INBOUND, topics.WALLET_EVENTS),
)
INTENTS = topics.intents("payments")
EVENTS = topics.events("payments")

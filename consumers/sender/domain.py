"""The domain itself: what it hears, and how much of it at once."""

from __future__ import annotations

from consumers.domain import Domain
from schemas import topics

# Waits for Meta most of the time, so many workers. Ordered: what waits holds back the later messages of that
# person, or they would read the answer before the question.
sender = Domain(
    "sender",
    ordered=True,
    conversational=False,
    workers=32,
    chunk=64,
    topics=(topics.OUTBOUND, topics.STATUSES, topics.CORE_EVENTS),
)
SOURCE = f"/consumers/{sender.name}"  # `ce_source` of what this domain publishes itself

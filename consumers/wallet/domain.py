"""The domain itself: what it hears, and how much of it at once."""

from __future__ import annotations

from consumers.domain import Domain
from schemas import topics

# Bound by the database: few workers, large chunks. Ordered: a command that waits holds back the later ones of
# its key, or a capture would come before its hold.
wallet = Domain(
    "wallet",
    ordered=True,
    conversational=False,
    workers=4,
    chunk=250,
    topics=(topics.WALLET_COMMANDS, topics.CORE_EVENTS),
)

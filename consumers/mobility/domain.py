"""The domain itself, which every use case in flows/ adds its handlers to."""

from __future__ import annotations

from consumers.domain import Domain
from schemas.topics import CORE_EVENTS, WALLET_EVENTS, events

mobility = Domain("mobility", priority=70, topics=(CORE_EVENTS, WALLET_EVENTS))

EVENTS = events("mobility")

"""The domain itself, apart from its flows, so that each of them can register with it."""

from __future__ import annotations

from consumers.domain import Domain
from schemas.topics import INBOUND

# The last among equals: a keyword that another domain also claims is the other domain's.
core = Domain("core", priority=-1, topics=(INBOUND,))

"""The domain's name, the topics it hears, and the steps of its conversations."""

from __future__ import annotations

from consumers.domain import Domain
from schemas.topics import CORE_EVENTS

jobs = Domain("jobs", priority=50, topics=(CORE_EVENTS,))

BROWSING = "browsing"  # a list was shown; the next thing is most likely a tap

# Finding
CATEGORY = "category"
WHERE = "where"

# Applying
MESSAGE = "message"

# Posting
TITLE = "title"
KIND = "kind"
TRADE = "trade"
PLACE = "place"
PAY = "pay"
UNIT = "unit"
DESCRIPTION = "description"
PREVIEW = "preview"

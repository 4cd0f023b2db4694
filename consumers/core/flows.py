"""Core's flows, each in its own file: importing them registers them."""

from __future__ import annotations

from consumers.core import handshake, inbound, language, places, profile, support
from consumers.core.domain import core
from consumers.core.identify import identify

core.identify = identify

__all__ = ["core", "handshake", "inbound", "language", "places", "profile", "support"]

"""How a process says by its end that it is not to be started again as if nothing had happened."""

from __future__ import annotations

SURGE = 3  # too many events died in too short a time: somebody has to look first

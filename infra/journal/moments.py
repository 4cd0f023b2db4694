"""Points in time as people write them: `2026-11-20T14:30`, or `90m`, `24h`, `3d` for how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

_AGO = re.compile(r"(\d{1,6})\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class NoMoment(Exception):
    """The text names no point in time."""


def parse_moment(text: str, now: datetime, zone: tzinfo = UTC) -> datetime:
    """The moment that a text names; `zone`: of a text without one. Raises NoMoment."""
    text = text.strip()
    if text == "now":
        return now
    ago = _AGO.fullmatch(text)
    try:
        if ago:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise NoMoment(
            f"{text!r} is no time: write it as 2026-11-20T14:30 ({now.astimezone(zone):%Z}, or with +02:00 "
            "after it), or as how long ago: 90m, 24h, 3d."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)

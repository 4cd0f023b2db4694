"""Amounts and times as statements write them: what can be read without doubt, and nothing else. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Any

RWF = frozenset(("", "RWF", "FRW"))  # a statement that tells no currency is in ours

# A word of the currency at one end; a sign or a bracket may stand outside of it.
_OURS = re.compile(r"^([-+(]?) ?(?:rwf|frw)\.? ?| ?(?:rwf|frw)\.?( ?\)?)$", re.IGNORECASE)
_OTHERS = re.compile(r"(?<![a-z])(?:usd|eur|gbp|kes|ugx|tzs|bif|cdf)(?![a-z])|[$€£]", re.IGNORECASE)
_SIGNED = re.compile(r"\( ?(?P<bracketed>[^()]+?) ?\)|(?P<sign>[-+]?) ?(?P<plain>[^()]+)")
# Groups of three digits by one separator all along, or none; then zeros behind another one. "0,500" may be
# half a franc, and "50,000,00" anything.
_NUMBER = re.compile(
    r"(?P<whole>[1-9][0-9]{0,2}(?:(?P<by>[ ,.])[0-9]{3}(?:(?P=by)[0-9]{3}){0,2})|[0-9]{1,12})"
    r"(?:(?P<point>[.,])0{1,2})?"
)
_BY_SLASHES = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([ap])\.?m\.?)?)?",
    re.ASCII | re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"^(\d{4})/(\d{2})/(\d{2})", re.ASCII)
_MONTHS = 12


def read_written(value: Any, currency: Any) -> tuple[int | None, bool, bool]:
    """Whole RWF or None, whether it has a minus (or brackets), and whether it is ours and not to be read."""
    text = re.sub(r"\s+", " ", "" if isinstance(value, bool) else str(value)).strip().replace("−", "-")
    if isinstance(value, float) and value.is_integer():
        text = str(int(value))
    told = str(currency or "").strip().upper()
    signed = _SIGNED.fullmatch(_OURS.sub(r"\1\2", text))
    minus = signed is not None and (signed["bracketed"] is not None or signed["sign"] == "-")
    if told not in RWF or (not told and _OTHERS.search(text)):
        return None, minus, False
    number = _NUMBER.fullmatch(signed["bracketed"] or signed["plain"]) if signed else None
    if number is None or (number["by"] and number["by"] == number["point"]):
        return None, minus, True
    return int(re.sub(r"\D", "", number["whole"])), minus, False


def comes_day_first(values: Iterable[Any]) -> bool | None:
    """Whether dates such as 28/11/2026 begin with the day; None: none of them proves it, or they disagree."""
    found = set()
    for value in values:
        match = _BY_SLASHES.fullmatch(value.strip()) if isinstance(value, str) else None
        if match and (int(match[1]) > _MONTHS) != (int(match[3]) > _MONTHS):
            found.add(int(match[1]) > _MONTHS)
    return found.pop() if len(found) == 1 else None


def read_time(value: Any, *, day_first: bool | None, zone: tzinfo = UTC) -> datetime | None:
    """A time by ISO 8601, in Unix seconds, or as 28/11/2026, of `zone` if it tells none. None: in doubt."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(int(value))
    if not isinstance(value, str):
        return None
    text = _YEAR_FIRST.sub(r"\1-\2-\3", value.strip())
    try:
        if slashed := _BY_SLASHES.fullmatch(text):
            return _by_slashes(slashed, day_first, zone)
        time = datetime.fromtimestamp(int(text), UTC) if text.isdigit() else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=zone)


def _by_slashes(found: re.Match[str], day_first: bool | None, zone: tzinfo) -> datetime | None:
    """Raises ValueError where there is no such day or hour."""
    first, second = int(found[1]), int(found[3])
    if day_first is None and first != second:
        return None
    day, month = (first, second) if day_first else (second, first)
    hour = int(found[5] or 0)
    if found[8]:
        if not 1 <= hour <= _MONTHS:  # as many hours as months
            return None
        hour = hour % 12 + (12 if found[8].lower() == "p" else 0)
    return datetime(int(found[4]), month, day, hour, int(found[6] or 0), int(found[7] or 0), tzinfo=zone)

"""The rules of jobs: what may be posted, applied for and answered, and what lies near. Pure."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

import h3.api.basic_int as h3

from consumers.texts import one_line

TITLE_LIMIT = 60  # characters
TITLE_LEAST = 3
DESCRIPTION_LIMIT = 500
MESSAGE_LIMIT = 300
PAY_LIMIT_RWF = 100_000_000
OPEN_DAYS = 30
OPEN_FOR = timedelta(days=OPEN_DAYS)
OPEN_JOBS_LIMIT = 20  # open at once for one person: nobody fills the board alone
LISTED_LIMIT = 45  # five pages of nine

# Cells: of 10 km edge, so that a search reads 19 of them. Measured over East Africa, a disk of two rings
# covers 28.4 km around every point of its middle cell; a listing is made for the middle of a cell of 3.7 km
# edge (what people nearby share in the cache), so all within 20 km of anybody in that one is found.
JOB_CELL_RESOLUTION = 5
SEARCH_CELL_RESOLUTION = 6
SEARCH_RINGS = 2
RADIUS_KM = 20.0

KIGALI = ZoneInfo("Africa/Kigali")
EARTH_RADIUS_KM = 6371.0


class Kind(StrEnum):
    """How long, and on what terms."""

    ONE_DAY = "one_day"
    SHORT_TERM = "short_term"
    PART_TIME = "part_time"
    FULL_TIME = "full_time"
    CONTRACT = "contract"
    GIG = "gig"


class Category(StrEnum):
    """What kind of work: nine, so that they and *all* fit one list."""

    BUILDING = "building"
    HOME = "home"
    DRIVING = "driving"
    FARMING = "farming"
    HOSPITALITY = "hospitality"
    SALES = "sales"
    OFFICE = "office"
    CARE = "care"
    OTHER = "other"


class PayUnit(StrEnum):
    """What the pay is for."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    WHOLE = "whole"


class JobState(StrEnum):
    """Whether a job takes applications. Closed by its poster, or lapsed when its time was over."""

    OPEN = "open"
    CLOSED = "closed"
    LAPSED = "lapsed"


class ApplicationState(StrEnum):
    """What the poster said."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


# A refusal can be taken back, an acceptance cannot: the applicant may have left another job for it.
ANSWERS: dict[ApplicationState, frozenset[ApplicationState]] = {
    ApplicationState.WAITING: frozenset({ApplicationState.ACCEPTED, ApplicationState.REFUSED}),
    ApplicationState.REFUSED: frozenset({ApplicationState.ACCEPTED}),
    ApplicationState.ACCEPTED: frozenset(),
}


class Obstacle(StrEnum):
    """Why somebody cannot apply."""

    OWN = "own"
    APPLIED = "applied"
    NOT_OPEN = "not_open"


def obstacle(*, own: bool, applied: bool, open_now: bool) -> Obstacle | None:
    """What keeps a person from applying; the reason that explains most to them comes first."""
    if own:
        return Obstacle.OWN
    if applied:
        return Obstacle.APPLIED
    return None if open_now else Obstacle.NOT_OPEN


# Words -------------------------------------------------------------------------------------------------


def tidy(text: str) -> str:
    """One line: no control characters, single spaces. (U+200D joins emoji: it stays.)"""
    return one_line(text, keep="\u200d")


def tidy_lines(text: str) -> str:
    """The same, line by line; never two empty lines in a row."""
    lines = "\n".join(tidy(line) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def plain(text: str) -> str:
    """For comparing what people type: no accents, capitals or punctuation."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(kept.split())


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, the last of them `…` where something was left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


_CURRENCY = r"(?:rwf|frw|fr|rf|francs?)?"
_NUMBER = r"(?P<number>\d{1,3}(?:[ ,.'\u00a0\u202f]\d{3}){1,3}|\d{1,9})\s*(?P<thousands>k)?"
_PAY = re.compile(rf"{_CURRENCY}\s*{_NUMBER}\s*{_CURRENCY}", re.IGNORECASE)


def read_pay(text: str) -> int | None:
    """The amount in `5000`, `5,000`, `5.000 Frw`, `RWF 5 000`, `5k`; None where there is no such amount."""
    match = _PAY.fullmatch(text.strip().rstrip(".").strip())
    if match is None:
        return None
    amount = int(re.sub(r"\D", "", match["number"])) * (1000 if match["thousands"] else 1)
    return amount if 1 <= amount <= PAY_LIMIT_RWF else None


def read_id(text: str) -> UUID | None:
    """The id in a tapped row; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


# Time --------------------------------------------------------------------------------------------------


def days_ago(at: datetime, now: datetime) -> int:
    """Calendar days in Kigali: 0 is today."""
    return max(0, (now.astimezone(KIGALI).date() - at.astimezone(KIGALI).date()).days)


# Space -------------------------------------------------------------------------------------------------


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """The great-circle distance between two points in degrees."""
    north, south = math.radians(latitude), math.radians(other_latitude)
    across = math.radians(other_longitude - longitude)
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))


def job_cell(latitude: float, longitude: float) -> int:
    """The H3 cell under which a job is kept; fits a signed bigint."""
    return int(h3.latlng_to_cell(latitude, longitude, JOB_CELL_RESOLUTION))


def search_cell(latitude: float, longitude: float) -> int:
    """The H3 cell whose middle stands for whoever searches from within it."""
    return int(h3.latlng_to_cell(latitude, longitude, SEARCH_CELL_RESOLUTION))


def middle(cell: int) -> tuple[float, float]:
    """Latitude and longitude of a cell's middle."""
    latitude, longitude = h3.cell_to_latlng(cell)
    return float(latitude), float(longitude)


def cells_around(cell: int) -> list[int]:
    """The cells of jobs that may lie near a search cell."""
    return [int(c) for c in h3.grid_disk(job_cell(*middle(cell)), SEARCH_RINGS)]


# Other people ------------------------------------------------------------------------------------------


def chat_link(digits: str, words: str) -> str:
    """An address that opens a chat with a number, and words ready to be sent (WhatsApp's click to chat)."""
    return f"https://wa.me/{digits}?text={quote(words, safe='')}"

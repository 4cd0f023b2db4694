"""What it takes to drive: a plate, and one day an insured vehicle."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal

# The rule is written, its data is not here yet: mobility learns of insurance documents only when the
# insurance domain publishes what it read in them. Until then nobody could fulfil it.
INSURANCE_IS_REQUIRED = False

ONLINE_FOR = timedelta(minutes=30)  # how long a person can be found after they said where they are

_PLATE = re.compile(r"(?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*[0-9])[A-Z0-9]{4,10}")
_SEPARATORS = re.compile(r"[\s.\-_/]+")

InsuranceGap = Literal["missing", "expired"]


def read_plate(text: str) -> str | None:
    """The plate in capital letters without spaces, such as RAA123C, or None.

    4 to 10 letters and digits, with at least one of each: a word alone or a phone number is no plate.
    """
    plate = _SEPARATORS.sub("", text[:40]).upper()
    return plate if _PLATE.fullmatch(plate) else None


def insurance_gap(
    insured_until: date | None, today: date, *, required: bool = INSURANCE_IS_REQUIRED
) -> InsuranceGap | None:
    """What keeps a vehicle from going online as far as insurance goes; None: nothing.

    `insured_until`: the last day of the cover, None where no document is known.
    """
    if not required:
        return None
    if insured_until is None:
        return "missing"
    return "expired" if insured_until < today else None

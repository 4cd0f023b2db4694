"""Whether a referral code counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

REWARD = 10  # tokens, to the promoter
INSURANCE_BONUS = 2_000  # tokens, for a policy
NEW_FOR = timedelta(days=1)
LEADERS = 9


class Verdict(StrEnum):
    """What becomes of a code."""

    COUNTS = "counts"
    UNKNOWN = "unknown"
    OWN = "own"
    REPEATED = "repeated"
    LATE = "late"


def judge(
    joiner: str, promoter: str | None, *, repeated: bool, since: datetime | None, at: datetime
) -> Verdict:
    """`since`: when the joiner wrote for the first time; None: just now. The reason that says most first."""
    if promoter is None:
        return Verdict.UNKNOWN
    if promoter == joiner:
        return Verdict.OWN
    if repeated:
        return Verdict.REPEATED
    return Verdict.LATE if since is not None and at - since > NEW_FOR else Verdict.COUNTS

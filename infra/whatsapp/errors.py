"""Meta's error codes, and what is to be done about each.

Source: facts/whatsapp.md, from Meta's page "Cloud API error codes".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Remedy(StrEnum):
    """What is to be done about a message that Meta refused."""

    RETRY = "retry"  # Meta's own trouble: again, by the schedule of retries
    PACE = "pace"  # we are too fast for the number: again shortly, nobody is at fault
    PACE_PAIR = "pace_pair"  # too fast for this person: again after 4^n s, for them alone
    WAIT_HOUR = "wait_hour"  # a window of Meta's has to pass
    WAIT_DAY = "wait_day"  # Meta holds marketing back from this person for now
    USE_TEMPLATE = "use_template"  # the 24 hours have passed
    HALT = "halt"  # the whole account is at a standstill until somebody acts
    GIVE_UP = "give_up"  # the person cannot or will not be reached: nobody's mistake
    REJECT = "reject"  # the message or the set-up is wrong: it never works


_REMEDIES: dict[int, Remedy] = {
    **dict.fromkeys((1, 2, 131000, 131016, 131057, 133004), Remedy.RETRY),
    **dict.fromkeys((4, 80007, 130429), Remedy.PACE),
    131056: Remedy.PACE_PAIR,
    **dict.fromkeys((133008, 133009, 133015, 133016, 131048, 131064), Remedy.WAIT_HOUR),
    131049: Remedy.WAIT_DAY,
    131047: Remedy.USE_TEMPLATE,
    **dict.fromkeys((190, 368, 131031, 131042), Remedy.HALT),
    # Undeliverable, blocked, opted out of marketing, part of an experiment, a restricted country.
    **dict.fromkeys((131026, 130403, 131050, 130472, 130497), Remedy.GIVE_UP),
    **dict.fromkeys((0, 3, 10, 33, 100, *range(200, 300)), Remedy.REJECT),
    **dict.fromkeys((131005, 131008, 131009, 131021, 131037, 131045), Remedy.REJECT),
    **dict.fromkeys((131051, 131052, 131053, 131062, 133010, 135000), Remedy.REJECT),
    **dict.fromkeys((132000, 132001, 132005, 132007, 132012, 132015), Remedy.REJECT),
    **dict.fromkeys((132016, 132018, 132068, 132069), Remedy.REJECT),
}
_BY_HTTP_STATUS: dict[int, Remedy] = {401: Remedy.HALT, 408: Remedy.RETRY, 429: Remedy.PACE}

# Somebody has to act: the token, the account, the payment, a country, the quality of what we send.
ALERTING = frozenset((190, 368, 130497, 131031, 131042, 131048))
NO_SUCH_TRANSLATION = 132001

DETAILS_LIMIT = 500  # characters kept of what Meta says about an error


@dataclass(frozen=True, slots=True)
class Refusal:
    """Meta's answer that it does not take a message, or, in a status, that it could not deliver it."""

    code: int  # 0: the answer named none
    title: str
    details: str = ""
    trace_id: str = ""  # what Meta's support asks for
    http_status: int = 0  # 0: told in a status
    transient: bool = False  # Meta's own word, for codes that we do not know

    @property
    def remedy(self) -> Remedy:
        """What to do about it. A code that nobody knows yet is judged by the HTTP status."""
        known = _REMEDIES.get(self.code)
        if known is not None and (self.code or not self.http_status):
            return known
        if self.http_status >= 500 or self.transient:
            return Remedy.RETRY
        return _BY_HTTP_STATUS.get(self.http_status, Remedy.REJECT)

    @property
    def alerts(self) -> bool:
        """Whether an operator is to be told."""
        return self.code in ALERTING or self.remedy is Remedy.HALT

    def __str__(self) -> str:
        said = f"{self.code} {self.title}"
        return f"{said}: {self.details}" if self.details else said


def read_refusal(body: Any, http_status: int = 0) -> Refusal | None:
    """The error in an answer of the Graph API (`{"error": {…}}`), or None where there is none."""
    error = body.get("error") if isinstance(body, Mapping) else None
    return _refusal(error, http_status) if isinstance(error, Mapping) else None


def read_failure(status: Mapping[str, Any]) -> Refusal:
    """Why a message failed, from the `errors` of its status."""
    errors = status.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return _refusal(first, 0) if isinstance(first, Mapping) else Refusal(0, "no reason given")


def _refusal(error: Mapping[str, Any], http_status: int) -> Refusal:
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, Mapping) else None
    code = error.get("code")
    return Refusal(
        code=code if isinstance(code, int) and not isinstance(code, bool) else 0,
        title=_short(error.get("title") or error.get("message")),
        details=_short(details),
        trace_id=_short(error.get("fbtrace_id")),
        http_status=http_status,
        transient=error.get("is_transient") is True,
    )


def _short(value: object) -> str:
    return value[:DETAILS_LIMIT] if isinstance(value, str) else ""

"""What a payment pays for: never by the amount alone, and never a guess between two."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from consumers.payments.rules.readings import MOMO, STRIPE, Payer, Received

TAIL_DIGITS = 3  # all that an SMS shows of the payer's number
CLOCKS_APART = timedelta(minutes=2)  # MTN's clock and ours
LATE_WITHIN = timedelta(hours=24)  # after that a request that lapsed is no candidate at all
RIVALS_WITHIN = timedelta(minutes=30)  # two tellers of one payment are no further apart
CANDIDATES_LIMIT = 200  # of one amount and the same digits; there may be more, so nobody knows which
OPEN, LAPSED, PAID = "open", "lapsed", "paid"  # states of a request
TOP_UP = "top_up"
CARD = "stripe"  # the method that MTN has no part in
BELIEVED = frozenset((MOMO, STRIPE))  # whose word of a request is taken; PayPal signs a checksum only (0061)

_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Request:
    """A payment that was asked for."""

    id: UUID
    person: str
    purpose: str
    reference: str
    amount_rwf: int
    method: str
    phone: str | None
    name: str | None
    state: str
    created_at: datetime
    expires_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True)
class Match:
    """The request that a payment pays, or why none: `unmatched`, `ambiguous`, `late` or `wrong_amount`."""

    request: Request | None
    reason: str = ""


def by_id(received: Received, request: Request | None) -> Match:
    """Where the provider hands our own id back."""
    if request is None or received.scheme not in BELIEVED:
        return Match(None, "unmatched")
    if received.amount_rwf != request.amount_rwf:
        return Match(None, "wrong_amount")
    # Of a top-up we know whose and how much: that it comes late changes nothing.
    fits = request.state == OPEN or (request.state == LAPSED and request.purpose == TOP_UP)
    return Match(request) if fits else Match(None, "late")


def by_likeness(received: Received, requests: Sequence[Request], heard_at: datetime) -> Match:
    """The only open request of the same amount, payer and time; `heard_at` stands for a time not told."""
    at = received.paid_at or heard_at
    alike = [
        request
        for request in requests
        if request.amount_rwf == received.amount_rwf
        and is_payer(received.payer, request)
        and request.created_at - CLOCKS_APART <= at
    ]
    fitting = [r for r in alike if r.state == OPEN and at <= r.expires_at + CLOCKS_APART]
    late = [r for r in alike if r not in fitting and r.state != PAID and at <= r.expires_at + LATE_WITHIN]
    # Three digits tell nobody apart: it may as well be another person's, who pays late.
    rivals = {r.person for r in (*fitting, *late)}
    if len(fitting) == len(rivals) == 1 and len(requests) < CANDIDATES_LIMIT:
        return Match(fitting[0])
    if fitting:
        return Match(None, "ambiguous")
    return Match(None, "late" if late else "unmatched")


def is_payer(payer: Payer, request: Request) -> bool:
    """Whether it may be the same person: by the digits that are known of the number, and by both names.

    Without digits on both sides it is nobody: an amount is no proof.
    """
    if request.phone is None or len(payer.tail) < TAIL_DIGITS:
        return False
    if request.phone[-len(payer.tail) :] != payer.tail[-len(request.phone) :]:
        return False
    known, shown = words(request.name or ""), words(payer.name)
    return not known or not shown or bool(known & shown)


def words(name: str) -> frozenset[str]:
    """The words of a name, without accents and case."""
    plain = unicodedata.normalize("NFKD", name)
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return frozenset(word.casefold() for word in _WORD.findall(letters))

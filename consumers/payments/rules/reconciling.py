"""A provider's statement against our own books: what one has and the other has not. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Any

from consumers.payments.rules.written import comes_day_first, read_time, read_written

# How statements of MTN, Stripe and PayPal name their columns, in any case and with any spaces.
_NAMES = {
    "transaction": (
        "transaction", "transactionid", "financialtransactionid", "paymentintent", "paymentintentid",
        "captureid", "id", "sourceid",
    ),
    "amount": ("amount", "amountrwf", "gross", "grossamount"),
    "currency": ("currency", "currencycode"),
    "status": ("status", "state", "transactionstatus"),
    "direction": ("direction", "type", "transactiontype"),
    "refunded": ("refunded",),
    "refundedamount": ("amountrefunded", "refundedamount"),
    "at": (
        "at", "date", "time", "timestamp", "datetime", "created", "createdutc", "completedat",
        "transactiondate",
    ),
}  # fmt: skip
# States without anything but their letters. One that is in none of the three is a word we do not know.
_GOOD = frozenset(("", "successful", "success", "succeeded", "completed", "paid", "available"))
_GIVEN_BACK = frozenset(("refunded", "reversed"))  # the whole of it; it was good before
_FAILED = frozenset(
    (
        "failed", "failure", "fail", "unsuccessful", "declined", "denied", "rejected", "refused", "canceled",
        "cancelled", "expired", "timeout", "timedout", "aborted", "error", "voided", "blocked",
    )
)  # fmt: skip
_UNDECIDED = frozenset(
    (
        "pending", "processing", "inprogress", "ongoing", "created", "initiated", "submitted", "open", "held",
        "onhold", "unclaimed", "partiallyrefunded", "partialrefund", "requirespaymentmethod",
        "requiresaction", "requiresconfirmation", "requirescapture", "uncaptured", "disputed",
    )
)  # fmt: skip
SHOWN = 40  # characters of what could not be read
# "Transfer" and "payment" may be either.
_OUT = re.compile(
    r"\b(out|debit|disbursement|payout|withdraw\w*|sent|refund\w*|revers\w*|charge ?back\w*)\b", re.IGNORECASE
)
_IN = re.compile(r"\b(in|credit|collection|received|deposit|charge)\b", re.IGNORECASE)


class Wrong(StrEnum):
    """In what the two differ."""

    MISSING_HERE = "missing_here"  # they have it, we do not
    MISSING_THERE = "missing_there"  # we have it, they do not
    AMOUNT = "amount"
    UNREADABLE = "unreadable"  # their amount, in RWF: nobody knows whether it is ours
    DIRECTION = "direction"  # money in for one, money out for the other
    NOT_CREDITED = "not_credited"  # they have it; here it waits, failed, or was refused
    FAILED_THERE = "failed_there"  # it counts here, and they say it failed
    TWICE = "twice"  # their statement has it more than once


class NoStatement(Exception):
    """The file is no statement; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One payment of the statement."""

    transaction: str
    amount_rwf: int | None  # None: in another currency, or unreadable
    good: bool | None  # False: it failed; None: the statement says neither
    out: bool | None  # None: the statement does not say
    at: datetime | None
    given_back: bool = False  # by its state; a refund may as well be a line of its own
    # As they stand in the file, where they could not be read without doubt.
    unreadable: str = ""  # the amount
    undated: str = ""  # the time
    unknown: str = ""  # the state


@dataclass(frozen=True, slots=True)
class Booked:
    """One payment of ours. `state`: as in the tables; a payment out that counts is `paid`. `transaction`: the
    name by which it was looked for; `own`: its first name; `also`: its others, by which they may know it."""

    transaction: str
    amount_rwf: int | None
    state: str
    out: bool
    own: str = ""
    also: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One payment on which the two do not agree."""

    wrong: Wrong
    transaction: str
    theirs_rwf: int | None = None
    ours_rwf: int | None = None
    state: str = ""
    unreadable: str = ""  # their amount as they write it


def read_lines(rows: Iterable[Mapping[str, Any]], zone: tzinfo = UTC) -> list[Line]:
    """The lines of a statement; `zone`: of times that tell none. Raises NoStatement."""
    found = [_cells(number, row) for number, row in enumerate(rows, 1)]
    day_first = comes_day_first(cells["at"] for cells in found)
    return [_line(cells, day_first, zone) for cells in found]


def _cells(number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row has of each of _NAMES. Raises NoStatement."""
    if any(row.get(None) or ()):  # type: ignore[call-overload]  # cells beyond the columns, of csv.DictReader
        raise NoStatement(
            f"line {number} has more cells than there are columns: a comma within a cell, as in an amount, "
            "needs quotes around the cell"
        )
    plain = {re.sub(r"[^a-z]", "", str(name).lower()): value for name, value in row.items()}
    found = {
        name: next((plain[each] for each in names if plain.get(each) not in (None, "")), None)
        for name, names in _NAMES.items()
    }
    if found["transaction"] is None or found["amount"] is None:
        raise NoStatement(
            f"line {number} has no transaction or no amount; its columns: {', '.join(map(str, row))}"
        )
    return found


def _line(cells: Mapping[str, Any], day_first: bool | None, zone: tzinfo) -> Line:
    amount, minus, unreadable = read_written(cells["amount"], cells["currency"])
    status = str(cells["status"] or "").strip()
    word = re.sub(r"[^a-z]", "", status.lower())
    good = True if word in _GOOD else False if word in _FAILED else None
    given_back = word in _GIVEN_BACK or (good is True and _is_refunded(cells, amount))
    at = read_time(cells["at"], day_first=day_first, zone=zone)
    return Line(
        str(cells["transaction"]).strip(),
        amount,
        None if given_back else good,
        _is_out(str(cells["direction"] or ""), minus=minus),
        at,
        given_back=given_back,
        unreadable=_shown(cells["amount"]) if unreadable else "",
        undated=_shown(cells["at"]) if at is None and cells["at"] is not None else "",
        unknown=_shown(status) if good is None and word not in _GIVEN_BACK | _UNDECIDED else "",
    )


def _is_refunded(cells: Mapping[str, Any], amount: int | None) -> bool:
    """Whether the whole of it was given back, as Stripe tells it beside the state."""
    if str(cells["refunded"] or "").strip().lower() in ("true", "yes", "1"):
        return True
    back, _, _ = read_written(cells["refundedamount"], cells["currency"])
    return amount is not None and back == amount


def compare(
    lines: Iterable[Line], booked: Mapping[str, Booked], window: Iterable[Booked], *, foreign: bool = False
) -> list[Difference]:
    """Where they differ. `booked`: ours of the lines' transactions; `window`: of the statement's time;
    `foreign`: whether what we have in RWF may be theirs in another currency."""
    differences: list[Difference] = []
    lines = list(lines)
    given_back: defaultdict[str, list[int | None]] = defaultdict(list)
    for line in lines:
        if line.out and line.good:
            given_back[line.transaction].append(line.amount_rwf)
    seen: set[tuple[str, bool]] = set()  # a payment and its refund may go by one number
    named: set[str] = set()
    for line in lines:
        ours = booked.get(line.transaction)
        # Of one payment there is one line, whatever it is called in it.
        name = (ours.own if ours is not None else "") or line.transaction
        if (name, line.out is True) in seen:
            differences.append(Difference(Wrong.TWICE, line.transaction, line.amount_rwf))
            continue
        seen.add((name, line.out is True))
        named |= {name, line.transaction}
        wrong = _wrong(line, ours, foreign=foreign)
        parts = given_back[line.transaction]
        if ours is not None and ours.state == "refused" and _is_all_given_back(line, parts):
            wrong = None  # neither they nor we have any of it
        if wrong is not None:
            amount, state = (ours.amount_rwf, ours.state) if ours else (None, "")
            differences.append(
                Difference(wrong, line.transaction, line.amount_rwf, amount, state, line.unreadable)
            )
    differences += [
        Difference(Wrong.MISSING_THERE, ours.transaction, None, ours.amount_rwf, ours.state)
        for ours in window
        if named.isdisjoint((ours.transaction, *ours.also)) and ours.state in ("received", "paid", "review")
    ]
    return differences


def _is_all_given_back(line: Line, parts: Sequence[int | None]) -> bool:
    """Whether its parts make up the whole; where an amount cannot be read, any part is taken for it."""
    if line.amount_rwf is None or None in parts:
        return bool(parts)
    return bool(parts) and sum(part or 0 for part in parts) >= line.amount_rwf


def _wrong(line: Line, ours: Booked | None, *, foreign: bool) -> Wrong | None:
    if ours is None:
        return Wrong.MISSING_HERE if line.good else None
    counts = ours.state in ("received", "paid")
    if not line.good:
        return _wrong_unless_good(line) if counts else None
    if line.out and not ours.out:
        return Wrong.DIRECTION if ours.state == "received" else None
    if not counts:
        return Wrong.NOT_CREDITED
    return _wrong_way_or_amount(line, ours, foreign=foreign)


def _wrong_unless_good(line: Line) -> Wrong | None:
    """Of what counts here, and is not good there."""
    if line.given_back:
        return Wrong.DIRECTION
    return Wrong.FAILED_THERE if line.good is False else None


def _wrong_way_or_amount(line: Line, ours: Booked, *, foreign: bool) -> Wrong | None:
    if line.out not in (None, ours.out):
        return Wrong.DIRECTION
    if line.unreadable:
        return Wrong.UNREADABLE
    if line.amount_rwf is None:
        return None if foreign else Wrong.AMOUNT
    return None if line.amount_rwf == ours.amount_rwf else Wrong.AMOUNT


def _is_out(direction: str, *, minus: bool) -> bool | None:
    direction = direction.replace("_", " ")  # as in Stripe's payment_refund
    if minus or _OUT.search(direction):
        return True
    return False if _IN.search(direction) else None


def _shown(value: Any) -> str:
    """As the file has it, short enough for a message; never empty."""
    return str(value).strip()[:SHOWN] or "?"

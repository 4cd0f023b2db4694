"""A provider's statement against our own books: what one has and the other has not. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from consumers.payments.rules.reports import read_amount

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
    "at": (
        "at", "date", "time", "timestamp", "datetime", "created", "createdutc", "completedat",
        "transactiondate",
    ),
}  # fmt: skip
_GOOD = frozenset(("", "successful", "success", "succeeded", "completed", "paid", "available"))
# "Transfer" and "payment" may be either.
_OUT = re.compile(r"\b(out|debit|disbursement|payout|withdraw\w*|sent)\b", re.IGNORECASE)
_IN = re.compile(r"\b(in|credit|collection|received|deposit|charge)\b", re.IGNORECASE)


class Wrong(StrEnum):
    """In what the two differ."""

    MISSING_HERE = "missing_here"  # they have it, we do not
    MISSING_THERE = "missing_there"  # we have it, they do not
    AMOUNT = "amount"
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
    amount_rwf: int | None
    good: bool
    out: bool | None  # None: the statement does not say
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Booked:
    """One payment of ours. `state`: as in the tables; a payment out that counts is `paid`."""

    transaction: str
    amount_rwf: int | None
    state: str
    out: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One payment on which the two do not agree."""

    wrong: Wrong
    transaction: str
    theirs_rwf: int | None = None
    ours_rwf: int | None = None
    state: str = ""


def read_lines(rows: Iterable[Mapping[str, Any]]) -> list[Line]:
    """The lines of a statement. Raises NoStatement."""
    lines = []
    for number, row in enumerate(rows, 1):
        plain = {re.sub(r"[^a-z]", "", str(name).lower()): value for name, value in row.items()}
        found = {
            name: next((plain[each] for each in names if plain.get(each) not in (None, "")), None)
            for name, names in _NAMES.items()
        }
        if found["transaction"] is None or found["amount"] is None:
            raise NoStatement(f"line {number} has no transaction or no amount; its columns: {', '.join(row)}")
        text = str(found["amount"]).replace(",", "").replace(" ", "")
        amount, _ = read_amount(text.lstrip("+-"), found["currency"] or "RWF")
        lines.append(
            Line(
                str(found["transaction"]).strip(),
                amount,
                str(found["status"] or "").strip().lower() in _GOOD,
                _is_out(text, str(found["direction"] or "")),
                _time(found["at"]),
            )
        )
    return lines


def compare(
    lines: Iterable[Line], booked: Mapping[str, Booked], window: Iterable[Booked]
) -> list[Difference]:
    """Where they differ. `booked`: ours of the lines' transactions; `window`: of the statement's time."""
    differences: list[Difference] = []
    lines = list(lines)
    given_back = {line.transaction for line in lines if line.out and line.good}
    seen: set[tuple[str, bool]] = set()  # a payment and its refund may go by one number
    for line in lines:
        ours = booked.get(line.transaction)
        if (line.transaction, line.out is True) in seen:
            differences.append(Difference(Wrong.TWICE, line.transaction, line.amount_rwf))
            continue
        seen.add((line.transaction, line.out is True))
        wrong = _wrong(line, ours)
        if ours is not None and ours.state == "refused" and line.transaction in given_back:
            wrong = None  # neither they nor we have it any more
        if wrong is not None:
            amount, state = (ours.amount_rwf, ours.state) if ours else (None, "")
            differences.append(Difference(wrong, line.transaction, line.amount_rwf, amount, state))
    named = {transaction for transaction, _ in seen}
    differences += [
        Difference(Wrong.MISSING_THERE, ours.transaction, None, ours.amount_rwf, ours.state)
        for ours in window
        if ours.transaction not in named and ours.state in ("received", "paid", "review")
    ]
    return differences


def _wrong(line: Line, ours: Booked | None) -> Wrong | None:
    if ours is None:
        return Wrong.MISSING_HERE if line.good else None
    if line.good and line.out and not ours.out:
        return Wrong.DIRECTION if ours.state == "received" else None
    counts = ours.state in ("received", "paid")
    if not line.good:
        return Wrong.FAILED_THERE if counts else None
    if not counts:
        return Wrong.NOT_CREDITED
    if line.out not in (None, ours.out):
        return Wrong.DIRECTION
    return None if line.amount_rwf in (None, ours.amount_rwf) else Wrong.AMOUNT


def _is_out(amount: str, direction: str) -> bool | None:
    if amount.startswith("-") or _OUT.search(direction):
        return True
    return False if _IN.search(direction) else None


def _time(value: Any) -> datetime | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(int(value))
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        time = datetime.fromtimestamp(int(text), UTC) if text.isdigit() else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)

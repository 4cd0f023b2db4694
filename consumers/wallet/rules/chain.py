"""The chain of hashes over the entries of one account: each names the one before, and all it says itself.

`consumers/wallet/verifying/queries.py` computes the same in SQL.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

POSTED = "posted"
HELD = "held"
CAPTURED = "captured"
RELEASED = "released"
EXPIRED = "expired"

_LINE = "%d|%d|%s|%d|%s|%d|%d|%d|%d|%d"  # all fields of an entry but its hash


class Entry(NamedTuple):
    """One line of an account, in the order of the table's columns."""

    account: int
    number: int  # counts from 1 in each account
    command: UUID
    part: int  # which transfer of the command
    status: str
    amount: int  # what the balance changed by
    held: int  # what the amount held changed by
    balance_after: int
    held_after: int
    at: datetime
    hash: bytes


def microseconds(at: datetime) -> int:
    """Since 1970, exactly."""
    return (at - EPOCH) // MICROSECOND


def link(before: bytes, said: tuple[object, ...]) -> bytes:
    """The hash of an entry: SHA-256 over the one before and its other fields, the time in microseconds."""
    return hashlib.sha256(before + (_LINE % said).encode()).digest()

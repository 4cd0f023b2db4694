"""MTN Rwanda's SMS: the one shape that is money coming in from a person, and the others, by name.

Only a text with the whole grammar of that shape credits. What the payer wrote stands in its middle: nobody
can write an amount in front of the first word, and a message that speaks of transaction ids credits nothing.
After the id MTN adds an advertisement at times, in French or Kinyarwanda.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from consumers.payments.rules.readings import (
    AMOUNT_RWF_LIMIT,
    MOMO,
    REVERSAL,
    UNREADABLE,
    Ignored,
    Payer,
    Reading,
    Received,
    tail_of,
)

SENDER = "m-money"
KIGALI = timezone(timedelta(hours=2))  # no summer time
TEXT_LENGTH = 2_000

_AMOUNT = (
    r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,3}(?: [0-9]{3}){1,3}|[0-9]{1,3}(?:\.[0-9]{3}){1,3}|[0-9]{1,9})"
)
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"
_MONEY_CAME_IN = re.compile(
    rf"You have received (?P<amount>{_AMOUNT}) ?RWF from (?P<name>[^()]{{1,80}}?) ?"
    r"\((?P<number>[*xX0-9+]{0,17}[0-9]{3})\) on your mobile money account at "
    rf"(?P<at>{_TIME}) ?\. ?Message from sender: ?"
    # What imitates the rest of the grammar, or is two messages in one, is for a person.
    r"(?P<message>(?:(?!Financial Transaction|You have received).){0,500}) ?\. ?"
    rf"Your new balance ?: ?{_AMOUNT} ?RWF ?\. ?"
    r"Financial Transaction Id ?: ?(?P<id>[0-9]{5,20})(?![\w-]) ?\.?"
    # An advertisement says nothing of money that moved.
    r"(?P<tail>(?:(?!\bRWF\b|Financial Transaction|revers|cancel|annul|yasubijwe).){0,400})",
    re.IGNORECASE | re.DOTALL,
)

# The first that fits says what the text is instead. Beginnings first: an advertisement at the end of a
# receipt may speak of anything.
_INSTEAD = (
    ("outgoing", r"TxId:.{0,40}Your payment of"),
    ("outgoing", r"\*162\*|\*165\*S\*|.{0,60}\bRWF transferred to\b"),
    ("debit", r"\*164\*S\*|Y'ello,? ?A transaction of"),
    ("deposit", r"\*113\*R\*|.{0,20}\bbank deposit of\b"),
    ("failed", r"\*143\*R\*"),
    ("one_time_password", r".*\b(OTP|one.time.(password|pin)|verification code|code de v[eé]rification)\b"),
    (REVERSAL, r".*\b(revers(ed|al)|annul[eé]e?s?|refunded|rembours[eé]e?|yasubijwe)\b"),
    ("withdrawal", r".*\b(withdraw(n|al|ed)?|retrait|retir[eé]|wabikuje)\b"),
    ("failed", r".*\b(failed|[eé]chou[eé]e?|not enough funds|insufficient|ntibyakunze)\b"),
    ("bundle", r".*\b(bundles?|forfait|airtime|megabytes|[GM]B)\b"),
    ("outgoing", r".*\b(you have (sent|paid)|your payment|vous avez (pay[eé]|envoy[eé]))\b"),
)
_KINDS = tuple((kind, re.compile(pattern, re.IGNORECASE | re.DOTALL)) for kind, pattern in _INSTEAD)
# With or without the prefix that MTN puts before other shapes: then a person looks at it.
_LOOKS_LIKE_A_CREDIT = re.compile(
    r"\s*(?:\*[0-9]{3}\*[A-Z]\*)?\s*(you have received|vous avez re[cç]u|mwakiriye|wakiriye)", re.IGNORECASE
)
_ANY_ID = re.compile(r"TxId: ?([0-9]{5,20})", re.IGNORECASE)
_REVERSED_ID = re.compile(r"(?:TxId|transaction(?: Id)?) ?:? ?([0-9]{5,20})(?![0-9])", re.IGNORECASE)
_CREDIT_ID = re.compile(r"Financial Transaction Id ?:\s?([\w-]{0,40})", re.IGNORECASE)
_ONE_ID = re.compile(r"[0-9]{5,20}")
_SPACES = re.compile(r"[\s\u00a0\u202f]+")


def read_sms(sender: Any, text: Any) -> Reading:
    """What one message says. Never raises."""
    if not isinstance(text, str) or not isinstance(sender, str):
        return Ignored(UNREADABLE)
    plain = _SPACES.sub(" ", text[: TEXT_LENGTH + 1]).replace("\x00", "").strip()
    came_in = _MONEY_CAME_IN.fullmatch(plain) if len(text) <= TEXT_LENGTH else None
    if sender.strip().casefold() != SENDER:
        return Ignored("forged" if _LOOKS_LIKE_A_CREDIT.match(plain) else "other")
    if came_in is not None:
        return _received(came_in)
    if _LOOKS_LIKE_A_CREDIT.match(plain):  # before what the payer wrote makes something else of it
        return _unreadable(plain)
    found = _ANY_ID.search(plain)
    transaction = found[1] if found else ""
    for kind, pattern in _KINDS:
        if pattern.match(plain):
            found = _REVERSED_ID.search(plain) if kind == REVERSAL else None
            return Ignored(kind, found[1] if found else transaction)
    return Ignored("other", transaction)


def _unreadable(text: str) -> Reading:
    """It seems to be money, told in another way: where it names one payment, a person says its worth."""
    named = _CREDIT_ID.findall(text)
    if len(named) == 1 and _ONE_ID.fullmatch(named[0]):
        return Received(MOMO, named[0], None, UNREADABLE)
    return Ignored(UNREADABLE)


def _received(match: re.Match[str]) -> Reading:
    amount = int(re.sub(r"\D", "", match["amount"]))
    try:
        paid_at = datetime.strptime(match["at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=KIGALI).astimezone(UTC)
    except (ValueError, OverflowError):
        return Received(MOMO, match["id"], None, UNREADABLE)
    fits = 0 < amount <= AMOUNT_RWF_LIMIT
    return Received(
        MOMO,
        match["id"],
        amount if fits else None,
        "" if fits else "wrong_amount",
        Payer(match["name"].strip(), tail_of(match["number"])),
        paid_at,
    )

"""What a person typed: amounts, phone numbers, merchant codes, names; and what a telephone dials for them."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import quote

from consumers.texts import one_line

AMOUNT_LIMIT = 999_999_999
NAME_LEAST, NAME_MOST = 2, 40
COUNTRY = "250"  # MoMo here is Rwanda's
CODE_LENGTH = 8
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 32: without I, O, 0 and 1
LABEL_LIMIT = 40

_UNIT = r"(?:rwf|frw|fr|rf|francs?|tokens?|tok|jetons?)?"
_NUMBER = r"(?P<number>\d{1,3}(?:[ ,.'\u00a0\u202f]\d{3}){1,2}|\d{1,9})\s*(?P<thousands>k)?"
_AMOUNT = re.compile(rf"{_UNIT}\s*{_NUMBER}\s*{_UNIT}", re.IGNORECASE | re.ASCII)
_LOCAL = re.compile(r"0(7\d{8})", re.ASCII)
_MOMO = re.compile(r"2507[2389]\d{7}", re.ASCII)
_MERCHANT = re.compile(r"\d{4,12}", re.ASCII)


def amount(text: str) -> int | None:
    """The amount in `5000`, `5,000`, `RWF 5 000`, `5k tokens`; None where there is no such amount."""
    match = _AMOUNT.fullmatch(text.strip().rstrip(".").strip())
    if match is None:
        return None
    value = int(re.sub(r"\D", "", match["number"])) * (1000 if match["thousands"] else 1)
    return value if value <= AMOUNT_LIMIT else None


def phone(text: str) -> str | None:
    """Digits with the country's code of `0788 123 456`, `+250 788 123 456`, or any international number."""
    plain = re.sub(r"[ ().\u00a0-]", "", text.strip())
    local = _LOCAL.fullmatch(plain)
    if local is not None:
        return COUNTRY + local[1]
    digits = plain.removeprefix("+").removeprefix("00")
    if not digits.isascii() or not digits.isdecimal() or not 11 <= len(digits) <= 15:
        return None
    return digits


def mobile(text: str) -> str | None:
    """The number of a Rwandan telephone, `07XXXXXXXX`, as it is dialled there."""
    found = phone(text)
    local = None if found is None else "0" + found.removeprefix(COUNTRY)
    return local if local is not None and _LOCAL.fullmatch(local) else None


def momo_phone(text: str) -> str | None:
    """The digits of a number that takes money: 078, 079, 072 or 073; None for any other."""
    found = phone(text)
    return found if found is not None and _MOMO.fullmatch(found) else None


def local(digits: str) -> str:
    """A Rwandan number as it is dialled at home."""
    return "0" + digits.removeprefix(COUNTRY) if digits.startswith(COUNTRY) else "+" + digits


def merchant(text: str) -> str | None:
    """A merchant code: 4 to 12 digits."""
    plain = re.sub(r"[ -]", "", text.strip())
    # A person's number is dialled in another way: whoever types one here means a person.
    return plain if _MERCHANT.fullmatch(plain) and not _LOCAL.fullmatch(plain) else None


def name(text: str) -> str | None:
    """The name of a business, tidied; None where it is too short."""
    tidy = one_line(text)[:NAME_MOST].rstrip()
    return tidy if sum(c.isalpha() for c in tidy) >= NAME_LEAST else None


def dialled(to: str, amount_rwf: int | None) -> str:
    """What to dial to pay a person (07XXXXXXXX) or a merchant by MoMo; without an amount it is asked."""
    person = _LOCAL.fullmatch(to) is not None
    parts = ["182", "1", "1", to] if person else ["182", "8", "1", to]
    return "*" + "*".join([*parts, *([] if amount_rwf is None else [str(amount_rwf)])]) + "#"


def tel_link(dialled: str) -> str:
    """An address that dials it: there `*` and `#` have a meaning of their own."""
    return f"tel:{quote(dialled, safe='')}"


def in_qr(dialled: str) -> str:
    """The same for a QR code, whose readers take it as it stands."""
    return f"tel:{dialled}"


def referral_code(person: str, attempt: int = 0) -> str:
    """A person's code; `attempt` makes another one, should somebody have it."""
    number = int.from_bytes(hashlib.sha256(f"referral:{attempt}:{person}".encode()).digest()[:5])
    return "".join(CODE_LETTERS[number >> 5 * place & 31] for place in range(CODE_LENGTH))


def shorten(text: str, limit: int = LABEL_LIMIT) -> str:
    """At most `limit` characters, the last of them `…` where something was left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"

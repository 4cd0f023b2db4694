"""The JSON that providers post: one reading of each, whatever is in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from consumers.payments.rules.readings import (
    AMOUNT_RWF_LIMIT,
    MOMO,
    PAYPAL,
    REVERSAL,
    STRIPE,
    Failed,
    Ignored,
    Payer,
    Pending,
    Reading,
    Received,
    tail_of,
)
from consumers.payments.rules.sms import read_sms

_WHOLE = re.compile(r"\d{1,12}(?:\.0{1,2})?", re.ASCII)
_TRANSACTION = re.compile(r"[A-Za-z0-9_.:-]{1,120}")
# The documents' name first, then MTN's; `externalId` is ours, and not unique.
_MOMO_NAMES = ("transactionId", "financialTransactionId", "referenceId")
NAME_LEAST = 5  # characters, of a name beside the first
# What stands where a name is missing: were it one, all payments would be one.
_NO_NAME = re.compile(r"[0_.:-]*|null|none|nil|undefined|n[._-]?a", re.IGNORECASE)
# After a failed attempt the customer may try another card, under the same id.
_STRIPE_PENDING = ("checkout.session.completed", "payment_intent.processing", "payment_intent.payment_failed")
# A dispute that is closed was won or lost, a refund that is updated may have failed: neither takes anything.
_STRIPE_TAKEN_BACK = ("charge.refunded", "charge.dispute.created", "charge.dispute.funds_withdrawn")


def read_content(body: str) -> dict[str, Any]:
    """The JSON object that was posted; empty where there is none."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def read_report(provider: str, content: Mapping[str, Any]) -> Reading:
    """What a notification of `provider` says. Never raises."""
    match provider:
        case "momo":
            return read_momo(content)
        case "momo-sms":
            return read_sms(content.get("sender"), content.get("message"))
        case "stripe":
            return _read_stripe(content)
        case "paypal":
            return _read_paypal(content)
    return Ignored("other")


def read_momo(content: Mapping[str, Any]) -> Reading:
    """A report of the MoMo gateway, or of MTN's own interface: both in one shape."""
    names = tuple(dict.fromkeys(filter(None, (read_name(content.get(name)) for name in _MOMO_NAMES))))
    transaction = names[0] if names else ""
    also = tuple(name for name in names[1:] if len(name) >= NAME_LEAST)
    status = str(content.get("status", "")).strip().upper()
    amount, trouble = read_amount(content.get("amount"), content.get("currency"))
    request = read_id(content.get("externalId"))
    if not transaction:
        return Ignored("unreadable", amount_rwf=amount)
    if status == "FAILED":
        return Failed(MOMO, transaction, _reason(content.get("reason")), amount, request, also)
    if status not in ("SUCCESSFUL", "SUCCESS"):
        return Pending(MOMO, transaction, amount, request, also)
    payer = content.get("payer")
    number = payer.get("partyId") if isinstance(payer, Mapping) else content.get("phone")
    known = Payer(_text(content.get("payerName")), tail_of(str(number or "")))
    return Received(MOMO, transaction, amount, trouble, known, None, request, also)


def _read_stripe(content: Mapping[str, Any]) -> Reading:
    kind = str(content.get("type", ""))
    subject = _inside(_inside(content, "data"), "object")
    transaction = read_name(subject.get("payment_intent")) or read_name(subject.get("id"))
    metadata = _inside(subject, "metadata")
    request = read_id(metadata.get("request")) or read_id(subject.get("client_reference_id"))
    amount, trouble = read_amount(
        subject.get("amount_total", subject.get("amount_received", subject.get("amount"))),
        subject.get("currency"),
    )
    if not transaction:
        return Ignored("other")
    paid = subject.get("payment_status") == "paid"
    if kind in ("checkout.session.async_payment_succeeded", "payment_intent.succeeded") or (
        kind == "checkout.session.completed" and paid
    ):
        at = _unix(content.get("created"))
        return Received(STRIPE, transaction, amount, trouble, Payer(), at, request)
    if kind in _STRIPE_PENDING:
        return Pending(STRIPE, transaction, amount, request)
    if kind in ("checkout.session.async_payment_failed", "payment_intent.canceled"):
        return Failed(STRIPE, transaction, kind, amount, request)
    if kind in _STRIPE_TAKEN_BACK:
        back, _ = read_amount(subject.get("amount_refunded"), subject.get("currency"))
        return Ignored(REVERSAL, transaction, back or amount)  # of a part, the part
    return Ignored("other", transaction)


def _read_paypal(content: Mapping[str, Any]) -> Reading:
    kind = str(content.get("event_type", ""))
    resource = _inside(content, "resource")
    transaction = read_name(resource.get("id"))
    money = _inside(resource, "amount")
    amount, trouble = read_amount(money.get("value"), money.get("currency_code"))
    request = read_id(resource.get("custom_id"))
    if not transaction or not kind.startswith("PAYMENT.CAPTURE."):
        return Ignored("other", transaction)
    match kind.rpartition(".")[2]:
        case "COMPLETED":
            return Received(PAYPAL, transaction, amount, trouble, Payer(), None, request)
        case "PENDING":
            return Pending(PAYPAL, transaction, amount, request)
        case "DENIED" | "DECLINED":
            return Failed(PAYPAL, transaction, kind, amount, request)
        case "REFUNDED" | "REVERSED":
            return Ignored(REVERSAL, _capture_of(resource) or transaction, amount)
    return Ignored("other", transaction)


def _capture_of(refund: Mapping[str, Any]) -> str:
    """The payment that a refund is of: it has an id of its own, and a link to what is above it."""
    links = refund.get("links")
    above = (
        link.get("href")
        for link in (links if isinstance(links, list) else [])
        if isinstance(link, Mapping) and link.get("rel") == "up"
    )
    return next((read_name(href.rpartition("/")[2]) for href in above if isinstance(href, str)), "")


def read_amount(value: Any, currency: Any) -> tuple[int | None, str]:
    """Whole RWF, or None and why."""
    if str(currency or "").strip().upper() != "RWF":
        return None, "wrong_currency"
    whole = None
    if isinstance(value, int) and not isinstance(value, bool):
        whole = value
    elif isinstance(value, float) and value.is_integer():
        whole = int(value)
    elif isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        whole = int(value.strip().partition(".")[0])
    if whole is None or not 0 < whole <= AMOUNT_RWF_LIMIT:
        return None, "wrong_amount"
    return whole, ""


def _inside(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name)
    return found if isinstance(found, Mapping) else {}


def read_name(value: Any) -> str:
    """A provider's id; empty where it is none that we could keep, or stands for none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value).strip()
    return text if _TRANSACTION.fullmatch(text) and not _NO_NAME.fullmatch(text) else ""


def _text(value: Any) -> str:
    return value.replace("\x00", "").strip()[:80] if isinstance(value, str) else ""


def _reason(value: Any) -> str:
    """MTN's newer answers wrap the code: `{code, message}`."""
    if isinstance(value, Mapping):
        value = value.get("code")
    return _text(value) or "unknown"


def read_id(value: Any) -> UUID | None:
    """An id of ours, where the text is one."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _unix(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None

"""Stripe: a page of theirs, for one payment, where the payer pays by card; a Checkout Session.

A session and not their reusable payment link: it can be paid once, and ends. Source: Stripe API, Checkout
Sessions; RWF is one of the currencies without decimals. The order's id is the idempotency key: within 24 h
the same call gives the same session.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from infra.payments.calls import Calls, Reply
from infra.payments.interface import (
    Answer,
    Order,
    Outcome,
    Refused,
    Standing,
    State,
    Taken,
    Unanswered,
    Unreached,
)

# Stripe takes 30 min to 24 h from its own creation of the page; a minute for the way there, and for clocks.
OPEN_MIN, OPEN_MAX = timedelta(minutes=31), timedelta(hours=23, minutes=59)
NAME_LENGTH = 120


class StripeClient:
    """Makes links. What becomes of them the webhooks tell."""

    def __init__(self, calls: Calls, secret_key: str, return_url: str) -> None:
        """`return_url`: where the payer's browser goes afterwards."""
        self._calls = calls
        self._authorization = f"Bearer {secret_key}"
        self._return_url = return_url

    async def order(self, order: Order) -> Outcome:
        """Make the page of one payment."""
        form = {
            "mode": "payment",
            "client_reference_id": str(order.id),
            "metadata[request]": str(order.id),
            "payment_intent_data[metadata][request]": str(order.id),
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": "rwf",
            "line_items[0][price_data][unit_amount]": str(order.amount_rwf),
            "line_items[0][price_data][product_data][name]": order.note[:NAME_LENGTH] or "EasyMO",
            "success_url": self._return_url,
        }
        if order.made_at is not None and order.ends_at is not None:
            form["expires_at"] = str(_ends(order.made_at, order.ends_at))
        headers = {"Authorization": self._authorization, "Idempotency-Key": str(order.id)}
        reply = await self._calls.call("POST", "/v1/checkout/sessions", headers, data=form)
        if not isinstance(reply, Reply):
            return reply
        url = reply.body.get("url")
        if reply.status == 200 and isinstance(url, str):
            return Taken(url)
        if reply.status in (
            401,
            409,
            429,
        ):  # wrong key, the same call is under way, too many: it made nothing
            return Unreached(f"HTTP {reply.status}")
        if 400 <= reply.status < 500:
            return Refused(_code(reply.body) or f"HTTP {reply.status}")
        return Unanswered(f"HTTP {reply.status}")

    async def look(self, order_id: UUID) -> Answer:
        """Stripe has no look-up by our id: ordering again gives the same page. So it is always unknown."""
        return Standing(State.UNKNOWN)


def _ends(made_at: datetime, ends_at: datetime) -> int:
    """When the page takes no more money, in Unix seconds: with the request, as near as Stripe lets us.

    By what is stored and never by the clock: Stripe refuses another body under the same idempotency key.
    """
    return int(min(max(ends_at, made_at + OPEN_MIN), made_at + OPEN_MAX).timestamp())


def _code(body: Mapping[str, Any]) -> str:
    error = body.get("error")
    return str(error.get("code") or error.get("type") or "")[:120] if isinstance(error, Mapping) else ""

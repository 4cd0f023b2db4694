"""Stripe: a page of theirs, for one payment, where the payer pays by card; a Checkout Session.

A session and not their reusable payment link: it can be paid once, and ends. Source: Stripe API, Checkout
Sessions; RWF is one of the currencies without decimals. The order's id is the idempotency key: within 24 h
the same call gives the same session.
"""

from __future__ import annotations

from collections.abc import Mapping
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

SECONDS_MIN, SECONDS_MAX = 31 * 60, 24 * 3600  # Stripe takes 30 min to 24 h
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


def _code(body: Mapping[str, Any]) -> str:
    error = body.get("error")
    return str(error.get("code") or error.get("type") or "")[:120] if isinstance(error, Mapping) else ""

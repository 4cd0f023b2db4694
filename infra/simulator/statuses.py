"""Delivery statuses, in the shape of Meta's webhooks."""

from __future__ import annotations

import hashlib
from typing import Any

from infra.simulator.errors import GraphError
from infra.simulator.messages import Message
from infra.simulator.people import WINDOW_SECONDS, Person

WITH_PRICE = frozenset(("sent", "delivered"))
USUAL = ("sent", "delivered", "read")


def a_status(
    person: Person, message: Message, status: str, now: float, error: GraphError | None = None
) -> dict[str, Any]:
    """One element of `statuses`; `now` in Unix seconds."""
    told: dict[str, Any] = {"id": message.id, "status": status, "timestamp": str(int(now))}
    if person.phone is not None:
        told["recipient_id"] = person.phone
    if person.user_id is not None:
        told["recipient_user_id"] = person.user_id
    if message.callback_data is not None:
        told["biz_opaque_callback_data"] = message.callback_data
    if status in WITH_PRICE:
        category = _category(message)
        told["conversation"] = {
            "id": hashlib.blake2b(f"{person.key}{category}".encode(), digest_size=16).hexdigest(),
            "expiration_timestamp": str(int((person.last_wrote or now) + WINDOW_SECONDS)),
            "origin": {"type": category},
        }
        told["pricing"] = {
            "billable": category != "service",
            "pricing_model": "PMP",
            "category": category,
            "type": "free_customer_service" if category == "service" else "regular",
        }
    if error is not None:
        told["errors"] = [error.in_status()]
    return told


def _category(message: Message) -> str:
    if message.type == "template" and isinstance(message.content, dict):
        return str(message.content.get("category", "UTILITY")).lower()
    return "service"

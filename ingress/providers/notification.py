"""A provider's notification as one record: the raw text, with an id that is the same for every repeat."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ingress.parsing import mend_json
from ingress.update import Kind, UnreadableBody, Update
from schemas import topics
from schemas.events.payments import PaymentNotified
from schemas.ids import notification_id

NAME_LENGTH = 200  # of a provider's ids; what is longer is told apart by its hash

# A provider's own time becomes the event's only where the runtime takes it (−9 … +1 days), with some slack.
_OLDEST, _NEWEST = timedelta(days=8), timedelta(hours=12)


class Body(NamedTuple):
    """A notification's text, and the object in it."""

    text: str
    content: Mapping[str, Any]


def read_object(body: bytes) -> Body:
    """Parse a body. Raises UnreadableBody where there is no JSON object."""
    body, content = mend_json(body)
    if not isinstance(content, dict):
        raise UnreadableBody("unexpected_shape", "The body has to be a JSON object.")
    return Body(body.decode(), content)


def named(value: Any) -> str:
    """A provider's id as text, bounded; empty where it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value).strip()
    return text if len(text) <= NAME_LENGTH else hashlib.sha256(text.encode()).hexdigest()


def plausible(time: datetime | None, received_at: datetime) -> datetime:
    """The provider's time where it can be the event's, else the time of receipt."""
    if time is None or not received_at - _OLDEST < time < received_at + _NEWEST:
        return received_at
    return time


def update(
    kind: Kind,
    body: Body,
    received_at: datetime,
    *,
    payment: str,
    notification: str = "",
    status: str = "",
    time: datetime | None = None,
) -> list[Update]:
    """One update to publish.

    Its id comes from the provider's `notification` id, or where it has none from the payment, its status and
    the hash of the body.
    """
    provider = kind.source.rpartition("/")[2]
    digest = hashlib.sha256(body.text.encode()).hexdigest()
    payment = payment or notification or digest
    identity = notification_id(provider, notification or f"{payment}:{status}:{digest}")
    data = PaymentNotified(
        provider=provider,
        payment=payment,
        body=body.text,
        received_at=received_at,
        notification=notification or None,
    )
    key = f"{provider}:{payment}"
    return [Update(kind, key, identity, plausible(time, received_at), data.write())]


def kind_of(provider: str) -> Kind:
    """The kind of event that a provider's notifications are."""
    return Kind(PaymentNotified, topics.PAYMENTS_INBOUND, f"/ingress/{provider}")

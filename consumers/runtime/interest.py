"""What a domain's consumer reads: its topics, and which of their records are meant for it."""

from __future__ import annotations

from collections.abc import Iterable

from consumers.domain import Domain, Route
from schemas import topics
from schemas.envelope import ORIGIN, header


def topics_of(domain: Domain) -> tuple[str, ...]:
    """The topics that the domain's consumer subscribes to; none where it hears nothing."""
    if domain.name in topics.WITHOUT_EVENTS:
        return ()
    own = (topics.intents(domain.name), topics.redelivery(domain.name))
    return tuple(dict.fromkeys((*domain.topics, *own)))


def group_of(domain: Domain) -> str:
    """The domain's consumer group, without the installation's prefix."""
    return f"easymo.{domain.name}"


def route_of(domain: Domain, headers: Iterable[tuple[str, bytes]]) -> Route | None:
    """How the domain handles a record, by its type; None: it does not know the type."""
    kind = header(headers, "ce_type")
    return None if kind is None else domain.routes.get(kind.decode(errors="replace"))


def is_meant_for(domain: Domain, topic: str, headers: list[tuple[str, bytes]]) -> bool:
    """Whether the consumer takes the record; others on a shared topic it passes over."""
    return is_taken(topic, route_of(domain, headers), header(headers, ORIGIN), domain.name.encode())


def is_taken(topic: str, route: Route | None, origin: bytes | None, own: bytes) -> bool:
    """The same of a record whose route and origin are known, by the consumer of the name `own`."""
    return not topics.is_for_many(topic) or (route is not None and origin in (None, own))

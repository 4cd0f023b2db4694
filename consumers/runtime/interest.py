"""What a domain's consumer reads: its topics, and which of their records are meant for it."""

from __future__ import annotations

from collections.abc import Iterable

from consumers.domain import Domain, Route
from schemas import topics
from schemas.envelope import ORIGIN, header
from schemas.upcasts import split_type

VERSION = b".v"  # what stands between a type's name and its version


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
    """How the domain handles a record, by its type in whatever version; None: it does not know the type."""
    kind = header(headers, "ce_type") or b""
    return domain.routes.get(kind.decode(errors="replace")) or route_of_version(domain, kind)


def route_of_version(domain: Domain, kind: bytes) -> Route | None:
    """How the domain handles a type of which it knows another version; None: it knows none of it."""
    subject, number = split_type(kind.decode(errors="replace"))
    return None if number is None else domain.routes_of_subjects.get(subject)


def is_meant_for(domain: Domain, topic: str, headers: list[tuple[str, bytes]]) -> bool:
    """Whether the consumer takes the record; others on a shared topic it passes over."""
    if not topics.is_for_many(topic):
        return True
    kind = header(headers, "ce_type") or b""
    return is_taken(topic, kind, header(headers, ORIGIN), domain.name.encode(), subjects_of(domain))


def subjects_of(domain: Domain) -> frozenset[bytes]:
    """The types that the domain knows, without their versions."""
    return frozenset(subject.encode() for subject in domain.routes_of_subjects)


def is_taken(topic: str, kind: bytes, origin: bytes | None, own: bytes, subjects: frozenset[bytes]) -> bool:
    """The same of a record whose type and origin are known, by the consumer `own` that knows `subjects`.

    Whatever stands for the version: what is none is set aside, and not missed without a word.
    """
    if not topics.is_for_many(topic):
        return True
    return origin in (None, own) and kind.rpartition(VERSION)[0] in subjects

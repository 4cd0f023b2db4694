"""Who talks to a person now: a turn goes to one domain, and the one before is left."""

from __future__ import annotations

from consumers.core.installation import Installation
from consumers.core.person import Person
from consumers.domain import Emit
from schemas.events.conversation import Leave, TurnRouted


def hand_over(
    person: Person, installation: Installation, domain: str, routed: TurnRouted
) -> tuple[Emit, ...]:
    """Give a turn to a domain, which the person talks to from now on.

    A turn that is routed again may be older than the last one that the domain left has had: that one is over,
    too, or its conversation would go on there unseen.
    """
    left = person.active if person.active != domain else None
    last = max(routed.turn, person.active_turn)
    if person.active != domain:
        person.active_since = routed.turn
    person.active, person.active_turn = domain, routed.turn
    emit = Emit(installation.topics[domain], person.id, routed)
    return (*_leave(left, person, installation, last), emit)


def leave(person: Person, installation: Installation, turn: int) -> tuple[Emit, ...]:
    """The person talks to no domain from this turn on."""
    left = person.active
    person.active, person.active_turn = None, turn
    return _leave(left, person, installation, turn)


def _leave(left: str | None, person: Person, installation: Installation, turn: int) -> tuple[Emit, ...]:
    topic = installation.topics.get(left) if left else None
    return (Emit(topic, person.id, Leave(person=person.id, turn=turn)),) if topic else ()

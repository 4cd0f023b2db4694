"""What a consumer takes: its types in whatever version, by one route each."""

from __future__ import annotations

from typing import ClassVar

import pytest

from consumers.runtime.interest import is_meant_for, route_of, subjects_of
from schemas.model import EventData
from schemas.topics import CORE_EVENTS
from tests.unit.runtime.made import Poke, a_domain, handled


class Poke2(EventData):
    """The next version."""

    event_type: ClassVar[str] = "probe.poke.v2"


@pytest.mark.parametrize(
    ("kind", "known", "taken"),
    [
        (b"probe.poke.v1", True, True),
        (b"probe.poke.v2", True, True),
        (b"probe.poke.v12345", True, True),
        (b"probe.poke.v0", False, True),  # no version: set aside, and not missed without a word
        (b"probe.poke.v01", False, True),
        (b"probe.poke.vNext", False, True),
        (b"probe.poke.v123456", False, True),
        (b"probe.poke.v\xd9\xa1", False, True),
        (b"probe.poke", False, False),
        (b"probe.poke.v", False, True),
        (b"probe.wave.v1", False, False),
        (b"", False, False),
        (b"\xff", False, False),
    ],
)
def test_a_type_is_known_in_whatever_version(kind: bytes, known: bool, taken: bool) -> None:
    domain = a_domain()
    domain.handles(Poke)(handled)
    headers = [("ce_type", kind)]
    assert route_of(domain, headers) is (domain.routes[Poke.event_type] if known else None)
    assert is_meant_for(domain, CORE_EVENTS, headers) == taken
    assert subjects_of(domain) == {b"probe.poke"}


def test_one_version_of_an_event_is_handled() -> None:
    domain = a_domain()
    domain.handles(Poke)(handled)
    with pytest.raises(ValueError, match=r"two versions of probe\.poke: handle the newest"):
        domain.handles(Poke2)(handled)
    assert list(domain.routes) == [Poke.event_type]
    assert route_of(domain, [("ce_type", b"probe.poke.v2")]) is domain.routes[Poke.event_type]

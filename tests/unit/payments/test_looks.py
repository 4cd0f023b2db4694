"""Which requests are still looked after at MTN."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import pytest

from consumers.domain import nothing
from consumers.payments.polling import Looking, prepare
from consumers.payments.rules.matching import Request
from consumers.payments.store.requests import RequestStore
from consumers.payments.timers import LookUpRequest

NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)


class One:
    """The store of one request."""

    def __init__(self, state: str, *, called: bool) -> None:
        self.request = Request(
            UUID(int=7), "p", "top_up", "", 500, "mtn", "250788123456", None, state, NOW, NOW
        )
        self._called = called

    async def find(self, request: UUID) -> Request:
        return self.request

    async def was_called(self, request: UUID) -> bool:
        return self._called


@pytest.mark.parametrize(
    ("state", "called", "looked"),
    [
        ("open", False, True),  # its call is still to come
        ("open", True, True),
        ("paid", True, True),  # perhaps twice
        ("lapsed", True, True),  # perhaps at the last moment
        ("paid", False, False),
        ("lapsed", False, False),
        ("failed", True, False),
    ],
)
async def test_nobody_looks_for_what_was_never_asked_for(state: str, called: bool, looked: bool) -> None:
    store = One(state, called=called)
    timer = LookUpRequest(request=store.request.id, look=3)
    found = await prepare(timer, cast(RequestStore, store))
    assert found == (Looking(store.request) if looked else nothing())

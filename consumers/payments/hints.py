"""MTN's callback: unsigned, so it is believed in nothing; it only makes us look sooner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from consumers.domain import Context, Decision, Schedule, nothing
from consumers.payments.rules.reports import read_id
from consumers.payments.store.pay_outs import PayOutStore
from consumers.payments.store.requests import RequestStore
from consumers.payments.timers import LookUpPayOut, LookUpRequest, look_name
from schemas.model import EventData

FIRST = 0  # looks begin anew: what has changed is likely to be final


async def hinted(
    content: Mapping[str, Any], context: Context, requests: RequestStore, pay_outs: PayOutStore
) -> Decision | None:
    """Look at once after the order that it names, if it is open. None: it names no order of ours."""
    order = read_id(content.get("externalId"))
    if order is None:
        return None
    request = await requests.find(order)
    if request is not None and request.method == "mtn" and request.state in ("open", "lapsed"):
        return _look(order, LookUpRequest(request=order, look=FIRST), context)
    pay_out = await pay_outs.find(order)
    if pay_out is not None and pay_out.state == "asked" and pay_out.called:
        return _look(order, LookUpPayOut(pay_out=order, look=FIRST), context)
    return None if request is None and pay_out is None else nothing()


def _look(order: UUID, look: EventData, context: Context) -> Decision:
    return nothing().schedule(Schedule(look_name(order), context.now, look, key=str(order)))

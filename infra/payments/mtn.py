"""MTN MoMo: Collections (a prompt on the payer's phone) and Disbursements (a payment to somebody).

Both are one shape: a POST under an id of ours answers 202, or 409 when it has that id already; a GET under
the id tells what became of it. Source: MTN MoMo developer documentation.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
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

TOKEN_SLACK_SECONDS = 60.0
TOKEN_SECONDS_LIMIT = 3600.0
NOTE_LENGTH = 160
_STATES = {"SUCCESSFUL": State.SUCCESSFUL, "FAILED": State.FAILED}
_UNDECIDED = (408, 425, 429)  # nothing was taken, and nothing is wrong with the order
# MTN's own words. A front between us and MTN has others ("404", "900906", "Not Found"), and knows nothing of
# what was taken before.
_HAS_IT, _HAS_IT_NOT = "RESOURCE_ALREADY_EXIST", "RESOURCE_NOT_FOUND"
_WORD = re.compile(r"[A-Z]+(?:_[A-Z]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Account:
    """One of MTN's products, with the credentials that it is used by."""

    product: str  # collection or disbursement
    user: str
    key: str
    subscription: str
    environment: str  # mtnrwanda, or sandbox
    callback_url: str | None = None

    @property
    def operation(self) -> str:
        """The path of the orders."""
        return "requesttopay" if self.product == "collection" else "transfer"


class MtnClient:
    """One product of MTN's."""

    def __init__(self, calls: Calls, account: Account, *, clock: Callable[[], float] = monotonic) -> None:
        """`calls` is opened and closed by whoever made it."""
        self._calls = calls
        self._account = account
        self._clock = clock
        self._token = ""
        self._token_until = 0.0
        self._asking: asyncio.Task[str | Unreached] | None = None

    async def order(self, order: Order) -> Outcome:
        """Post it under its id."""
        account = self._account
        party = "payer" if account.product == "collection" else "payee"
        body = {
            "amount": str(order.amount_rwf),
            "currency": "RWF",
            "externalId": str(order.id),
            party: {"partyIdType": "MSISDN", "partyId": order.phone or ""},
            "payerMessage": order.note[:NOTE_LENGTH],
            "payeeNote": order.note[:NOTE_LENGTH],
        }
        headers = {"X-Reference-Id": str(order.id)}
        if account.callback_url:
            headers["X-Callback-Url"] = account.callback_url
        reply = await self._call("POST", f"/{account.product}/v1_0/{account.operation}", headers, json=body)
        if not isinstance(reply, Reply):
            return reply
        reason = _reason(reply.body)
        if reply.status == 202:
            return Taken()
        if reply.status == 409 and reason == _HAS_IT:  # from a call whose answer we never saw
            return Taken()
        if reply.status in _UNDECIDED:
            return Unreached(f"HTTP {reply.status}")
        if reply.status == 400 and _WORD.fullmatch(reason):
            return Refused(reason)
        return Unanswered(f"HTTP {reply.status}")

    async def look(self, order_id: UUID) -> Answer:
        """What MTN says of it."""
        account = self._account
        reply = await self._call("GET", f"/{account.product}/v1_0/{account.operation}/{order_id}", {})
        if not isinstance(reply, Reply):
            return reply
        body = reply.body
        if reply.status == 404 and _reason(body) == _HAS_IT_NOT:
            return Standing(State.UNKNOWN)
        if reply.status != 200 or not _text(body.get("status")):
            return Unanswered(f"HTTP {reply.status}")
        party = body.get("payer") or body.get("payee")
        return Standing(
            _STATES.get(str(body.get("status")), State.PENDING),
            _text(body.get("financialTransactionId")),
            _text(body.get("amount")),
            _text(body.get("currency")),
            _reason(body),
            _text(party.get("partyId")) if isinstance(party, Mapping) else "",
        )

    async def _call(
        self, method: str, path: str, headers: Mapping[str, str], **options: Any
    ) -> Reply | Unreached | Unanswered:
        refused = ""
        for _ in range(2):
            token = await self._bearer(refused=refused)
            if not isinstance(token, str):
                return token
            own = {
                "Authorization": f"Bearer {token}",
                "Ocp-Apim-Subscription-Key": self._account.subscription,
                "X-Target-Environment": self._account.environment,
                **headers,
            }
            reply = await self._calls.call(method, path, own, **options)
            if not isinstance(reply, Reply) or reply.status != 401:
                return reply
            refused = token
        return Unreached("the token is refused")

    async def _bearer(self, *, refused: str) -> str | Unreached:
        """The access token, another than the one that was refused. Without one the order stays untouched.

        Whoever needs one while it is asked for waits for that answer, be it none: nobody queues.
        """
        if self._token != refused and self._clock() < self._token_until:
            return self._token
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_for_token())
        return await asyncio.shield(self._asking)

    async def _ask_for_token(self) -> str | Unreached:
        account = self._account
        basic = b64encode(f"{account.user}:{account.key}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Ocp-Apim-Subscription-Key": account.subscription}
        reply = await self._calls.call("POST", f"/{account.product}/token/", headers)
        if not isinstance(reply, Reply):
            return Unreached(f"no token: {reply.reason}")
        token, seconds = reply.body.get("access_token"), reply.body.get("expires_in")
        if reply.status != 200 or not isinstance(token, str) or not token:
            return Unreached(f"no token: HTTP {reply.status}")
        good_for = float(seconds) if isinstance(seconds, int | float) else 0.0
        self._token = token
        self._token_until = self._clock() + min(good_for, TOKEN_SECONDS_LIMIT) - TOKEN_SLACK_SECONDS
        return token


def _text(value: Any) -> str:
    return str(value)[:120] if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _reason(body: Mapping[str, Any]) -> str:
    """`reason` or `code`, a text or `{code, message}`."""
    reason = body.get("reason") or body.get("code")
    return _text(reason.get("code")) if isinstance(reason, Mapping) else _text(reason)

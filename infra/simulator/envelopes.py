"""The bodies of webhooks: how updates are put together, written out and signed, byte for byte like Meta."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

MERGED = 3  # updates of one sort that share a `changes` element
CHANGES = 2  # elements of `changes` in one `entry`
LISTS = ("contacts", "messages", "statuses")


class Update(NamedTuple):
    """One thing to tell the business."""

    key: str  # whom it concerns: updates of one key keep their order
    field: str  # "messages" or another subscription
    value: dict[str, Any]
    message: Any = None  # handed back when the business took it: what a person sent


def envelope(account_id: str, updates: Sequence[Update], now: int) -> dict[str, Any]:
    """One webhook body. Several updates are spread over `entry`, `changes` and their lists as Meta may.

    `now` (Unix seconds) is written into entries about the account, whose updates have no time of their own.
    """
    changes: list[dict[str, Any]] = []
    merged = 0
    for update in updates:
        last = changes[-1] if changes else None
        if last is not None and merged < MERGED and _goes_with(last, update):
            _merge(last["value"], update.value)
            merged += 1
        else:
            changes.append({"value": update.value, "field": update.field})
            merged = 1
    starts = range(0, len(changes), CHANGES)
    entries = [_entry(account_id, changes[start : start + CHANGES], now) for start in starts]
    return {"object": "whatsapp_business_account", "entry": entries}


def _entry(account_id: str, changes: list[dict[str, Any]], now: int) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": account_id, "changes": changes}
    if any(change["field"] != "messages" for change in changes):
        entry["time"] = now
    return entry


def _goes_with(change: dict[str, Any], update: Update) -> bool:
    if change["field"] != "messages" or update.field != "messages":
        return False
    return ("messages" in change["value"]) == ("messages" in update.value)


def _merge(value: dict[str, Any], more: dict[str, Any]) -> None:
    """Add to the lists of `value`; a person who is in there already is not named again."""
    for name in LISTS:
        if name in more:
            value[name] = value.get(name, []) + [one for one in more[name] if one not in value.get(name, ())]


def written(body: dict[str, Any]) -> bytes:
    r"""The exact bytes that Meta posts: compact, `\u` escapes beyond ASCII, `/` as `\/`."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def signature(secret: bytes, body: bytes) -> str:
    """The value of X-Hub-Signature-256."""
    return "sha256=" + hmac.digest(secret, body, hashlib.sha256).hex()

"""What a person of ours may decide: about what is held for review, or what we hand over ourselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from consumers.wallet.rules.accounts import PROVIDERS
from consumers.wallet.rules.limits import SEND
from consumers.wallet.rules.prices import PAID_BY_PAYMENTS
from schemas.events.wallet import (
    Capture,
    Command,
    DecideByHand,
    ExpireHold,
    Release,
    Reverse,
    Settle,
)
from schemas.ids import uuid5_from

ASKED = "asked"  # the ledger, which has the last word
DONE = "done"  # at once, without it
APPROVE = "approve"
ABOUT_HOLDS = frozenset((APPROVE, "refuse"))

_ENDED = {
    Capture.event_type: "is_approved",
    Release.event_type: "is_refused",
    ExpireHold.event_type: "is_expired",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A hold as a person decides about it."""

    id: UUID
    key: str  # under which its commands are in order
    kind: str
    expires_at: datetime
    ended_by: str | None  # the type of the command that ended it


def judge_held(held: Waiting | None, now: datetime) -> str:
    """`asked`, or why there is nothing to decide."""
    if held is None or held.kind != SEND:
        return "no_such_transfer"
    if held.ended_by is not None:
        return _ENDED.get(held.ended_by, "is_ended")
    return "is_expired" if held.expires_at <= now else ASKED


def judge_leaving(state: str, *, is_held: bool) -> str:
    """`asked`, or why there is nothing to decide about a redemption or cash-out."""
    return ASKED if is_held else f"is_{state}"


def judge_owed(reward: str | None, state: str, provider: str) -> str:
    """`asked`, or why there is nothing to hand over; `reward` None: nobody knows of it."""
    if reward is None:
        return "no_such_redemption"
    if reward in PAID_BY_PAYMENTS:
        return "payments_pay_it"
    if provider not in PROVIDERS:
        return "provider_not_found"  # of the ledger it would use the command's id up
    return ASKED if state == "processing" else f"is_{state}"


def command_id(decision: DecideByHand) -> UUID:
    """The same for whoever decides the same, so it is done once."""
    return uuid5_from(decision.of.bytes, f"by hand: {decision.act}".encode())


def command_of(decision: DecideByHand) -> Command:
    """What the ledger is asked."""
    of, identity = decision.of, command_id(decision)
    match decision.act:
        case "approve":
            return Capture(id=identity, hold=of)
        case "refuse":
            return Release(id=identity, hold=of)
        case "done":
            return Settle(id=identity, of=of, provider=decision.provider)
    return Reverse(id=identity, of=of, note="by hand")

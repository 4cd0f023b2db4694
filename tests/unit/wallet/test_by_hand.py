"""What people of ours may decide, and what it means to the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from consumers.wallet.rules.by_hand import Waiting, command_of, judge_held, judge_owed
from schemas.events.wallet import Capture, Command, DecideByHand, ExpireHold, Release, Reverse, Settle

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
OF = UUID(int=7)
LATER = NOW + timedelta(days=3)


def a_decision(act: str, **fields: object) -> DecideByHand:
    return DecideByHand.model_validate({"of": OF, "act": act, "operator": "beata", **fields})


@pytest.mark.parametrize(
    ("held", "outcome"),
    [
        (None, "no_such_transfer"),
        (Waiting(OF, "p", "ride", LATER, None), "no_such_transfer"),  # nobody is to touch a ride's
        (Waiting(OF, "p", "send", LATER, None), "asked"),
        (Waiting(OF, "p", "send", NOW, None), "is_expired"),
        (Waiting(OF, "p", "send", LATER, Capture.event_type), "is_approved"),
        (Waiting(OF, "p", "send", LATER, Release.event_type), "is_refused"),
        (Waiting(OF, "p", "send", NOW, ExpireHold.event_type), "is_expired"),
        (Waiting(OF, "p", "send", NOW, "wallet.linked.v1"), "is_ended"),
    ],
)
def test_a_transfer_is_decided_while_it_waits(held: Waiting | None, outcome: str) -> None:
    assert judge_held(held, NOW) == outcome


@pytest.mark.parametrize(
    ("reward", "state", "provider", "outcome"),
    [
        (None, "", "momo", "no_such_redemption"),
        ("airtime_500", "processing", "momo", "asked"),
        ("airtime_500", "processing", "western_union", "provider_not_found"),
        ("airtime_500", "pending", "momo", "is_pending"),  # the tokens are not taken yet
        ("airtime_1000", "completed", "momo", "is_completed"),
        ("airtime_1000", "failed", "momo", "is_failed"),
        ("cash_5000", "processing", "momo", "payments_pay_it"),
        ("", "processing", "momo", "payments_pay_it"),
    ],
)
def test_what_we_hand_over_is_decided_while_it_is_owed(
    reward: str | None, state: str, provider: str, outcome: str
) -> None:
    assert judge_owed(reward, state, provider) == outcome


@pytest.mark.parametrize(
    ("act", "kind"), [("approve", Capture), ("refuse", Release), ("done", Settle), ("failed", Reverse)]
)
def test_two_who_decide_the_same_ask_for_the_same(act: str, kind: type[Command]) -> None:
    first = command_of(a_decision(act, why="called him"))
    second = command_of(a_decision(act, operator="carl", why="knows her"))
    assert type(first) is kind
    assert first == second


def test_each_act_has_an_id_of_its_own() -> None:
    acts = ("approve", "refuse", "done", "failed")
    assert len({command_of(a_decision(act)).id for act in acts}) == len(acts)

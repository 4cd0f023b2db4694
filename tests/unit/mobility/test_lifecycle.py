"""The life of a trip, for every sequence of what people and the clock may try."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.mobility.rules.lifecycle import (
    OPEN,
    TRANSITIONS,
    Action,
    State,
    fee_rwf,
    next_state,
)
from consumers.mobility.rules.people import Role

ACTORS = st.sampled_from([Role.PASSENGER, Role.DRIVER, None])
TRIES = st.lists(st.tuples(st.sampled_from(list(Action)), ACTORS), max_size=40)


@given(proposer=st.sampled_from(list(Role)), tries=TRIES)
def test_any_history_keeps_the_rules(proposer: Role, tries: list[tuple[Action, Role | None]]) -> None:
    """Only the one who was asked agrees; only the driver drives; what has ended stays ended."""
    state = State.REQUESTED
    for action, role in tries:
        after = next_state(state, action, role, proposer)
        if after is None:
            continue
        assert state in OPEN, "an ended trip moved"
        assert (state, action) in TRANSITIONS
        if action in (Action.ACCEPT, Action.DECLINE):
            assert role is proposer.other
        if action in (Action.ARRIVE, Action.START, Action.COMPLETE):
            assert role is Role.DRIVER
        assert (action is Action.LAPSE) == (role is None)
        assert after is not state
        state = after


@given(
    state=st.sampled_from(list(State)),
    action=st.sampled_from(list(Action)),
    role=ACTORS,
    estimate=st.none() | st.integers(0, 1_000_000),
)
def test_only_a_passenger_who_cancels_late_owes(
    state: State, action: Action, role: Role | None, estimate: int | None
) -> None:
    fee = fee_rwf(state, action, role, estimate)
    late = state in (State.ARRIVED, State.IN_PROGRESS)
    assert bool(fee) == (action is Action.CANCEL and role is Role.PASSENGER and late)


@pytest.mark.parametrize("proposer", list(Role))
def test_the_usual_way(proposer: Role) -> None:
    state: State | None = State.REQUESTED
    for action, role in (
        (Action.ACCEPT, proposer.other),
        (Action.ARRIVE, Role.DRIVER),
        (Action.START, Role.DRIVER),
        (Action.COMPLETE, Role.DRIVER),
    ):
        assert state is not None
        state = next_state(state, action, role, proposer)
    assert state is State.COMPLETED


def test_every_state_but_the_first_is_reached() -> None:
    assert {after for _, after in TRANSITIONS.values()} == set(State) - {State.REQUESTED}


def test_every_open_state_ends_by_itself() -> None:
    """Nobody stays bound to a trip for ever."""
    for state in OPEN:
        assert next_state(state, Action.LAPSE, None, Role.PASSENGER) is State.LAPSED


def test_only_the_one_who_asked_withdraws_a_request() -> None:
    cancel = Action.CANCEL
    assert next_state(State.REQUESTED, cancel, Role.PASSENGER, Role.PASSENGER) is State.CANCELLED
    assert next_state(State.REQUESTED, cancel, Role.DRIVER, Role.PASSENGER) is None

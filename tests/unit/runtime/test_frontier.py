"""The frontier: whatever the order of finishing, only what is done without a gap may be committed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumers.runtime.frontier import Frontier

OFFSETS = st.lists(st.integers(0, 60), min_size=1, max_size=25, unique=True).map(sorted)  # gaps are normal


@given(OFFSETS, st.data())
def test_the_position_is_behind_the_first_offset_that_is_not_done(
    offsets: list[int], data: st.DataObject
) -> None:
    frontier = Frontier()
    for offset in offsets:
        assert frontier.admit(offset)
    done: set[int] = set()
    for offset in data.draw(st.permutations(offsets)):
        frontier.finish(offset)
        done.add(offset)
        contiguous = []
        for each in offsets:
            if each not in done:
                break
            contiguous.append(each)
        assert frontier.position == (contiguous[-1] + 1 if contiguous else -1)
        assert frontier.span == len(offsets) - len(contiguous)
    assert frontier.oldest is None


@given(OFFSETS, st.data())
def test_admitting_and_finishing_may_take_turns(offsets: list[int], data: st.DataObject) -> None:
    frontier = Frontier()
    waiting = list(offsets)
    at_work: list[int] = []
    while waiting or at_work:
        if waiting and (not at_work or data.draw(st.booleans())):
            frontier.admit(waiting[0])
            at_work.append(waiting.pop(0))
        else:
            frontier.finish(at_work.pop(data.draw(st.integers(0, len(at_work) - 1))))
        assert all(frontier.position <= offset for offset in at_work)
    assert frontier.position == offsets[-1] + 1


def test_an_offset_is_taken_once() -> None:
    frontier = Frontier()
    assert frontier.admit(7)
    assert not frontier.admit(7)
    assert not frontier.admit(3)
    assert frontier.admit(8)


def test_only_what_has_moved_is_committed() -> None:
    frontier = Frontier()
    assert frontier.to_commit is None
    frontier.admit(0)
    frontier.admit(1)
    frontier.finish(1)
    assert frontier.to_commit is None
    frontier.finish(0)
    assert frontier.to_commit == 2
    frontier.committed = 2
    assert frontier.to_commit is None


def test_the_oldest_is_the_first_that_is_not_done() -> None:
    frontier = Frontier()
    frontier.admit(0, 10.0)
    frontier.admit(1, 20.0)
    frontier.finish(1)
    assert frontier.oldest == 10.0
    frontier.finish(0)
    assert frontier.oldest is None

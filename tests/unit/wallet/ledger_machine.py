"""Random commands against a ledger, whatever it is made of, and what must hold after each of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from schemas.events.wallet import (
    Capture,
    Command,
    ExpireHold,
    Hold,
    Linked,
    Posted,
    Refused,
    Release,
    Reverse,
    Transfer,
)
from tests.unit.wallet.ledger_model import OURS, PEOPLE, Model

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
LASTS = timedelta(hours=1)

people = st.sampled_from(PEOPLE)
owners = st.sampled_from(PEOPLE + OURS)
amounts = st.integers(-1, 60)
Answer = Posted | Refused | None


class LedgerMachine(RuleBasedStateMachine):
    """Subclasses say what the ledger is: how a chunk is answered, and what accounts stand at."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.now = START
        self.holds: list[UUID] = []
        self.transfers: dict[UUID, tuple[str, str, int]] = {}
        self.reversed: set[UUID] = set()
        self.sent: list[tuple[Command, Answer]] = []
        self._numbers = 0

    @abstractmethod
    def answers(self, commands: Sequence[Command | ExpireHold]) -> list[Answer]:
        """What the ledger says to a chunk."""

    @abstractmethod
    def standings(self) -> dict[str, tuple[int, int]]:
        """Balance and held of every owner, in tokens."""

    def check(self) -> None:
        """What else must hold."""

    def new_id(self) -> UUID:
        """An id that was not used before."""
        self._numbers += 1
        return UUID(int=self._numbers + 1)

    def ask(self, command: Command, expected: bool) -> None:
        """Ask, and see that the ledger does what the model did."""
        answer = self.answers([command])[0]
        assert answer is not None
        assert isinstance(answer, Posted) == expected, answer
        self.sent.append((command, answer))

    # Rules --------------------------------------------------------------------------------------------

    @rule(person=people, amount=st.integers(1, 100))
    def give(self, person: str, amount: int) -> None:
        """Tokens out of nothing."""
        self.transfer("system:issue", person, amount)

    @rule(debit=owners, credit=owners, amount=amounts)
    def transfer(self, debit: str, credit: str, amount: int) -> None:
        """One transfer."""
        command = Transfer(id=self.new_id(), debit=debit, credit=credit, amount=amount, kind="charge")
        moved = self.model.move(debit, credit, amount)
        if moved:
            self.transfers[command.id] = (debit, credit, amount)
        self.ask(command, moved)

    @rule(debit=people, credit=owners, amount=amounts)
    def hold(self, debit: str, credit: str, amount: int) -> None:
        """One hold."""
        command = self._hold(debit, credit, amount)
        held = self.model.hold(command.id, debit, credit, amount)
        if held:
            self.holds.append(command.id)
        self.ask(command, held)

    @rule(data=st.data(), amount=st.one_of(st.none(), amounts))
    def capture(self, data: Any, amount: int | None) -> None:
        """Of any hold, ended or not."""
        hold = self._any_hold(data)
        whole = self.model.open_holds.get(hold, ("", "", 1))[2]
        captured = self.model.capture(hold, whole if amount is None else amount)
        self.ask(Capture(id=self.new_id(), hold=hold, amount=amount), captured)

    @rule(data=st.data())
    def release(self, data: Any) -> None:
        """Of any hold, ended or not."""
        hold = self._any_hold(data)
        self.ask(Release(id=self.new_id(), hold=hold), self.model.release(hold))

    @rule(data=st.data())
    def expire(self, data: Any) -> None:
        """The timer of any hold comes, perhaps late, perhaps twice."""
        hold = self._any_hold(data)
        answer = self.answers([ExpireHold(hold=hold)])[0]
        assert (answer is not None) == self.model.release(hold)

    @rule(data=st.data())
    def reverse(self, data: Any) -> None:
        """Of any transfer, reversed or not."""
        of = data.draw(st.sampled_from([*self.transfers, UUID(int=1)]))
        debit, credit, amount = self.transfers.get(of, ("", "", 0))
        moved = of in self.transfers and of not in self.reversed and self.model.move(credit, debit, amount)
        if moved:
            self.reversed.add(of)
        self.ask(Reverse(id=self.new_id(), of=of), moved)

    @rule(first=st.tuples(people, owners, amounts), second=st.tuples(people, owners, amounts))
    def linked(self, first: tuple[str, str, int], second: tuple[str, str, int]) -> None:
        """A hold and a transfer: both or none."""
        hold = self._hold(*first)
        transfer = Transfer(
            id=self.new_id(), debit=second[0], credit=second[1], amount=second[2], kind="charge"
        )
        before = self.model.copy()
        both = self.model.hold(hold.id, *first) and self.model.move(*second)
        if both:
            self.holds.append(hold.id)
            self.transfers[transfer.id] = second
        else:
            self.model = before
        self.ask(Linked(id=self.new_id(), commands=(hold, transfer)), both)

    @rule(several=st.lists(st.tuples(owners, owners, amounts), min_size=2, max_size=6))
    def chunk(self, several: list[tuple[str, str, int]]) -> None:
        """Several transfers at once: each sees those before it, and one that is refused hurts no other."""
        commands = [
            Transfer(id=self.new_id(), debit=debit, credit=credit, amount=amount, kind="charge")
            for debit, credit, amount in several
        ]
        expected = [self.model.move(*each) for each in several]
        answers = self.answers(commands)
        assert [isinstance(answer, Posted) for answer in answers] == expected
        self.sent += zip(commands, answers, strict=True)
        moved = zip(commands, several, expected, strict=True)
        self.transfers |= {command.id: each for command, each, done in moved if done}

    @rule(data=st.data())
    def again(self, data: Any) -> None:
        """The same command once more: the same answer, and nothing moves."""
        if self.sent:
            command, first = data.draw(st.sampled_from(self.sent))
            again = self.answers([command])[0]
            assert again is not None
            assert first is not None
            assert again == first.model_copy(update={"repeated": True})

    @rule(data=st.data(), amount=st.integers(100, 200))
    def other_content(self, data: Any, amount: int) -> None:
        """The same id with another amount is refused, whatever became of the first."""
        transfers = [command for command, _ in self.sent if isinstance(command, Transfer)]
        if transfers:
            command = data.draw(st.sampled_from(transfers))
            if command.amount != amount:
                answer = self.answers([command.model_copy(update={"amount": amount})])[0]
                assert isinstance(answer, Refused)
                assert answer.reason == "exists_with_different_amount"

    # Invariants ---------------------------------------------------------------------------------------

    @invariant()
    def agrees(self) -> None:
        """Conservation; every balance and every hold as the model has it; nobody below zero."""
        standings = self.standings()
        assert sum(balance for balance, _ in standings.values()) == 0
        for owner in PEOPLE + OURS:
            found = standings.get(owner, (0, 0))
            assert found == (self.model.balances[owner], self.model.held(owner)), owner
        for person in PEOPLE:
            balance, held = standings.get(person, (0, 0))
            assert balance >= held >= 0
        self.check()

    def _hold(self, debit: str, credit: str, amount: int) -> Hold:
        return Hold(
            id=self.new_id(),
            debit=debit,
            credit=credit,
            amount=amount,
            kind="ride",
            expires_at=self.now + LASTS,
        )

    def _any_hold(self, data: Any) -> UUID:
        found: UUID = data.draw(st.sampled_from([*self.holds, UUID(int=1)]))
        return found

"""A driver pays once for what they said yes to, and for nothing else, in whatever order things come."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from consumers.mobility.rules import subscribing
from consumers.mobility.rules.subscribing import (
    FREE_PASSES,
    PERIOD,
    PRICE_TOKENS,
    SUBSCRIPTIONS,
    Move,
    Next,
    Standing,
    State,
    Subscription,
    Word,
)
from schemas.events.wallet import Command, Posted, Refused
from tests.unit.mobility.purse import Purse

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ONE, TWO = UUID(int=1), UUID(int=2)


class Driver:
    """One driver's subscriptions, and everything between them and the wallet."""

    def __init__(self, tokens: int) -> None:
        self.now = NOW
        self.purse = Purse(NOW, jean=tokens)
        self.rows: dict[UUID, Subscription] = {}
        self.asked: deque[Command] = deque()  # on their way to the wallet, in their order
        self.answers: deque[Posted | Refused] = deque()  # on their way back
        self.words: list[Word] = []

    @property
    def standing(self) -> Standing:
        """As the store reads it."""
        rows = self.rows.values()
        return Standing(
            FREE_PASSES,
            max((row.until for row in rows if row.until), default=None),
            next((row for row in rows if row.state is State.ASKED), None),
        )

    @property
    def has(self) -> int:
        """What is in the wallet."""
        return self.purse.account("jean").balance

    def follow(self, move: Move | None) -> None:
        if move is not None:
            self.rows[move.subscription.id] = move.subscription
            self.asked += [move.command] if move.command else []
            self.words += [move.word] if move.word else []

    def says_yes(self, identity: UUID) -> Next:
        """As the conversation goes on from there."""
        known, standing = self.rows.get(identity), self.standing
        following = subscribing.confirmed(known, standing, self.now)
        if following is Next.BEGIN:
            self.follow(subscribing.begin(identity, "jean", self.now))
        elif following is Next.WAIT:
            waits = standing.asked or known
            self.follow(subscribing.ask_again(waits) if waits else None)
        return following

    def wallet_works(self) -> None:
        if self.asked:
            self.answers.append(self.purse.carry_out(self.asked.popleft(), self.now, "jean"))

    def answer_comes(self, *, again: bool = False) -> None:
        if not self.answers:
            return
        answer = self.answers[0] if again else self.answers.popleft()
        known = self.rows[answer.id]
        if isinstance(answer, Refused):
            self.follow(subscribing.refused(known, answer.reason))
        else:
            self.follow(subscribing.posted(known, answer.at, self.standing.until))

    def is_answered(self) -> None:
        """Everything under way arrives."""
        while self.asked or self.answers:
            self.wallet_works()
            self.answer_comes()


class AnyOrder(RuleBasedStateMachine):
    """Whatever the driver, the wallet and time do."""

    def __init__(self) -> None:
        super().__init__()
        self.driver = Driver(6)
        self.put_in = 6

    @rule(question=st.integers(1, 6))
    def the_driver_says_yes(self, question: int) -> None:
        self.driver.says_yes(UUID(int=question))

    @rule()
    def wallet_works(self) -> None:
        self.driver.wallet_works()

    @rule()
    def a_command_is_set_aside(self) -> None:
        """It never reaches the wallet."""
        if self.driver.asked:
            self.driver.asked.popleft()

    @rule(again=st.booleans())
    def an_answer_comes(self, again: bool) -> None:
        self.driver.answer_comes(again=again)

    @rule(days=st.sampled_from((0, 1, 29, 30, 90)))
    def time_passes(self, days: int) -> None:
        self.driver.now += timedelta(days=days, minutes=2)
        for row in list(self.driver.rows.values()):
            self.driver.follow(subscribing.slow(row))

    @rule()
    def the_driver_tops_up(self) -> None:
        self.driver.purse.top_up("jean", PRICE_TOKENS)
        self.put_in += PRICE_TOKENS

    @invariant()
    def nothing_is_made_or_lost(self) -> None:
        assert self.driver.has + self.driver.purse.account(SUBSCRIPTIONS).balance == self.put_in

    @invariant()
    def one_is_asked_for_at_a_time(self) -> None:
        assert sum(row.state is State.ASKED for row in self.driver.rows.values()) <= 1

    @invariant()
    def no_day_is_paid_twice(self) -> None:
        ends = sorted(row.until for row in self.driver.rows.values() if row.until)
        assert all(later - earlier >= PERIOD for earlier, later in pairwise(ends))

    def teardown(self) -> None:
        self.driver.is_answered()
        lost = self.driver.standing.asked
        if lost is not None:  # whoever looks after it asks for the same again
            self.driver.says_yes(lost.id)
            self.driver.is_answered()
        paid = [row for row in self.driver.rows.values() if row.state is State.PAID]
        assert self.driver.standing.asked is None
        assert self.driver.purse.account(SUBSCRIPTIONS).balance == PRICE_TOKENS * len(paid)
        assert self.driver.purse.account("jean").held == 0
        assert self.driver.words.count(Word.PAID) == len(paid)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)


@pytest.mark.parametrize(
    ("standing", "may"),
    [
        (Standing(), True),
        (Standing(FREE_PASSES - 1), True),
        (Standing(FREE_PASSES), False),
        (Standing(FREE_PASSES + 2), False),
        (Standing(FREE_PASSES, until=NOW + DAY), True),
        (Standing(FREE_PASSES, until=NOW), False),
        (Standing(FREE_PASSES, asked=Subscription(ONE, "jean", NOW)), True),
        (Standing(FREE_PASSES, asked=Subscription(ONE, "jean", NOW - DAY)), False),
    ],
)
def test_who_may_go_online(standing: Standing, may: bool) -> None:
    assert standing.may_go_online(NOW) is may
    assert standing.passes_left >= 0


@pytest.mark.parametrize(
    ("known", "standing", "following"),
    [
        (None, Standing(), Next.BEGIN),
        (None, Standing(until=NOW - DAY), Next.BEGIN),
        (None, Standing(until=NOW + DAY), Next.BEGIN),  # a renewal
        (None, Standing(until=NOW + 2 * DAY), Next.ACTIVE),
        (None, Standing(asked=Subscription(TWO, "jean", NOW)), Next.WAIT),
        (State.ASKED, Standing(), Next.WAIT),
        (State.REFUSED, Standing(), Next.SHORT),
        (State.REFUSED, Standing(until=NOW + 9 * DAY), Next.ACTIVE),
        (State.PAID, Standing(until=NOW + 9 * DAY), Next.ACTIVE),
        (State.PAID, Standing(until=NOW + DAY), Next.ACTIVE),  # the yes to the last one, tapped again
        (State.PAID, Standing(until=NOW - DAY), Next.QUESTION),
    ],
)
def test_what_a_yes_leads_to(known: State | None, standing: Standing, following: Next) -> None:
    row = None if known is None else Subscription(ONE, "jean", NOW, known)
    assert subscribing.confirmed(row, standing, NOW) is following


def test_thirty_days_from_the_payment_on() -> None:
    driver = Driver(PRICE_TOKENS)
    driver.says_yes(ONE)
    driver.now += 2 * DAY  # the wallet was away
    driver.is_answered()
    assert driver.standing.until == NOW + 2 * DAY + PERIOD
    assert (driver.has, driver.words) == (0, [Word.PAID])


def test_a_renewal_comes_behind_what_is_paid() -> None:
    driver = Driver(2 * PRICE_TOKENS)
    driver.says_yes(ONE)
    driver.is_answered()
    driver.now += PERIOD - DAY
    assert driver.says_yes(TWO) is Next.BEGIN
    driver.is_answered()
    assert driver.standing.until == NOW + 2 * PERIOD


def test_who_has_too_little_pays_nothing_and_can_try_again() -> None:
    driver = Driver(PRICE_TOKENS - 1)
    driver.says_yes(ONE)
    driver.is_answered()
    assert (driver.has, driver.words) == (PRICE_TOKENS - 1, [Word.SHORT])
    driver.purse.top_up("jean", 1)
    assert driver.says_yes(ONE) is Next.SHORT  # a refused id stays refused
    driver.says_yes(TWO)
    driver.is_answered()
    assert (driver.has, driver.words) == (0, [Word.SHORT, Word.PAID])


def test_while_the_wallet_is_away_the_driver_is_told_once() -> None:
    driver = Driver(PRICE_TOKENS)
    driver.says_yes(ONE)
    driver.follow(subscribing.slow(driver.rows[ONE]))
    driver.follow(subscribing.slow(driver.rows[ONE]))
    driver.says_yes(TWO)  # asked again: the first yes stands
    driver.is_answered()
    assert driver.words == [Word.SLOW, Word.PAID]
    assert driver.has == 0

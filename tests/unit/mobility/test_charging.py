"""The charge for a planned trip ends, and nobody pays twice or for nothing, in whatever order things come."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from consumers.mobility.rules import charging
from consumers.mobility.rules.charging import ENDED, RIDES, Charge, Move, State, Word
from schemas.events.wallet import Command, ExpireHold, Posted, Refused, Transfer
from tests.unit.mobility.purse import Purse

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
PRICE_RWF = 1_000  # 2,000 tokens
TRIP, PLAN = UUID(int=1), UUID(int=2)


class Ride:
    """One charge, and everything between it and the wallet."""

    def __init__(self, tokens: int) -> None:
        self.now = NOW
        self.due = NOW + timedelta(hours=1)
        self.put_in = tokens
        self.purse = Purse(NOW, aline=tokens, jean=0)
        self.lines: tuple[deque[Command], ...] = (
            deque(),
            deque(),
        )  # on their way to the wallet, each in order
        self.joined = False  # the payer, to somebody else: what is asked from then on is in the other line
        self.rides = False
        self.answers: deque[Posted | Refused] = deque()  # on their way back
        self.words: list[Word] = []
        self.charge: Charge
        self.follow(charging.begin(TRIP, PLAN, "aline", PRICE_RWF, self.due))

    def follow(self, move: Move | None) -> None:
        if move is not None:
            self.charge = move.charge
            self.lines[self.joined].extend(move.commands)
            self.words += [move.word] if move.word else []

    def wallet_works(self, line: int = 0) -> None:
        asked = self.lines[line] or self.lines[1 - line]
        if asked:
            self.answers.append(self.purse.carry_out(asked.popleft(), self.now, "aline"))

    def time_passes(self, by: timedelta) -> None:
        self.now += by
        if self.charge.lapses_at is not None:
            self.follow(charging.lapse(self.charge, self.now, rides=self.rides))

    def holds_expire(self) -> None:
        for hold in list(self.purse.book.holds.values()):
            if hold.expires_at <= self.now and (answer := self.purse.expire(hold.id, self.now)):
                self.answers.append(answer)

    def answer_comes(self, *, again: bool = False) -> None:
        if not self.answers:
            return
        answer = self.answers[0] if again else self.answers.popleft()
        if isinstance(answer, Refused):
            self.follow(charging.refused(self.charge, answer.id, answer.reason, self.now, rides=self.rides))
        elif answer.command == ExpireHold.event_type:
            assert answer.resolves is not None
            self.follow(charging.expired(self.charge, answer.resolves))
        else:
            self.follow(charging.posted(self.charge, answer.id))

    def is_answered(self) -> None:
        """Everything under way arrives."""
        while any(self.lines) or self.answers:
            self.wallet_works()
            self.answer_comes()

    def settles(self) -> None:
        """The same, and all time passes."""
        self.rides = False
        for _ in range(3):
            self.is_answered()
            self.time_passes(timedelta(days=2))
            self.holds_expire()

    @property
    def took(self) -> int:
        """What the driver has got."""
        return self.purse.account("jean").balance

    @property
    def has(self) -> tuple[int, int]:
        """What the passenger has, and how much of it is held."""
        account = self.purse.account("aline")
        return account.balance, account.held


class AnyOrder(RuleBasedStateMachine):
    """Whatever people, wallet and time do."""

    def __init__(self) -> None:
        super().__init__()
        self.ride: Ride | None = None

    @rule(tokens=st.sampled_from((0, 500, 1_999, 2_000, 5_000)))
    @precondition(lambda self: self.ride is None)
    def a_trip_is_planned(self, tokens: int) -> None:
        self.ride = Ride(tokens)

    @rule(line=st.sampled_from((0, 1)))
    @precondition(lambda self: self.ride)
    def wallet_works(self, line: int) -> None:
        self.at_work.wallet_works(line)

    @rule()
    @precondition(lambda self: self.ride)
    def the_passenger_is_joined(self) -> None:
        self.at_work.joined = True

    @rule(rides=st.booleans())
    @precondition(lambda self: self.ride)
    def the_passenger_rides(self, rides: bool) -> None:
        self.at_work.rides = rides

    @rule()
    @precondition(lambda self: self.ride)
    def holds_expire(self) -> None:
        self.at_work.holds_expire()

    @rule(again=st.booleans())
    @precondition(lambda self: self.ride)
    def an_answer_comes(self, again: bool) -> None:
        self.at_work.answer_comes(again=again)

    @rule(minutes=st.sampled_from((1, 10, 16, 120, 24 * 60)))
    @precondition(lambda self: self.ride)
    def time_passes(self, minutes: int) -> None:
        self.at_work.time_passes(timedelta(minutes=minutes))

    @rule()
    @precondition(lambda self: self.ride)
    def the_wallet_is_slow(self) -> None:
        self.at_work.follow(charging.slow(self.at_work.charge))

    @rule()
    @precondition(lambda self: self.ride)
    def the_passenger_tops_up(self) -> None:
        self.at_work.purse.top_up("aline", 1_500)
        self.at_work.put_in += 1_500
        self.at_work.follow(charging.try_again(self.at_work.charge))

    @rule(rwf=st.sampled_from((None, 500, 900, 1_000, 3_000)))
    @precondition(lambda self: self.ride)
    def the_trip_ends(self, rwf: int | None) -> None:
        charge = self.at_work.charge
        self.at_work.follow(charging.take(charge, "jean", rwf) if rwf else charging.agreed(charge, "jean"))

    @rule()
    @precondition(lambda self: self.ride)
    def nobody_comes(self) -> None:
        self.at_work.follow(charging.unused(self.at_work.charge))

    @rule()
    @precondition(lambda self: self.ride)
    def the_plan_is_called_off(self) -> None:
        self.at_work.follow(charging.give_back(self.at_work.charge))

    @property
    def at_work(self) -> Ride:
        assert self.ride is not None
        return self.ride

    @invariant()
    def nothing_is_made_or_lost(self) -> None:
        if self.ride is not None:
            between = self.ride.purse.account(RIDES).balance
            assert self.ride.has[0] + self.ride.took + between == self.ride.put_in
            assert between == 0  # who pays and who gets it do so in one moment

    def teardown(self) -> None:
        if self.ride is None:
            return
        ride = self.ride
        ride.is_answered()
        if ride.charge.state in ENDED:
            assert ride.has[1] == 0, "nobody waits for a hold to expire"
        ride.settles()
        assert ride.charge.state in ENDED, ride.charge
        assert ride.has[1] == 0
        assert ride.took == (ride.charge.taken if ride.charge.state is State.PAID else 0)
        assert ride.took <= ride.charge.amount


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=200, stateful_step_count=25, deadline=None)


def test_a_trip_that_is_made_is_paid_from_what_was_held() -> None:
    ride = Ride(5_000)
    ride.wallet_works()
    ride.answer_comes()
    assert ride.has == (5_000, 2_000)
    ride.follow(charging.take(ride.charge, "jean", PRICE_RWF))
    ride.wallet_works()
    ride.answer_comes()
    assert (ride.has, ride.took, ride.words) == ((3_000, 0), 2_000, [Word.PAID])


def test_a_late_cancellation_costs_its_fee_and_the_rest_is_free_again() -> None:
    ride = Ride(5_000)
    ride.wallet_works()
    ride.answer_comes()
    ride.follow(charging.take(ride.charge, "jean", 500))
    ride.wallet_works()
    ride.answer_comes()
    assert (ride.has, ride.took) == ((4_000, 0), 1_000)


def test_without_money_the_trip_waits_a_quarter_of_an_hour() -> None:
    ride = Ride(0)
    ride.wallet_works()
    ride.answer_comes()
    assert (ride.charge.state, ride.words) == (State.SHORT, [Word.SHORT])
    ride.time_passes(timedelta(minutes=14))
    assert ride.charge.state is State.SHORT
    ride.time_passes(timedelta(minutes=1))
    assert (ride.charge.state, ride.words) == (State.LAPSED, [Word.SHORT, Word.LAPSED])


def test_who_tries_again_too_late_is_not_waited_for_anew() -> None:
    ride = Ride(0)
    ride.wallet_works()
    ride.answer_comes()
    ride.follow(charging.try_again(ride.charge))
    ride.wallet_works()
    ride.time_passes(timedelta(minutes=20))
    ride.answer_comes()
    assert ride.charge.state is State.LAPSED


def test_while_the_wallet_is_away_the_ride_goes_on_and_is_paid_later() -> None:
    ride = Ride(5_000)
    ride.follow(charging.slow(ride.charge))
    ride.follow(charging.slow(ride.charge))
    assert ride.words == [Word.SLOW]
    ride.follow(charging.take(ride.charge, "jean", PRICE_RWF))
    ride.settles()
    assert (ride.charge.state, ride.took, ride.has) == (State.PAID, 2_000, (3_000, 0))


def test_a_hold_that_expired_is_charged_directly() -> None:
    ride = Ride(5_000)
    ride.wallet_works()
    ride.answer_comes()
    ride.now += timedelta(days=1)
    for hold in list(ride.purse.book.holds):
        ride.purse.expire(hold, ride.now)  # and nobody has heard of it yet
    ride.follow(charging.take(ride.charge, "jean", PRICE_RWF))
    ride.wallet_works()
    ride.answer_comes()
    assert ride.charge.state is State.CHARGING
    ride.settles()
    assert (ride.charge.state, ride.took) == (State.PAID, 2_000)


def test_what_cannot_be_charged_either_is_said_to_both() -> None:
    ride = Ride(0)
    ride.follow(charging.take(ride.charge, "jean", PRICE_RWF))
    ride.settles()
    assert (ride.charge.state, ride.took, ride.words) == (State.UNPAID, 0, [Word.UNPAID])


def test_an_answer_to_an_earlier_command_settles_no_later_one() -> None:
    ride = Ride(5_000)
    ride.wallet_works()
    ride.follow(charging.take(ride.charge, "jean", PRICE_RWF))
    ride.answer_comes()  # of the hold
    assert ride.charge.state is State.TAKING
    ride.follow(charging.refused(ride.charge, ride.charge.hold, "exceeds_credits", NOW, rides=False))
    assert ride.charge.state is State.TAKING


def test_who_rides_is_charged_at_the_end_and_not_left_out() -> None:
    ride = Ride(0)
    ride.wallet_works()
    ride.answer_comes()
    ride.rides = True
    ride.time_passes(timedelta(hours=1))
    assert ride.charge.state is State.SHORT
    ride.purse.top_up("aline", 2_000)
    ride.follow(charging.take(ride.charge, "jean", PRICE_RWF))
    ride.is_answered()
    assert (ride.charge.state, ride.took, ride.words) == (State.PAID, 2_000, [Word.SHORT, Word.PAID])


def test_a_hold_whose_time_is_over_but_that_nobody_ended_yet_hides_no_tokens() -> None:
    """The wallet was away; what it was asked to take comes to it before the timer that ends the hold."""
    ride = Ride(2_000)
    ride.is_answered()
    ride.follow(charging.take(ride.charge, "jean", PRICE_RWF))
    ride.now = ride.due + charging.HELD_AFTER_DUE + timedelta(seconds=1)
    ride.is_answered()
    assert (ride.charge.state, ride.took) == (State.PAID, 2_000)


def test_a_hold_that_comes_after_its_release_does_not_stay() -> None:
    """The payer was joined to somebody between the two: they are in two partitions."""
    ride = Ride(2_000)
    ride.joined = True
    ride.follow(charging.give_back(ride.charge))
    ride.wallet_works(1)
    ride.is_answered()
    assert (ride.charge.state, ride.has) == (State.RELEASED, (2_000, 0))


def test_a_hold_that_is_asked_for_long_after_its_trip_is_no_lack_of_tokens() -> None:
    ride = Ride(5_000)
    ride.now = ride.due + charging.HELD_AFTER_DUE + timedelta(seconds=1)
    ride.is_answered()
    assert (ride.charge.state, ride.words) == (State.RELEASED, [])


def test_what_is_not_taken_of_the_price_is_left_to_the_two() -> None:
    ride = Ride(5_000)
    ride.is_answered()
    ride.follow(charging.take(ride.charge, "jean", 3 * PRICE_RWF))
    ride.is_answered()
    assert (ride.took, ride.charge.left_to_pay) == (2_000, 4_000)
    poor = Ride(0)
    poor.is_answered()
    poor.follow(charging.take(poor.charge, "jean", 3 * PRICE_RWF))
    poor.is_answered()
    assert (poor.charge.state, poor.charge.left_to_pay) == (State.UNPAID, 6_000)


def test_what_is_being_taken_is_not_let_go_before() -> None:
    """The hold's answer is heard while its capture is on the way: what follows from it may come first."""
    ride = Ride(2_000)
    ride.wallet_works()
    ride.follow(charging.take(ride.charge, "jean", PRICE_RWF))
    ride.joined = True
    ride.answer_comes()  # of the hold
    ride.wallet_works(1)
    spend = Transfer(id=uuid4(), debit="aline", credit="jean", amount=1_000, kind="gift")
    ride.purse.carry_out(spend, ride.now, "aline")  # whatever is free
    ride.is_answered()
    assert (ride.charge.state, ride.words) == (State.PAID, [Word.PAID])

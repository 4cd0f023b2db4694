"""What a person may send, what is looked at first, and what things cost: tables of numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from consumers.wallet.rules import prices
from consumers.wallet.rules.limits import Sent, leaving_looked_at, looked_at, refused, ride_refused

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=100)


def _sent(*minutes_ago: float, amount: int = 10, to: str = "eric") -> list[Sent]:
    return [Sent(to, amount, NOW - timedelta(minutes=minutes)) for minutes in minutes_ago]


@pytest.mark.parametrize(
    ("amount", "available", "sent", "reason"),
    [
        (10, 2_000, [], None),
        (9, 2_000, [], "amount_below_minimum"),
        (50_000, 60_000, [], None),
        (50_001, 60_000, [], "exceeds_transfer_limit"),
        (10, 1_999, [], "balance_below_minimum"),
        (10, 2_000, _sent(*range(9)), None),
        (10, 2_000, _sent(*range(10)), "exceeds_hourly_limit"),
        (10, 2_000, _sent(*range(60, 70)), None),
        (50_000, 60_000, _sent(61, amount=50_000), None),
        (50_000, 60_000, _sent(61, amount=50_001), "exceeds_daily_limit"),
        (50_000, 60_000, _sent(24 * 60, amount=50_001), None),
    ],
)
def test_what_may_not_be_sent(amount: int, available: int, sent: list[Sent], reason: str | None) -> None:
    assert refused(amount, available, sent, NOW) == reason


@pytest.mark.parametrize(
    ("amount", "opened_at", "sent", "why"),
    [
        (1_001, LONG_AGO, [], ()),
        (1_000, NOW - timedelta(hours=23), [], ()),
        (1_001, NOW - timedelta(hours=23), [], ("young_account",)),
        (1_001, NOW - timedelta(hours=24), [], ()),
        (500, NOW - timedelta(hours=23), _sent(90, amount=500), ()),
        (501, NOW - timedelta(hours=23), _sent(90, amount=500), ("young_account",)),
        (501, LONG_AGO, _sent(90, amount=500), ()),
        (501, NOW - timedelta(hours=23), _sent(90, amount=1_001), ()),  # that one was looked at
        (10, LONG_AGO, _sent(1), ()),
        (10, LONG_AGO, _sent(1, 29), ("same_recipient",)),
        (10, LONG_AGO, _sent(1, 30), ()),
        (10, LONG_AGO, _sent(1, 2, to="carine"), ()),
        (10, LONG_AGO, _sent(1, 2, 3, 4, to="carine"), ()),
        (10, LONG_AGO, _sent(1, 2, 3, 4, 5, to="carine"), ("many_transfers",)),
        (10, LONG_AGO, _sent(1, 2, 3, 4, 5), ("same_recipient", "many_transfers")),
    ],
)
def test_what_is_looked_at(amount: int, opened_at: datetime, sent: list[Sent], why: tuple[str, ...]) -> None:
    assert looked_at("eric", amount, opened_at, sent, now=NOW) == why


@pytest.mark.parametrize(
    ("tokens", "opened_at", "why"),
    [
        (1_001, NOW - timedelta(hours=23), "young_account"),
        (1_000, NOW - timedelta(hours=23), None),
        (50_000, NOW - timedelta(hours=24), None),
    ],
)
def test_what_is_looked_at_before_it_leaves(tokens: int, opened_at: datetime, why: str | None) -> None:
    assert leaving_looked_at(tokens, opened_at, now=NOW) == why


@pytest.mark.parametrize(
    ("tokens", "fee", "rwf"), [(1_000, 20, 490), (1_001, 21, 490), (1_050, 21, 514), (5_000, 100, 2_450)]
)
def test_what_a_cash_out_leaves(tokens: int, fee: int, rwf: int) -> None:
    assert (prices.cash_out_fee(tokens), prices.cash_out_rwf(tokens)) == (fee, rwf)


@pytest.mark.parametrize(("rwf", "tokens"), [(100, 200), (500, 1_000), (2_500, 5_000), (50_000, 100_000)])
def test_what_a_payment_buys(rwf: int, tokens: int) -> None:
    assert prices.tokens_for(rwf) == tokens


@pytest.mark.parametrize(
    ("amount", "ridden", "opened_at", "reason"),
    [
        (100_000, 0, LONG_AGO, None),
        (100_001, 0, LONG_AGO, "exceeds_daily_limit"),
        (2_000, 98_000, LONG_AGO, None),
        (2_001, 98_000, LONG_AGO, "exceeds_daily_limit"),
        (50_000, 0, NOW - timedelta(hours=23), None),
        (1, 50_000, NOW - timedelta(hours=23), "exceeds_daily_limit"),
        (50_001, 0, NOW - timedelta(hours=24), None),
    ],
)
def test_what_rides_may_not_take(amount: int, ridden: int, opened_at: datetime, reason: str | None) -> None:
    assert ride_refused(amount, ridden, opened_at, now=NOW) == reason

"""What tokens cost, what they are redeemed for, and what a cash-out leaves."""

from __future__ import annotations

from dataclasses import dataclass

from consumers.wallet.rules.accounts import AIRTIME, CASH

TOKENS_FOR_A_FRANC = 2  # a token is bought for 0.5 RWF
CASH_OUT_LEAST = 1_000
CASH_OUT_FEE_PERCENT = 2


@dataclass(frozen=True, slots=True)
class Reward:
    """What tokens can be turned into."""

    tokens: int
    rwf: int
    owed_by: str  # the account that owes it until it is handed over


REWARDS = {
    "airtime_500": Reward(500, 500, AIRTIME),
    "airtime_1000": Reward(1_000, 1_000, AIRTIME),
    "cash_5000": Reward(5_000, 5_000, CASH),
}
# Cash, whether for a reward or a cash-out (which has none); airtime is handed over by people of ours.
PAID_BY_PAYMENTS = frozenset(("", *(name for name, reward in REWARDS.items() if reward.owed_by == CASH)))


def tokens_for(amount_rwf: int) -> int:
    """How many tokens an amount buys."""
    return amount_rwf * TOKENS_FOR_A_FRANC


def cash_out_fee(tokens: int) -> int:
    """The fee in tokens, rounded up."""
    return -(-tokens * CASH_OUT_FEE_PERCENT // 100)


def cash_out_rwf(tokens: int) -> int:
    """What is paid out, less the fee; half a franc is left out, since there is none."""
    return (tokens - cash_out_fee(tokens)) // TOKENS_FOR_A_FRANC

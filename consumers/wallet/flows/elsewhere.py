"""Whatever comes at a question and is no answer to it: another domain may want it, or the way on is shown."""

from __future__ import annotations

from consumers.domain import Decision, Turn, unclaimed
from consumers.wallet import domain
from consumers.wallet.domain import wallet
from consumers.wallet.flows import views
from consumers.wallet.texts import home

STEPS = (
    domain.RECIPIENT,
    domain.AMOUNT,
    domain.SEND_CONFIRM,
    domain.TOP_UP_AMOUNT,
    domain.PAYER,
    domain.CASH_OUT_NUMBER,
    domain.CASH_OUT_AMOUNT,
    domain.CASH_OUT_CONFIRM,
    domain.REDEEM_NUMBER,
    domain.REDEEM_CONFIRM,
    domain.QR_NUMBER,
    domain.QR_MERCHANT,
    domain.QR_AMOUNT,
    domain.VENDOR_NAME,
)


async def no_answer(turn: Turn) -> Decision:
    """The question still stands."""
    return unclaimed(otherwise=views.whither(home.not_understood()))


for step in STEPS:  # after the use cases: of a step's handlers the first that fits is taken
    wallet.at(step)(no_answer)

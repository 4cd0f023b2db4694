"""The domain itself: what it hears, and how much of it at once."""

from __future__ import annotations

from consumers.domain import Domain
from schemas import topics

# Bound by the database, and its chunks wait for each other's accounts: few workers, large chunks (0060).
# Ordered: a command that waits holds back the later ones of its key, or a capture would come before its hold.
# Commands take no lock of a conversation: what they lead to is told by `tell`.
wallet = Domain(
    "wallet",
    ordered=True,
    priority=30,
    locks_turns_only=True,
    workers=3,
    chunk=1_000,
    topics=(topics.WALLET_COMMANDS, topics.CORE_EVENTS, topics.PAYMENTS_EVENTS, topics.INSURANCE_EVENTS),
)

# Steps: what the next thing said is.
BROWSING = "browsing"
RECIPIENT = "recipient"
AMOUNT = "amount"  # of tokens to send
SEND_CONFIRM = "send_confirm"
TOP_UP_AMOUNT = "top_up_amount"
METHOD = "method"
PAYER = "payer"
CASH_OUT_NUMBER = "cash_out_number"
CASH_OUT_AMOUNT = "cash_out_amount"
CASH_OUT_CONFIRM = "cash_out_confirm"
REDEEM_NUMBER = "redeem_number"
REDEEM_CONFIRM = "redeem_confirm"
QR_NUMBER = "qr_number"
QR_MERCHANT = "qr_merchant"
QR_AMOUNT = "qr_amount"
VENDOR_NAME = "vendor_name"

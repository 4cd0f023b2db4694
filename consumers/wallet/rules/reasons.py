"""Why a command is refused: the names that TigerBeetle gives, where it knows the case."""

from __future__ import annotations

from uuid import UUID

# The id.
EXISTS = "exists"  # only within linked commands: alone, the first result comes again
EXISTS_WITH_DIFFERENT = "exists_with_different_"  # and the name of the field, or `type`
LINKED_EVENT_FAILED = "linked_event_failed"

# The accounts.
DEBIT_ACCOUNT_NOT_FOUND = "debit_account_not_found"
CREDIT_ACCOUNT_NOT_FOUND = "credit_account_not_found"
ACCOUNTS_MUST_BE_DIFFERENT = "accounts_must_be_different"
LEDGER_NOT_FOUND = "ledger_not_found"  # a currency that we keep no accounts in

# The amount.
AMOUNT_MUST_NOT_BE_ZERO = "amount_must_not_be_zero"
AMOUNT_MUST_NOT_BE_NEGATIVE = "amount_must_not_be_negative"
AMOUNT_TOO_LARGE = "amount_too_large"
OVERFLOWS_DEBITS = "overflows_debits"
OVERFLOWS_CREDITS = "overflows_credits"
EXCEEDS_CREDITS = "exceeds_credits"  # the payer has not so much, without what is held

# Holds. TigerBeetle calls them pending transfers, a capture posting and a release voiding them.
PENDING_TRANSFER_NOT_FOUND = "pending_transfer_not_found"
PENDING_TRANSFER_ALREADY_POSTED = "pending_transfer_already_posted"
PENDING_TRANSFER_ALREADY_VOIDED = "pending_transfer_already_voided"
PENDING_TRANSFER_EXPIRED = "pending_transfer_expired"
EXCEEDS_PENDING_TRANSFER_AMOUNT = "exceeds_pending_transfer_amount"
EXPIRES_IN_THE_PAST = "expires_in_the_past"
EXPIRES_TOO_LATE = "expires_too_late"

# Reversing and settling.
TRANSFER_NOT_FOUND = "transfer_not_found"
TRANSFER_ALREADY_REVERSED = "transfer_already_reversed"
TRANSFER_ALREADY_SETTLED = "transfer_already_settled"
TRANSFER_CANNOT_BE_REVERSED = "transfer_cannot_be_reversed"
NOTHING_TO_SETTLE = "nothing_to_settle"

# The business.
ID_IS_NOT_THE_TRANSACTIONS = "id_is_not_the_transactions"
PROVIDER_NOT_FOUND = "provider_not_found"
REWARD_NOT_FOUND = "reward_not_found"
AMOUNT_BELOW_MINIMUM = "amount_below_minimum"
EXCEEDS_TRANSFER_LIMIT = "exceeds_transfer_limit"
EXCEEDS_DAILY_LIMIT = "exceeds_daily_limit"
EXCEEDS_HOURLY_LIMIT = "exceeds_hourly_limit"
BALANCE_BELOW_MINIMUM = "balance_below_minimum"


class Refusal(Exception):
    """The command is refused, by one of the names above; of linked commands `failed` is the one at fault."""

    def __init__(self, reason: str, failed: UUID | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.failed = failed

"""What people read about their payments."""

from __future__ import annotations

from pathlib import Path

from consumers.texts import Catalogue, Text, rwf

texts = Catalogue(Path(__file__).parent / "locales")


def received(amount_rwf: int) -> Text:
    """A top-up came in."""
    return texts(
        "✅ We received {amount}. It is being added to your wallet. Send “menu” to go on.",
        amount=rwf(amount_rwf),
    )


def received_for(amount_rwf: int, reference: str) -> Text:
    """A payment for something came in."""
    return texts(
        "✅ We received {amount} for {reference}. Send “menu” to go on.",
        amount=rwf(amount_rwf),
        reference=reference,
    )


def failed(amount_rwf: int, why: Text) -> Text:
    """A payment that was asked for did not come in."""
    return texts(
        "❌ The payment of {amount} did not go through: {why}. Send “menu” to try again. Has the money left "
        "your account all the same? Then send “support”.",
        amount=rwf(amount_rwf),
        why=why,
    )


def paid_out(amount_rwf: int) -> Text:
    """A cash-out arrived."""
    return texts(
        "✅ {amount} was sent to your Mobile Money number. Send “menu” to go on.", amount=rwf(amount_rwf)
    )


def pay_out_failed(amount_rwf: int, why: Text) -> Text:
    """A cash-out could not be paid."""
    return texts(
        "❌ {amount} could not be sent to you: {why}. Your tokens go back to your wallet. "
        "Send “menu” to go on.",
        amount=rwf(amount_rwf),
        why=why,
    )


_NO_FUNDS = texts("there is not enough money on the account")
_TOO_LATE = texts("it was not confirmed in time")
_DECLINED = texts("it was declined")
_NO_ACCOUNT = texts("the number has no Mobile Money account")
_LIMIT = texts("the limit of the account is reached")
_OFF = texts("this way to pay is not open at the moment")
_REFUSED = texts("the provider refused it")
_WHY = {
    "NOT_ENOUGH_FUNDS": _NO_FUNDS,
    "expired": _TOO_LATE,
    "EXPIRED": _TOO_LATE,
    "COULD_NOT_PERFORM_TRANSACTION": _TOO_LATE,
    "APPROVAL_REJECTED": _DECLINED,
    "TRANSACTION_CANCELED": _DECLINED,
    "PAYER_NOT_FOUND": _NO_ACCOUNT,
    "PAYEE_NOT_FOUND": _NO_ACCOUNT,
    "no_phone": _NO_ACCOUNT,
    "PAYER_LIMIT_REACHED": _LIMIT,
    "PAYEE_NOT_ALLOWED_TO_RECEIVE": _LIMIT,
    "method_off": _OFF,
}


def why(reason: str) -> Text:
    """A provider's reason in words."""
    return _WHY.get(reason, _REFUSED)

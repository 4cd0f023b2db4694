"""Payments: what is asked of them, what providers post, and what became of each notification.

Requests go to `intents.payments`, their answers and all facts to `payments.events`. Money that came in is
credited through the wallet: for a top-up as tokens, for anything else as RWF, which whoever asked then
charges.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from schemas.events.wallet import Owner, Word
from schemas.model import EventData

Name = Annotated[str, Field(max_length=200)]
Phone = Annotated[str, Field(pattern=r"^[0-9]{8,15}$", description="digits only, with the country's code")]

AMOUNT_RWF_LIMIT = 10_000_000


class PaymentNotified(EventData):
    """One notification, verified and otherwise as the provider posted it."""

    event_type: ClassVar[str] = "payments.notified.v1"

    provider: str = Field(description="momo, momo-sms, mtn, stripe or paypal")
    payment: str = Field(description="the provider's name for the payment, as in the record's key")
    body: str = Field(description="the JSON text, unchanged")
    received_at: AwareDatetime
    notification: str | None = Field(default=None, description="the provider's own id of the notification")


# Asked for ------------------------------------------------------------------------------------------------


class RequestPayment(EventData):
    """Somebody is to pay: ask the provider for it, or wait for it to come in."""

    event_type: ClassVar[str] = "payments.request_payment.v1"

    id: UUID = Field(description="chosen by whoever asks; also the id that the provider is asked under")
    person: Owner = Field(description="who pays, and gets the credit")
    amount_rwf: int = Field(strict=True, gt=0, le=AMOUNT_RWF_LIMIT)
    method: Literal["mtn", "stripe", "transfer"] = Field(
        description="mtn: a prompt on the payer's phone; stripe: a payment link; transfer: the person sends "
        "it by MoMo, and the notification tells"
    )
    purpose: Word = Field(description="top_up, order, trip, subscription …")
    reference: Name = Field(default="", description="what is paid for, in the words of who asks")
    phone: Phone | None = Field(default=None, description="the payer's MoMo number")
    name: Name | None = Field(default=None, description="the payer's name, as MoMo shows it")
    expires_at: AwareDatetime


class PaymentAsked(EventData):
    """The payer has been asked, and can pay now."""

    event_type: ClassVar[str] = "payments.asked.v1"

    request: UUID
    person: str
    method: str
    url: str | None = Field(default=None, description="where the person pays; of a payment link only")
    at: AwareDatetime


class PayOut(EventData):
    """Money is owed to a person for a cash-out: pay it. Settles or reverses that in the wallet."""

    event_type: ClassVar[str] = "payments.pay_out.v1"

    id: UUID = Field(description="chosen by whoever asks; also the id that the provider is asked under")
    person: Owner
    of: UUID = Field(description="the wallet's command that owes it")
    amount_rwf: int = Field(strict=True, gt=0, le=AMOUNT_RWF_LIMIT)
    phone: Phone


class PaidOut(EventData):
    """The money has reached the person's MoMo account."""

    event_type: ClassVar[str] = "payments.paid_out.v1"

    pay_out: UUID
    person: str
    amount_rwf: int
    transaction: str
    at: AwareDatetime


class PayOutFailed(EventData):
    """The money was not paid: what was taken for it goes back."""

    event_type: ClassVar[str] = "payments.pay_out_failed.v1"

    pay_out: UUID
    person: str
    amount_rwf: int
    reason: str
    at: AwareDatetime


class DecideReview(EventData):
    """A person of ours says what a payment is for that could not be matched, or that it is for nothing."""

    event_type: ClassVar[str] = "payments.decide_review.v1"

    payment: str = Field(description="scheme and transaction, such as momo:23503452")
    act: Literal["assign", "refuse"]
    operator: Name
    why: Name = ""
    request: UUID | None = Field(default=None, description="assign: the request that it pays")
    person: Owner | None = Field(default=None, description="assign without a request: whose top-up it is")
    amount_rwf: int | None = Field(
        default=None,
        gt=0,
        le=AMOUNT_RWF_LIMIT,
        description="assign: its worth, where the provider told none in RWF",
    )


class ReopenReview(EventData):
    """A person of ours refused a payment that was never credited, and should not have: it waits again."""

    event_type: ClassVar[str] = "payments.reopen_review.v1"

    payment: str = Field(description="scheme and transaction, such as momo:23503452")
    operator: Name = Field(description="who says so")
    why: Name = Field(default="", description="for the log")


class DecidePayOut(EventData):
    """A person of ours says what became of a payment out that the provider leaves open."""

    event_type: ClassVar[str] = "payments.decide_pay_out.v1"

    pay_out: UUID
    act: Literal["paid", "failed"]
    operator: Name
    why: Name = ""
    transaction: Name = Field(default="", description="paid: the provider's number, as its statement has it")


# What became of it ----------------------------------------------------------------------------------------


class PaymentFact(EventData):
    """What every fact about a payment says."""

    provider: str
    transaction: str = Field(default="", description="the provider's id of the payment: credited once, ever")
    amount_rwf: int | None = Field(default=None, description="whole RWF; none where there is none to read")
    notification: UUID = Field(description="the event that told it")
    at: AwareDatetime


class PaymentReceived(PaymentFact):
    """Money came in, what it is for is known, and the wallet has been told to credit it."""

    event_type: ClassVar[str] = "payments.received.v1"

    person: str
    purpose: str
    amount_rwf: int
    request: UUID | None = Field(default=None, description="what was asked for; none: assigned as a top-up")
    reference: str = ""


class PaymentFailed(PaymentFact):
    """The provider said no: nothing came in."""

    event_type: ClassVar[str] = "payments.failed.v1"

    reason: str
    request: UUID | None = None
    person: str | None = None
    purpose: str | None = None
    reference: str = ""


class PaymentPending(PaymentFact):
    """Not decided yet: by the provider, or by a person of ours."""

    event_type: ClassVar[str] = "payments.pending.v1"

    reason: str = Field(
        description="provider; or waiting for a person: ambiguous, unmatched, wrong_amount, wrong_currency, "
        "late, contradicted, refused_by_wallet"
    )
    request: UUID | None = None


class PaymentIgnored(PaymentFact):
    """No money of a payer's: recognised, kept for audit, and nothing moves."""

    event_type: ClassVar[str] = "payments.ignored.v1"

    kind: str = Field(
        description="outgoing, deposit, one_time_password, bundle, withdrawal, reversal, failed, debit, "
        "forged, repeated, unreadable or other"
    )

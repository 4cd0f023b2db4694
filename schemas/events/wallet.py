"""What the wallet is asked to do, and what it says it did: the only way in which money moves.

An owner is a person's id, or one of the ledger's own accounts, such as `system:fees`; with a currency it
names an account. Amounts are whole: a token (TOK) is not divided, and RWF has no decimals. Publish commands
on `wallet.commands` under the person's id. The id is chosen and stored before the command is sent: sent again
it gets its first result again, and with other content it is refused.

Answers go to `wallet.events` under the key of the command. Their header `origin` names the consumer that
asked, so that others skip them.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from schemas.content import Part
from schemas.ids import NAMESPACE, uuid5_from
from schemas.model import EventData

Owner = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.:@+-]+$")]
Word = Annotated[str, Field(max_length=32, pattern=r"^[a-z][a-z0-9_]*$")]
Currency = Annotated[str, Field(max_length=8, description="TOK or RWF")]
# Strict: `true`, "10" and 1e1 are no amounts, though a lenient reader would make one of each.
Amount = Annotated[
    int, Field(strict=True, description="whole units; what is not positive is refused, by name")
]
Note = Annotated[str, Field(max_length=200, description="for people who read a statement")]

LINKED_LIMIT = 50


def credit_id(provider: str, transaction: str) -> UUID:
    """The id of the one credit that a provider's transaction is good for, ever."""
    return uuid5_from(NAMESPACE, f"credit:{provider}:{transaction}".encode())


class Command(EventData):
    """What every command says."""

    id: UUID = Field(description="chosen by whoever asks, and stored before asking")


class Transfer(Command):
    """Move an amount from one account to another.

    The kind `send` is one person's gift to another: the limits and look-outs of the business apply to it.
    """

    event_type: ClassVar[str] = "wallet.transfer.v1"

    do: Literal["transfer"] = "transfer"
    debit: Owner = Field(description="who pays")
    credit: Owner = Field(description="who gets it")
    amount: Amount
    currency: Currency = "TOK"
    kind: Word = Field(description="what for: send, reward, charge, fee, …")
    note: Note = ""


class Hold(Command):
    """Reserve an amount at once; a capture, a release or the time ends it, and only one of them."""

    event_type: ClassVar[str] = "wallet.hold.v1"

    do: Literal["hold"] = "hold"
    debit: Owner = Field(description="who is to pay")
    credit: Owner = Field(description="who is to get it")
    amount: Amount
    currency: Currency = "TOK"
    kind: Word = Field(description="what for: ride, order, …")
    expires_at: AwareDatetime = Field(description="when it is released by itself")
    note: Note = ""


class Capture(Command):
    """Take all of a hold, or a part; the rest is free again."""

    event_type: ClassVar[str] = "wallet.capture.v1"

    do: Literal["capture"] = "capture"
    hold: UUID = Field(description="the id of the hold's command")
    amount: Annotated[int, Field(strict=True)] | None = Field(default=None, description="none: all of it")


class Release(Command):
    """Give a hold up: the amount is free again."""

    event_type: ClassVar[str] = "wallet.release.v1"

    do: Literal["release"] = "release"
    hold: UUID = Field(description="the id of the hold's command")


class CreditPayment(Command):
    """Money came in by a provider: give the payer its worth.

    The id follows from the provider and its transaction (see `credit_id`), so that it is credited once, ever.
    """

    event_type: ClassVar[str] = "wallet.credit_payment.v1"

    do: Literal["credit_payment"] = "credit_payment"
    provider: Word = Field(description="momo, momo_sms, mtn, stripe or paypal: whose clearing account it is")
    transaction: Annotated[str, Field(min_length=1, max_length=128, description="the provider's id of it")]
    amount_rwf: Amount
    credit: Owner = Field(description="the person whose account it is for")
    into: Currency = Field(default="TOK", description="TOK: bought at 0.5 RWF a token; RWF: kept as it is")
    note: Note = ""

    @classmethod
    def of(
        cls,
        provider: str,
        transaction: str,
        amount_rwf: int,
        credit: str,
        *,
        into: str = "TOK",
        note: str = "",
    ) -> CreditPayment:
        """The command with the id that belongs to this transaction."""
        return cls(
            id=credit_id(provider, transaction),
            provider=provider,
            transaction=transaction,
            amount_rwf=amount_rwf,
            credit=credit,
            into=into,
            note=note,
        )


class Redeem(Command):
    """Turn tokens into airtime or cash: they go at once, and we owe the thing until `Settle` or `Reverse`."""

    event_type: ClassVar[str] = "wallet.redeem.v1"

    do: Literal["redeem"] = "redeem"
    debit: Owner = Field(description="whose tokens")
    reward: Word = Field(description="airtime_500, airtime_1000 or cash_5000")


class CashOut(Command):
    """Turn tokens into money: they go at once, and we owe it, less the fee, until `Settle` or `Reverse`."""

    event_type: ClassVar[str] = "wallet.cash_out.v1"

    do: Literal["cash_out"] = "cash_out"
    debit: Owner = Field(description="whose tokens")
    amount: Amount = Field(description="tokens, the fee included")


class Settle(Command):
    """A provider paid out what was owed for a redemption or a cash-out: it cannot be reversed any more."""

    event_type: ClassVar[str] = "wallet.settle.v1"

    do: Literal["settle"] = "settle"
    of: UUID = Field(description="the id of the redemption's or cash-out's command")
    provider: Word = Field(description="whose clearing account paid")


class Reverse(Command):
    """Undo all that one command moved, once."""

    event_type: ClassVar[str] = "wallet.reverse.v1"

    do: Literal["reverse"] = "reverse"
    of: UUID = Field(description="the id of the command")
    note: Note = ""


Step = Transfer | Hold | Capture | Release | CreditPayment | Redeem | CashOut | Settle | Reverse


class Linked(Command):
    """Several commands that succeed or fail together, in this order; the answer is one, for all of them."""

    event_type: ClassVar[str] = "wallet.linked.v1"

    commands: tuple[Annotated[Step, Field(discriminator="do")], ...] = Field(
        min_length=1, max_length=LINKED_LIMIT
    )


class DecideByHand(EventData):
    """A person of ours decides about one of the two things that wait for one.

    A transfer that was held for review: `approve` captures it, `refuse` releases it. What we owe and hand
    over ourselves (airtime): `done` settles it, `failed` reverses it. The wallet judges, keeps who said what
    and why, and asks itself by the command that any domain would; the ledger refuses a second end.
    """

    event_type: ClassVar[str] = "wallet.decide_by_hand.v1"

    of: UUID = Field(description="the id of the transfer's, or of the redemption's command")
    act: Literal["approve", "refuse", "done", "failed"]
    operator: Annotated[str, Field(min_length=1, max_length=200)]
    why: Note = ""
    provider: Word = Field(default="momo", description="done: whose clearing account paid for it")


class ExpireHold(EventData):
    """A timer: the hold's time is over."""

    event_type: ClassVar[str] = "wallet.expire_hold.v1"

    hold: UUID


# Answers ----------------------------------------------------------------------------------------------


class Moved(Part):
    """One transfer as it was posted."""

    id: UUID
    debit: str
    credit: str
    amount: int
    currency: str
    kind: str


class HoldState(Part):
    """Where a hold stands after the command."""

    id: UUID = Field(description="the id of the hold's command")
    state: str = Field(description="held, captured, released or expired")
    amount: int
    captured: int = 0
    expires_at: AwareDatetime


class Balance(Part):
    """A person's account after the command; what can be spent is the balance without what is held."""

    owner: str
    currency: str
    balance: int
    held: int = 0


class Answer(EventData):
    """What every answer says."""

    id: UUID = Field(description="the command's")
    command: str = Field(description="the command's type, such as wallet.transfer.v1")
    at: AwareDatetime = Field(description="when it was decided; of a repeat the first time")
    repeated: bool = Field(default=False, description="the first result again: nothing was moved this time")


class Posted(Answer):
    """A command was carried out."""

    event_type: ClassVar[str] = "wallet.posted.v1"

    transfers: tuple[Moved, ...] = ()
    holds: tuple[HoldState, ...] = ()
    balances: tuple[Balance, ...] = ()
    resolves: UUID | None = Field(default=None, description="the hold or command that this one ended")
    review: tuple[str, ...] = Field(
        default=(), description="why a transfer is held for a person to look at; it has not moved yet"
    )


class Refused(Answer):
    """A command was refused: nothing moved, and its id stays refused."""

    event_type: ClassVar[str] = "wallet.refused.v1"

    reason: str = Field(description="such as exceeds_credits; see consumers/wallet/rules/reasons.py")
    failed: UUID | None = Field(default=None, description="of linked commands, the one at fault")

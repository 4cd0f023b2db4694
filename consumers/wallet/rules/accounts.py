"""The accounts of the ledger: a person's, and our own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

TOK = "TOK"
RWF = "RWF"
CURRENCIES = (TOK, RWF)

VENDOR = "vendor:"  # and an id: the owner of a business' account
SYSTEM = "system:"
ISSUE = "system:issue"  # tokens: what it owes is what persons hold
FEES = "system:fees"
PROMOTIONS = "system:promotions"  # what rewards and redemptions cost us
SALES = "system:sales"  # RWF that was paid for tokens, and not paid out again
AIRTIME = "system:airtime"  # RWF that we owe in airtime
CASH = "system:cash"  # RWF that we owe for redemptions
CASH_OUT = "system:cash_out"  # RWF that we owe for cash-outs
PAYABLE = frozenset((AIRTIME, CASH, CASH_OUT))
SERVICES = frozenset(
    f"{SYSTEM}{name}" for name in ("rides", "orders", "subscriptions", "images", "insurance")
)
PROVIDERS = frozenset(("momo", "momo_sms", "mtn", "stripe", "paypal"))
CLEARING = "system:clearing:"  # and the provider: RWF that it has of ours, as a debt

# Others would be made by a slip of the pen, and money would lie where nobody looks.
SYSTEM_OWNERS = (
    frozenset((ISSUE, FEES, PROMOTIONS, SALES))
    | PAYABLE
    | SERVICES
    | frozenset(CLEARING + name for name in PROVIDERS)
)

Name = tuple[str, str]  # owner and currency


@dataclass(slots=True)
class Account:
    """An account as it stands, in the order in which it is read.

    A system account has several rows (see decision 0060); this is one of them.
    """

    id: int
    owner: str
    currency: str
    opened_at: datetime
    balance: int = 0
    held: int = 0
    entries: int = 0
    head: bytes = b""  # the hash of the last entry
    joined_into: int | None = None  # the account that took this one over

    @property
    def available(self) -> int:
        """What can be spent."""
        return self.balance - self.held

    @property
    def is_system(self) -> bool:
        """Whether it is ours: those may owe."""
        return self.owner.startswith(SYSTEM)

    def copy(self) -> Account:
        """Another one, equal to this."""
        return Account(
            self.id,
            self.owner,
            self.currency,
            self.opened_at,
            self.balance,
            self.held,
            self.entries,
            self.head,
            self.joined_into,
        )


def is_system(owner: str) -> bool:
    """Whether an account of this owner is one of ours."""
    return owner.startswith(SYSTEM)


def clearing(provider: str) -> str:
    """The owner of a provider's clearing account."""
    return CLEARING + provider

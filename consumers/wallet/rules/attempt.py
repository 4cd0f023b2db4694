"""What one command would change: nothing of it is in the book before it is kept."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from consumers.wallet.rules import chain, reasons
from consumers.wallet.rules.accounts import CURRENCIES, SYSTEM_OWNERS, Account, is_system
from consumers.wallet.rules.book import Book, Held, Known, Movement, Resolution
from consumers.wallet.rules.chain import Entry
from consumers.wallet.rules.limits import RIDE, RIDES_REMEMBERED, Sent
from consumers.wallet.rules.reasons import Refusal

AMOUNT_LIMIT = 10**15
BALANCE_LIMIT = 10**18  # a bigint holds nine times as much
HOLD_AT_MOST = timedelta(days=400)  # nobody plans for longer; and a database's calendar ends, too
JOIN = "join"  # the kind of transfer that moves what was left behind by a joined person


class Attempt:
    """Working copies of accounts, and the rows that would be added."""

    def __init__(self, book: Book, now: datetime, origin: str = "", key: str = "") -> None:
        self.book = book
        self.now = now
        self.origin = origin
        self.key = key
        self.accounts: dict[int, Account] = {}
        self.entries: list[Entry] = []
        self.movements: list[Movement] = []
        self.holds: dict[UUID, Held] = {}
        self.resolutions: dict[UUID, Resolution] = {}
        self.sent: dict[int, list[Sent]] = defaultdict(list)
        self.ridden: dict[int, int] = defaultdict(int)
        self.commands: dict[UUID, Known] = {}
        self.review: tuple[str, ...] = ()
        self.joined: set[int] = set()  # accounts that took another one over, or were taken over
        self.ended: list[tuple[Held, str, int]] = []  # with the status, and the amount captured
        self._microseconds = chain.microseconds(now)
        self._command: UUID
        self._written = ""  # the command's id as text, for the chain
        self._type = ""
        self._part = 0

    def begin(self, command: UUID, kind: str) -> None:
        """What follows is done by this command, of this type."""
        self._command, self._written, self._type, self._part = command, str(command), kind, 0

    def keep(self) -> None:
        """Let it be so."""
        book = self.book
        book.accounts.update(self.accounts)
        book.holds.update(self.holds)
        book.resolutions.update(self.resolutions)
        book.commands.update(self.commands)
        for movement in self.movements:
            book.movements[movement.command].append(movement)
        for account, sent in self.sent.items():
            book.sent[account] += sent
        for account, tokens in self.ridden.items():
            book.ridden[account] += tokens

    def changed_by(self, entries: list[Entry]) -> list[Account]:
        """The accounts of these new entries, in their order, each once."""
        return [self.accounts[number] for number in dict.fromkeys([entry.account for entry in entries])]

    # Looking ------------------------------------------------------------------------------------------

    def account(self, owner: str, currency: str, missing: str) -> Account:
        """An owner's account, or the one that took it over. Raises Refusal `missing`."""
        if currency not in CURRENCIES:
            raise Refusal(reasons.LEDGER_NOT_FOUND)
        if is_system(owner) and owner not in SYSTEM_OWNERS:
            raise Refusal(missing)
        number = self.book.ids.get((owner, currency))
        if number is None:
            raise Refusal(missing)
        return self.follow(number)

    def debit(self, owner: str, currency: str) -> Account:
        """The account that pays."""
        return self.account(owner, currency, reasons.DEBIT_ACCOUNT_NOT_FOUND)

    def credit(self, owner: str, currency: str) -> Account:
        """The account that gets it."""
        return self.account(owner, currency, reasons.CREDIT_ACCOUNT_NOT_FOUND)

    def by_id(self, number: int) -> Account:
        """A working copy of one account."""
        account = self.accounts.get(number)
        if account is None:
            account = self.accounts[number] = self.book.accounts[number].copy()
        return account

    def follow(self, number: int) -> Account:
        """The account that took this one over, in the end; mostly itself."""
        account = self.by_id(number)
        while account.joined_into is not None:
            account = self.by_id(account.joined_into)
        return account

    def hold(self, hold: UUID) -> Held | None:
        """A hold, whether it has ended or not."""
        return self.holds.get(hold) or self.book.holds.get(hold)

    def resolution(self, of: UUID) -> Resolution | None:
        """What ended a hold or undid a command, if anything did."""
        return self.resolutions.get(of) or self.book.resolutions.get(of)

    def moved(self, command: UUID) -> list[Movement]:
        """The transfers that a command posted."""
        own = [movement for movement in self.movements if movement.command == command]
        return own or self.book.movements.get(command, [])

    def sends(self, account: int) -> list[Sent]:
        """What an account sent lately."""
        return self.book.sent.get(account, []) + self.sent.get(account, [])

    def rides(self, account: int) -> int:
        """What rides took or hold of an account lately."""
        return self.book.ridden.get(account, 0) + self.ridden.get(account, 0)

    def person(self, owner: str) -> str:
        """Who has this account: of a business, who runs it."""
        return self.book.run_by.get(owner, owner)

    # Changing -----------------------------------------------------------------------------------------

    def move(self, debit: Account, credit: Account, amount: int, kind: str) -> None:
        """Post a transfer. Raises Refusal."""
        self._check(debit, credit, amount)
        if not debit.is_system and debit.available < amount:
            raise Refusal(reasons.EXCEEDS_CREDITS)
        self._post(debit, credit, amount, kind)

    def reserve(self, debit: Account, credit: Account, amount: int, kind: str, expires_at: datetime) -> Held:
        """Hold an amount. Raises Refusal."""
        self._check(debit, credit, amount)
        if expires_at <= self.now:
            raise Refusal(reasons.EXPIRES_IN_THE_PAST)
        if expires_at > self.now + HOLD_AT_MOST:
            raise Refusal(reasons.EXPIRES_TOO_LATE)
        if not debit.is_system and debit.available < amount:
            raise Refusal(reasons.EXCEEDS_CREDITS)
        self._enter(debit, chain.HELD, 0, amount)
        held = Held(
            self._command,
            debit.id,
            credit.owner,
            amount,
            debit.currency,
            kind,
            expires_at,
            self.now,
            self.origin,
            self.key,
        )
        self.holds[held.id] = held
        return held

    def capture(self, held: Held, amount: int) -> None:
        """Post so much of a hold that has not ended; the rest is free again. Raises Refusal."""
        debit, credit = self.by_id(held.debit), self.credit(held.credit, held.currency)
        self._check(debit, credit, amount)
        if amount > held.amount:
            raise Refusal(reasons.EXCEEDS_PENDING_TRANSFER_AMOUNT)
        self.resolve(held.id)
        self._post(debit, credit, amount, "capture", status=chain.CAPTURED, freed=held.amount)
        self._sweep(debit, held.amount - amount)
        self.ended.append((held, chain.CAPTURED, amount))

    def free(self, held: Held, status: str) -> None:
        """Release a hold that has not ended."""
        debit = self.by_id(held.debit)
        self.resolve(held.id)
        self._enter(debit, status, 0, -held.amount)
        self._part += 1
        self._sweep(debit, held.amount)
        if held.kind == RIDE and held.at > self.now - RIDES_REMEMBERED:
            self.ridden[self.follow(debit.id).id] -= held.amount
        self.ended.append((held, status, 0))

    def join(self, folded: Account, kept: Account) -> None:
        """Let one account take another one over, with what can be spent; what is held there ends there."""
        amount = folded.available
        folded.joined_into = kept.id
        kept.opened_at = min(kept.opened_at, folded.opened_at)
        self.joined |= {folded.id, kept.id}
        self.sent[kept.id] += self.sends(folded.id)
        self.ridden[kept.id] += self.rides(folded.id)
        self._sweep(folded, amount)

    def resolve(self, of: UUID) -> None:
        """This command ends that one, which nobody else can from now on."""
        self.resolutions[of] = Resolution(self._command, self._type)

    def remember_send(self, debit: Account, credit: Account, amount: int) -> None:
        """A person sent something: the next one is judged by it."""
        self.sent[debit.id].append(Sent(self.person(credit.owner), amount, self.now))

    def _sweep(self, debit: Account, amount: int) -> None:
        """What became free on an account that was joined into another belongs to that one."""
        kept = self.follow(debit.id)
        if kept.id != debit.id and amount:
            self._post(debit, kept, amount, JOIN)

    def _check(self, debit: Account, credit: Account, amount: int) -> None:
        if debit.id == credit.id:
            raise Refusal(reasons.ACCOUNTS_MUST_BE_DIFFERENT)
        check_amount(amount)
        if credit.balance + amount > BALANCE_LIMIT:
            raise Refusal(reasons.OVERFLOWS_CREDITS)
        if debit.balance - amount < -BALANCE_LIMIT:
            raise Refusal(reasons.OVERFLOWS_DEBITS)

    def _post(
        self,
        debit: Account,
        credit: Account,
        amount: int,
        kind: str,
        *,
        status: str = chain.POSTED,
        freed: int = 0,
    ) -> None:
        self.movements.append(
            Movement(
                self._command,
                self._part,
                debit.id,
                credit.id,
                amount,
                kind,
                self.now,
                debit.currency,
                debit.owner,
                credit.owner,
            )
        )
        self._enter(debit, status, -amount, -freed)
        self._enter(credit, chain.POSTED, amount, 0)
        self._part += 1

    def _enter(self, account: Account, status: str, amount: int, held: int) -> None:
        """One line of an account, chained to the one before."""
        account.balance += amount
        account.held += held
        account.entries += 1
        assert account.held >= 0, "more was freed than held"
        said = (self._part, status, amount, held, account.balance, account.held)
        number, command = account.entries, self._command
        line = (account.id, number, self._written, *said, self._microseconds)
        account.head = chain.link(account.head, line)
        self.entries.append(Entry(account.id, number, command, *said, self.now, account.head))


def check_amount(amount: int) -> None:
    """Raises Refusal for what is no amount to move."""
    if amount == 0:
        raise Refusal(reasons.AMOUNT_MUST_NOT_BE_ZERO)
    if amount < 0:
        raise Refusal(reasons.AMOUNT_MUST_NOT_BE_NEGATIVE)
    if amount > AMOUNT_LIMIT:
        raise Refusal(reasons.AMOUNT_TOO_LARGE)

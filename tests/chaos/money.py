"""Payments asked for, told of, decided and paid out, in front of a stand-in for MTN; and the proof that each
franc was moved once."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import orjson

from consumers.wallet.rules.accounts import ISSUE
from consumers.wallet.verifying.checking import Problem, verify
from infra.kafka.publisher import Output
from infra.settings import Settings
from infra.simulator.providers import ProviderDesk
from ingress.providers.momo import MomoGateway
from schemas import topics
from schemas.events.payments import DecideReview, PaymentNotified, PayOut, RequestPayment
from schemas.events.wallet import CashOut, Transfer
from tests.integration.payments.till import a_phone, a_transaction
from tests.integration.runtime.bench import Bench, event
from tests.waiting import eventually

AMOUNT, AFTER_FEE = 1_000, 490  # tokens of a cash-out, and what it is worth in RWF
PAYS, REFUSES, IS_SILENT, IS_TOLD_TWICE = "0", "1", "3", "5"  # the last digit of whoever pays or is paid
SETTLE_SECONDS = 90.0

# What a test does not wait for: the next look at MTN.
LET_TIME_PASS = """
UPDATE runtime.later SET due = now() WHERE consumer = 'payments' AND sent_at IS NULL AND due > now()
    AND (name LIKE 'look:%' OR kind = 'deferred')"""
FIND_ENDED = """
SELECT (content::json ->> 'of')::uuid AS of, type FROM wallet.commands
WHERE type IN ('wallet.settle.v1', 'wallet.reverse.v1') AND reason IS NULL"""
FIND_CREDITED = """
SELECT content::json ->> 'transaction' AS transaction, (content::json ->> 'amount_rwf')::int AS amount_rwf
FROM wallet.commands WHERE type = 'wallet.credit_payment.v1' AND reason IS NULL"""
COUNT_MISSING = """
SELECT (SELECT count(*) FROM request) AS requests, (SELECT count(*) FROM pay_out) AS pay_outs,
    (SELECT count(*) FROM payment WHERE provider = 'momo') AS payments,
    (SELECT count(*) FROM request WHERE state = 'open') AS open_requests,
    (SELECT count(*) FROM payment WHERE state NOT IN ('received', 'failed') OR
        (state = 'received' AND credited_at IS NULL)) AS uncredited"""


class Money(Bench):
    """What was asked of payments, and how it has to end."""

    def __init__(self, settings: Settings, desk: ProviderDesk) -> None:
        """`desk`: the stand-in that the settings name."""
        super().__init__(settings, "payments")
        self._desk = desk
        self._numbers = itertools.count()
        self._owed: list[UUID] = []  # cash-outs that nobody has been asked to pay yet
        self._asked: dict[UUID, str] = {}  # at MTN: requests, and the payer's last digit
        self._paying: dict[UUID, tuple[UUID, str]] = {}  # the same of payments out, with their cash-outs
        self._told: dict[str, int] = {}  # transactions that the gateway told of, and RWF
        self._requests: dict[str, UUID] = {}  # what they pay
        self._strays: list[str] = []  # those of them that pay nothing that is known
        self._decided: set[str] = set()  # those that an operator decided when all members were there

    def cash_outs(self, count: int) -> list[Output]:
        """Somebody has tokens, and turns them into money; to be carried out before anything is fed."""
        found = []
        for number in range(count):
            person = f"owed-{len(self._owed) + number}"
            gift = Transfer(id=uuid4(), debit=ISSUE, credit=person, amount=AMOUNT, kind="reward")
            found += [(person, gift), (person, CashOut(id=uuid4(), debit=person, amount=AMOUNT))]
        self._owed += [command.id for _, command in found if isinstance(command, CashOut)]
        return [event(topics.WALLET_COMMANDS, *each) for each in found]

    async def feed(self) -> None:
        """One of everything: it takes one cash-out. Each is repeated, as whoever asks may do."""
        number = next(self._numbers)
        digit = (PAYS, REFUSES, IS_SILENT, IS_TOLD_TWICE)[number % 4]
        pay_out = PayOut(
            id=uuid4(), person="p", of=self._owed.pop(), amount_rwf=AFTER_FEE, phone=a_phone(f"90{digit}")
        )
        asked = _request(number, "mtn", a_phone(f"90{digit}"))
        transferred = _request(number, "transfer", None)
        self._paying[pay_out.id] = pay_out.of, digit
        self._asked[asked.id] = digit
        wishes = [event(topics.intents("payments"), str(w.id), w) for w in (pay_out, asked, transferred)]
        decisions = [self._decision(transaction) for transaction in self._strays[-3:]]
        told = [self._told_of(transferred), self._told_of(None)]
        await self.publish([*wishes, *wishes, *decisions, *told, *told])

    def _told_of(self, request: RequestPayment | None) -> Output:
        """The gateway posts of money: for a request, or nobody knows what for."""
        transaction, amount = a_transaction(), request.amount_rwf if request else 777
        self._told[transaction] = amount
        if request is None:
            self._strays.append(transaction)
        content = {"transactionId": transaction, "amount": amount, "currency": "RWF", "status": "SUCCESSFUL"}
        if request is not None:
            content["externalId"] = str(request.id)
            self._requests[transaction] = request.id
        (found,) = MomoGateway([b"x"]).updates(b"", orjson.dumps(content), datetime.now(UTC))
        told = PaymentNotified.read(found.value)
        return event(topics.PAYMENTS_INBOUND, found.key, told, id=UUID(str(found.id)), time=found.time)

    def _decision(self, transaction: str) -> Output:
        """An operator says whose money it is; perhaps it is not yet known, perhaps it has been decided."""
        payment = f"momo:{transaction}"
        request = self._requests.get(transaction)  # it may have been told of before it was asked for
        person = None if request else f"of-{transaction}"
        decision = DecideReview(
            payment=payment, act="assign", operator="alice", request=request, person=person
        )
        return event(topics.intents("payments"), payment, decision)

    async def settles(self) -> None:
        """Wait until all of it has come to its end, and check what became of each franc."""
        try:
            await eventually(self._is_settled, limit_seconds=SETTLE_SECONDS)
        except TimeoutError:
            raise AssertionError(f"it did not settle: {await self._state()}") from None
        await self._check_orders()
        await self._check_credits()
        dead = await self.database.fetch("SELECT * FROM runtime.processed WHERE outcome = 'dead'")
        assert dead == []

    async def problems(self) -> Sequence[Problem]:
        """What the wallet's own check finds wrong with the ledger."""
        return (await verify(self.settings.need("postgres_dsn"))).problems

    async def _is_settled(self) -> bool:
        await self.database.execute(LET_TIME_PASS)
        state = await self._state()
        if not state["requests"]:  # all of those that a decision may name are there
            await self._decide_all()
        return not any(state.values())

    async def _decide_all(self) -> None:
        """An operator decides whatever waits for one."""
        rows = await self.database.fetch("SELECT transaction FROM payment WHERE state = 'review'")
        undecided = {row["transaction"] for row in rows} - self._decided
        await self.publish([self._decision(transaction) for transaction in undecided])
        self._decided |= undecided

    async def _state(self) -> dict[str, int]:
        """How much of what there is to be is missing."""
        row = await self.database.fetchrow(COUNT_MISSING)
        assert row is not None
        return {
            "requests": 2 * len(self._asked) - row["requests"],
            "pay-outs": len(self._paying) - row["pay_outs"],
            "payments": len(self._told) - row["payments"],
            "open requests": row["open_requests"],
            "pay-outs that are not ended": len(self._paying) - len(await self.database.fetch(FIND_ENDED)),
            "payments that are not credited": row["uncredited"],
        }

    async def _check_orders(self) -> None:
        """MTN was asked once for each, and what it says is what was done."""
        assert set(map(UUID, self._desk.orders)) == set(self._asked) | set(self._paying)
        rows = await self.database.fetch("SELECT id, state FROM request WHERE method = 'mtn'")
        assert {row["id"]: row["state"] for row in rows} == {
            each: "failed" if d == REFUSES else "paid" for each, d in self._asked.items()
        }
        ends = [(row["of"], row["type"]) for row in await self.database.fetch(FIND_ENDED)]
        assert Counter(ends) == Counter(
            (of, "wallet.reverse.v1" if digit == REFUSES else "wallet.settle.v1")
            for of, digit in self._paying.values()
        )

    async def _check_credits(self) -> None:
        """Each payment that there was is credited once, with its amount; and nothing else is."""
        rows = await self.database.fetch("SELECT id, amount_rwf FROM request WHERE method = 'mtn'")
        amounts = {row["id"]: row["amount_rwf"] for row in rows}
        wanted = Counter(self._told.items())
        for request, digit in self._asked.items():
            if digit != REFUSES:
                wanted[self._desk.orders[str(request)].transaction, amounts[request]] += 1
        rows = await self.database.fetch(FIND_CREDITED)
        assert Counter((row["transaction"], row["amount_rwf"]) for row in rows) == wanted


def _request(number: int, method: str, phone: str | None) -> RequestPayment:
    return RequestPayment(
        id=uuid4(),
        person=f"payer-{number}-{method}",
        amount_rwf=100 + number,
        method=method,
        purpose="top_up",
        phone=phone,
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )

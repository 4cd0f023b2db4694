"""The proof for money: what providers and commands say of it, against what the ledger has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg

from consumers.wallet.verifying.checking import verify
from infra.settings import Settings
from schemas.events.wallet import CreditPayment, Reverse, Settle
from scripts.chaos_run.checker import Finding
from scripts.chaos_run.money import Money
from scripts.chaos_run.notifications import Paid

FIND_COMMANDS = "SELECT id, reason FROM wallet.commands WHERE origin = 'chaos'"
FIND_CREDITS = """
SELECT id, content::json ->> 'transaction' AS transaction,
    (content::json ->> 'amount_rwf')::bigint AS amount_rwf
FROM wallet.commands WHERE type = $1 AND reason IS NULL"""
FIND_PAYMENTS = (
    "SELECT transaction, state, reason, amount_rwf, request, credit, credited_at FROM payments.payment"
)
FIND_REQUESTS = "SELECT id, state FROM payments.request"
FIND_PAY_OUTS = "SELECT id, state FROM payments.pay_out"
FIND_SETTLED = """
SELECT (content::json ->> 'of')::uuid AS of, type FROM wallet.commands
WHERE type = ANY($1::text[]) AND reason IS NULL"""
FIND_ENDED_TWICE = """
SELECT resolves FROM wallet.commands WHERE resolves IS NOT NULL AND reason IS NULL
GROUP BY resolves HAVING count(*) > 1"""
SUCCESSFUL = "SUCCESSFUL"
COLLECTION, DISBURSEMENT = "/mtn/collection/v1_0/requesttopay", "/mtn/disbursement/v1_0/transfer"
WAITS = ("late", "contradicted")  # why a payment may wait here: each names one request, and no two are alike
PAID, GIVEN_BACK = "paid", "failed"  # how a pay-out ends


@dataclass(slots=True)
class Books:
    """What the run left in the ledger and in payments, and what MTN's stand-in has."""

    problems: list[str] = field(default_factory=list)  # of the ledger's own verification
    entries: int = 0
    commands: dict[UUID, str | None] = field(default_factory=dict)  # id and refusal
    credits: dict[UUID, tuple[str, int]] = field(default_factory=dict)  # id, transaction, RWF
    payments: list[Any] = field(default_factory=list)
    requests: dict[UUID, str] = field(default_factory=dict)
    ended_twice: list[str] = field(default_factory=list)
    pay_outs: dict[UUID, str] = field(default_factory=dict)  # id and state
    settled: list[tuple[UUID, str]] = field(default_factory=list)  # cash-outs, and by which type of command
    orders: dict[UUID, str] = field(default_factory=dict)  # of MTN: request or pay-out, and status


async def read_books(settings: Settings, simulator_url: str, money: Money) -> Books:
    """Read everything. The system is to be at rest."""
    dsn = settings.need("postgres_dsn")
    report = await verify(dsn)
    found = Books([str(problem) for problem in report.problems], report.entries)
    connection = await asyncpg.connect(dsn)
    try:
        found.commands = {row["id"]: row["reason"] for row in await connection.fetch(FIND_COMMANDS)}
        rows = await connection.fetch(FIND_CREDITS, CreditPayment.event_type)
        found.credits = {row["id"]: (row["transaction"], row["amount_rwf"]) for row in rows}
        found.payments = await connection.fetch(FIND_PAYMENTS)
        found.requests = {row["id"]: row["state"] for row in await connection.fetch(FIND_REQUESTS)}
        found.pay_outs = {row["id"]: row["state"] for row in await connection.fetch(FIND_PAY_OUTS)}
        rows = await connection.fetch(FIND_SETTLED, [Settle.event_type, Reverse.event_type])
        found.settled = [(row["of"], row["type"]) for row in rows]
        found.ended_twice = [str(row[0]) for row in await connection.fetch(FIND_ENDED_TWICE)]
    finally:
        await connection.close()
    asked = [(COLLECTION, paid.request) for paid in money.paid if paid.provider == "mtn"]
    asked += [(DISBURSEMENT, paid.pay_out) for paid in money.paid_out]
    async with aiohttp.ClientSession() as session:
        for path, order in asked:
            async with session.get(f"{simulator_url}{path}/{order}") as answer:
                if answer.status == 200:
                    found.orders[order] = (await answer.json())["status"]
    return found


def check_money(money: Money, books: Books) -> list[Finding]:
    """Every invariant about money. Pure."""
    checks = {
        "the ledger verifies": books.problems,
        "a command is decided, once": [str(each) for each in money.commands.keys() - books.commands.keys()],
        "a hold ends once": books.ended_twice,
        "money that a provider has is credited once, or waits for a person": _not_there(money, books),
        "nothing is credited that no provider has": _from_nowhere(money, books),
        "a cash-out is paid or given back, once, or waits": _not_settled(money, books),
    }
    return [Finding(invariant, tuple(offending)) for invariant, offending in checks.items()]


def _not_there(money: Money, books: Books) -> Iterable[str]:
    by_request = {row["request"]: row for row in books.payments if row["request"] is not None}
    by_transaction = {row["transaction"].removeprefix("pi_"): row for row in books.payments}
    for paid in money.paid:
        if paid.provider == "mtn":
            if books.orders.get(paid.request) != SUCCESSFUL or books.requests.get(paid.request) == "open":
                continue  # not paid; or paid, and MTN is asked again when the next look is due
            row = by_request.get(paid.request)
        else:
            row = by_transaction.get(paid.transaction)
        yield from _wrong(paid, row, books)


def _wrong(paid: Paid, row: Any, books: Books) -> Iterable[str]:
    name = f"{paid.provider} {paid.transaction}, {paid.amount_rwf} RWF"
    if row is None:
        yield f"{name}: payments knows nothing of it"
    elif row["state"] == "review" and row["reason"] in WAITS:
        return
    elif row["state"] != "received" or row["credited_at"] is None:
        yield f"{name}: {row['state']} {row['reason']}"
    elif row["credit"] not in books.credits:
        yield f"{name}: the ledger has no credit {row['credit']}"
    elif books.credits[row["credit"]][1] != paid.amount_rwf:
        yield f"{name}: credited {books.credits[row['credit']][1]} RWF"


def _from_nowhere(money: Money, books: Books) -> Iterable[str]:
    told = {paid.transaction for paid in money.paid} | {f"pi_{paid.transaction}" for paid in money.paid}
    paid_to_mtn = {request for request, status in books.orders.items() if status == SUCCESSFUL}
    known = {row["credit"]: row for row in books.payments if row["credit"] is not None}
    for credit, (transaction, amount) in books.credits.items():
        row = known.get(credit)
        if row is None or (row["transaction"] not in told and row["request"] not in paid_to_mtn):
            yield f"{transaction}: {amount} RWF"
    times = Counter(transaction for transaction, _ in books.credits.values())
    yield from (
        f"{transaction} was credited {count} times" for transaction, count in times.items() if count > 1
    )


def _not_settled(money: Money, books: Books) -> Iterable[str]:
    ends = {PAID: Settle.event_type, GIVEN_BACK: Reverse.event_type}
    for paid in money.paid_out:
        state, at_mtn = books.pay_outs.get(paid.pay_out), books.orders.get(paid.pay_out)
        settled = [kind for of, kind in books.settled if of == paid.of]
        wanted = [ends[state]] if state in ends else []  # else MTN is asked again when that is due
        untrue = {PAID: at_mtn != SUCCESSFUL, GIVEN_BACK: at_mtn == SUCCESSFUL}
        if state is None or settled != wanted or untrue.get(state):
            yield f"{paid.pay_out}, {paid.amount_rwf} RWF: {state}, at MTN {at_mtn}, in the ledger {settled}"


def count_money(money: Money, books: Books) -> dict[str, int]:
    """What went through, for the report."""
    states = Counter(row["state"] for row in books.payments)
    refused = sum(reason is not None for reason in books.commands.values())
    return {
        **{f"money: {name}": count for name, count in sorted(money.counts.items())},
        **{f"payments {state}": count for state, count in sorted(states.items())},
        "ledger entries": books.entries,
        "commands decided": len(books.commands),
        "commands refused": refused,
        "payments credited": len(books.credits),
        **{f"cash-outs {state}": count for state, count in sorted(Counter(books.pay_outs.values()).items())},
    }

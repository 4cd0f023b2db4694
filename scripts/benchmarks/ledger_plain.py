"""What the ledger is compared with: SQL functions, a transaction for each transfer, and bare bulk writes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import asyncpg

from consumers.wallet.rules.accounts import Account
from consumers.wallet.rules.book import Known, Movement
from consumers.wallet.rules.chain import Entry
from consumers.wallet.store.statements import ADD_COMMAND, ADD_ENTRY, ADD_TRANSFER, SAVE_ACCOUNT
from infra.postgres.pool import transaction
from infra.postgres.session import Session
from schemas.events.wallet import Transfer
from scripts.benchmarks.ledger_ground import CHUNK, WORKERS, chunks

CONNECTIONS = 16  # of the SQL functions: each waits for its own commit
LEAST_SECONDS = 0.001

# As pgledger does it: the accounts locked in order, one transfer, two entries, two new balances, one commit.
FUNCTIONS = """
CREATE SCHEMA plain;
CREATE TABLE plain.accounts (
    id text PRIMARY KEY, balance bigint NOT NULL, version bigint NOT NULL DEFAULT 0, updated_at timestamptz);
CREATE TABLE plain.transfers (
    id uuid PRIMARY KEY, debit text NOT NULL REFERENCES plain.accounts,
    credit text NOT NULL REFERENCES plain.accounts, amount bigint NOT NULL CHECK (amount > 0),
    at timestamptz);
CREATE INDEX ON plain.transfers (debit);
CREATE INDEX ON plain.transfers (credit);
CREATE TABLE plain.entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account text NOT NULL REFERENCES plain.accounts,
    transfer uuid NOT NULL REFERENCES plain.transfers, amount bigint NOT NULL, balance_before bigint NOT NULL,
    balance_after bigint NOT NULL, version bigint NOT NULL, at timestamptz);
CREATE INDEX ON plain.entries (account);
CREATE INDEX ON plain.entries (transfer);
CREATE FUNCTION plain.transfer(the_id uuid, the_debit text, the_credit text, the_amount bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    payer plain.accounts;
    payee plain.accounts;
BEGIN
    PERFORM FROM plain.accounts WHERE id IN (the_debit, the_credit) ORDER BY id FOR UPDATE;
    UPDATE plain.accounts SET balance = balance - the_amount, version = version + 1, updated_at = now()
        WHERE id = the_debit RETURNING * INTO payer;
    UPDATE plain.accounts SET balance = balance + the_amount, version = version + 1, updated_at = now()
        WHERE id = the_credit RETURNING * INTO payee;
    IF payer.balance < 0 THEN RAISE EXCEPTION 'exceeds_credits'; END IF;
    INSERT INTO plain.transfers VALUES (the_id, the_debit, the_credit, the_amount, now());
    INSERT INTO plain.entries (account, transfer, amount, balance_before, balance_after, version, at) VALUES
        (the_debit, the_id, -the_amount, payer.balance + the_amount, payer.balance, payer.version, now()),
        (the_credit, the_id, the_amount, payee.balance - the_amount, payee.balance, payee.version, now());
END $$;
INSERT INTO plain.accounts (id, balance) SELECT owner, sum(balance) FROM wallet.accounts GROUP BY owner"""
TRANSFER = "SELECT plain.transfer($1, $2, $3, $4)"
LOCK = "SELECT FROM accounts WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE"


async def by_functions(dsn: str, transfers: Sequence[Transfer]) -> float:
    """Transfers a second, one a transaction, over as many connections as serve it best."""
    async with asyncpg.create_pool(dsn, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:
        await pool.execute(FUNCTIONS)
        left = iter(transfers)

        async def work() -> None:
            async with pool.acquire() as connection:
                for each in left:
                    await connection.execute(TRANSFER, each.id, each.debit, each.credit, each.amount)

        began = perf_counter()
        await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
        return len(transfers) / max(LEAST_SECONDS, perf_counter() - began)


async def by_bulk_writes(pool: asyncpg.Pool[Any], transfers: Sequence[Transfer]) -> float:
    """Transfers a second of the ledger's own writes alone: nothing is read or decided. The floor."""
    rows = await pool.fetch("SELECT id, owner, currency, opened_at, balance, held, entries FROM accounts")
    accounts = {row["owner"]: Account(*row) for row in rows if row["currency"] == "TOK"}
    numbers = Counter({account.id: account.entries for account in accounts.values()})
    made = [_rows(some, accounts, numbers) for some in chunks(transfers, CHUNK)]
    left = iter(made)

    async def work() -> None:
        for rows in left:
            async with transaction(pool) as connection:
                session = Session(connection)
                # Two that write the same accounts in different orders would wait for each other.
                await session.fetch(LOCK, sorted({row[0] for row in rows[SAVE_ACCOUNT]}))
                for kind, values in rows.items():
                    session.write_many(kind, values)
                await session.flush()

    began = perf_counter()
    await asyncio.gather(*(work() for _ in range(WORKERS)))
    return len(transfers) / max(LEAST_SECONDS, perf_counter() - began)


def _rows(
    some: Sequence[Transfer], accounts: dict[str, Account], numbers: Counter[int]
) -> dict[Any, list[Any]]:
    """Rows of the right shape and size; what they say is made up."""
    now = datetime.now(UTC)
    found: dict[Any, list[Any]] = {ADD_COMMAND: [], ADD_TRANSFER: [], ADD_ENTRY: [], SAVE_ACCOUNT: []}
    for each in some:
        content = each.write().decode()
        answer = content * 2  # about as long as a real one
        debit, credit = accounts[each.debit], accounts[each.credit]
        found[ADD_COMMAND].append(Known(each.id, each.event_type, "bench", content, None, answer, None, now))
        movement = Movement(each.id, 0, debit.id, credit.id, 1, each.kind, now, "TOK", "", "")
        found[ADD_TRANSFER].append(movement[:7])
        for account, amount in ((debit, -1), (credit, 1)):
            numbers[account.id] += 1
            line = (account.id, numbers[account.id], each.id, 0, "posted", amount, 0, account.balance, 0)
            found[ADD_ENTRY].append(Entry(*line, now, bytes(32)))
            found[SAVE_ACCOUNT].append((account.id, account.balance, 0, numbers[account.id], bytes(32)))
    return found

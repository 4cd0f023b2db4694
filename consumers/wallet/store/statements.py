"""The ledger's statements: each reads or writes for a whole chunk."""

from __future__ import annotations

from infra.postgres.session import BulkWrite

SHARDS = 64  # transactions that write to one system account at once; a constraint says the same

FIND_COMMANDS = """
SELECT id, type, origin, content, reason, answer, resolves, at FROM commands WHERE id = ANY($1::uuid[])"""

FIND_HOLDS = """
SELECT h.id, h.debit, h.credit, h.amount, h.currency, h.kind, h.expires_at, h.at, h.origin, h.key
FROM holds AS h WHERE h.id = ANY($1::uuid[])"""

# Owners by subqueries, here and below, for the same reason.
FIND_TRANSFERS = """
SELECT t.command, t.part, t.debit, t.credit, t.amount, t.kind, t.at,
    (SELECT currency FROM accounts WHERE id = t.debit), (SELECT owner FROM accounts WHERE id = t.debit),
    (SELECT owner FROM accounts WHERE id = t.credit)
FROM transfers AS t WHERE t.command = ANY($1::uuid[]) ORDER BY t.command, t.part"""

# Sorted by id, so that no two transactions wait for each other; read after the lock. By name or, where a hold
# names it, by id. The ids are looked up one by one, or the planner may read all accounts to join a few.
LOCK_ACCOUNTS = """
SELECT id, owner, currency, opened_at, balance, held, entries, head, joined_into FROM accounts
WHERE id = ANY (ARRAY(
    SELECT (SELECT id FROM accounts AS a
            WHERE a.owner = u.owner AND a.currency = u.currency AND a.shard = 0)
    FROM unnest($1::text[], $2::text[]) AS u (owner, currency)
    UNION ALL SELECT unnest($3::bigint[])
)) ORDER BY id FOR UPDATE"""

OPEN_ACCOUNTS = """
INSERT INTO accounts (owner, currency, opened_at)
SELECT owner, currency, $3 FROM unnest($1::text[], $2::text[]) AS u (owner, currency) ORDER BY owner, currency
ON CONFLICT DO NOTHING"""

# Of a system account any row will do that nobody else has locked: the first, so that few are needed.
TAKE_SHARDS = """
SELECT a.* FROM unnest($1::text[], $2::text[]) AS u (owner, currency)
CROSS JOIN LATERAL (
    SELECT id, owner, currency, opened_at, balance, held, entries, head, joined_into FROM accounts
    WHERE accounts.owner = u.owner AND accounts.currency = u.currency
    ORDER BY shard LIMIT 1 FOR UPDATE SKIP LOCKED
) AS a"""

# All are taken: one more, of any number that is free, so that two who want one at once rarely want the same.
# Who does comes second, and looks again.
ADD_SHARDS = f"""
INSERT INTO accounts (owner, currency, shard)
SELECT u.owner, u.currency, free.shard FROM unnest($1::text[], $2::text[]) AS u (owner, currency)
CROSS JOIN LATERAL (
    SELECT shard FROM generate_series(0, {SHARDS - 1}) AS shard
    WHERE NOT EXISTS (SELECT FROM accounts AS a
                      WHERE a.owner = u.owner AND a.currency = u.currency AND a.shard = shard.shard)
    ORDER BY random() LIMIT 1
) AS free
ORDER BY u.owner, u.currency
ON CONFLICT DO NOTHING
RETURNING id, owner, currency, opened_at, balance, held, entries, head, joined_into"""  # noqa: S608 - a constant

FIND_RESOLUTIONS = "SELECT resolves, id, type FROM commands WHERE resolves = ANY($1::uuid[])"

# Accounts, each with those that it took over: what a person did before they were joined counts on. One by one
# (OFFSET), or the planner may read all accounts that were ever taken over.
_MINE = """WITH RECURSIVE mine AS (
    SELECT number AS debit, number AS account FROM unnest($1::bigint[]) AS u (number)
    UNION ALL SELECT mine.debit, a.id FROM mine CROSS JOIN LATERAL (
        SELECT id FROM accounts WHERE joined_into = mine.account OFFSET 0) AS a
)"""
FIND_SENT = f"""
{_MINE} SELECT mine.debit,
    coalesce((SELECT person FROM vendors WHERE owner = sent.recipient), sent.recipient) AS recipient,
    sent.amount, sent.at
FROM mine CROSS JOIN LATERAL (
    SELECT (SELECT owner FROM accounts WHERE id = t.credit) AS recipient, t.amount, t.at
    FROM transfers AS t WHERE t.kind = 'send' AND t.debit = mine.account AND t.at > $2
    UNION ALL
    SELECT credit, amount, at FROM holds WHERE kind = 'send' AND debit = mine.account AND at > $2
) AS sent"""  # noqa: S608 - constants only
# Of what was held for rides: all but what was given back. Without a hold, what was taken.
FIND_RIDDEN = f"""
{_MINE} SELECT mine.debit, sum(ridden.amount)::bigint AS amount
FROM mine CROSS JOIN LATERAL (
    SELECT t.amount FROM transfers AS t WHERE t.kind = 'ride' AND t.debit = mine.account AND t.at > $2
    UNION ALL
    SELECT h.amount FROM holds AS h WHERE h.kind = 'ride' AND h.debit = mine.account AND h.at > $2
        AND NOT EXISTS (SELECT FROM commands AS c
                        WHERE c.resolves = h.id AND c.type <> 'wallet.capture.v1')
) AS ridden GROUP BY mine.debit"""  # noqa: S608 - constants only
FIND_RUN_BY = "SELECT owner, person FROM vendors WHERE owner = ANY($1::text[])"

ADD_COMMAND = BulkWrite.adds(
    "commands",
    *("id uuid", "type text", "origin text", "content text", "reason text", "answer text", "resolves uuid"),
    "at timestamptz",
    duplicate_is_conflict=True,
)
ADD_TRANSFER = BulkWrite.adds(
    "transfers",
    *("command uuid", "part smallint", "debit bigint", "credit bigint", "amount bigint", "kind text"),
    "at timestamptz",
)
ADD_ENTRY = BulkWrite.adds(
    "entries",
    *("account bigint", "number bigint", "command uuid", "part smallint", "status text", "amount bigint"),
    *("held bigint", "balance_after bigint", "held_after bigint", "at timestamptz", "hash bytea"),
)
ADD_HOLD = BulkWrite.adds(
    "holds",
    *("id uuid", "debit bigint", "credit text", "amount bigint", "currency text", "kind text"),
    *("expires_at timestamptz", "at timestamptz", "origin text", "key text"),
)

# Of several writes to an account in one transaction the last one stands: it is locked meanwhile.
SAVE_ACCOUNT = BulkWrite(
    """UPDATE accounts AS a SET balance = u.balance, held = u.held, entries = u.entries, head = u.head
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[])
        AS u (id, balance, held, entries, head)
    WHERE a.id = u.id AND a.id = ANY ($1::bigint[])""",
    key=1,
    all_or_conflict=True,
)

JOIN_ACCOUNT = BulkWrite(
    """UPDATE accounts AS a SET joined_into = u.joined_into, opened_at = u.opened_at
    FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS u (id, joined_into, opened_at)
    WHERE a.id = u.id AND a.id = ANY ($1::bigint[])""",
    key=1,
    all_or_conflict=True,
)

OPEN_SEEN = BulkWrite(
    """INSERT INTO accounts (owner, currency, opened_at)
    SELECT owner, 'TOK', at FROM unnest($1::text[], $2::timestamptz[]) AS u (owner, at)
    ON CONFLICT DO NOTHING""",
    key=1,
)

"""What a sound ledger has none of: each query finds the rows that are wrong, and says in words what is."""

from __future__ import annotations

FOUND_LIMIT = 100  # of each check: more of the same tells nobody anything

# The hash of an entry, as `rules/chain.py` makes it.
_HASH = """sha256(coalesce(hash_before, ''::bytea) || convert_to(concat_ws('|', account, number, command,
    part, status, amount, held, balance_after, held_after, (extract(epoch FROM at) * 1000000)::bigint),
    'UTF8'))"""

# Commands that end a hold, or undo or settle another command.
_ENDING = """'wallet.capture.v1', 'wallet.release.v1', 'wallet.expire_hold.v1', 'wallet.settle.v1',
    'wallet.reverse.v1'"""


def _is_another(asked: str, owner: str) -> str:
    """In SQL: whether it is somebody else than who was asked for, and not whom that one was joined to."""
    return f"""({asked} <> {owner} AND NOT EXISTS (
        SELECT FROM accounts AS j WHERE j.owner = {asked} AND j.joined_into IS NOT NULL))"""


CHAIN = f"""
WITH line AS (
    SELECT *, lag(number) OVER w AS number_before, lag(hash) OVER w AS hash_before,
        lag(balance_after) OVER w AS balance_before, lag(held_after) OVER w AS held_before
    FROM entries WINDOW w AS (PARTITION BY account ORDER BY number)
)
SELECT account, command, concat_ws('; ',
    CASE WHEN number <> coalesce(number_before, 0) + 1
        THEN format('entry %s follows %s', number, coalesce(number_before, 0)) END,
    CASE WHEN balance_after <> coalesce(balance_before, 0) + amount
        THEN format('entry %s: balance %s after %s and %s', number, balance_after,
            coalesce(balance_before, 0), amount) END,
    CASE WHEN held_after <> coalesce(held_before, 0) + held
        THEN format('entry %s: %s held after %s and %s', number, held_after,
            coalesce(held_before, 0), held) END,
    CASE WHEN hash <> {_HASH} THEN format('entry %s is not what its hash was made of', number) END) AS what
FROM line
WHERE number <> coalesce(number_before, 0) + 1
    OR balance_after <> coalesce(balance_before, 0) + amount
    OR held_after <> coalesce(held_before, 0) + held
    OR hash <> {_HASH}
ORDER BY account, number"""  # noqa: S608 - constants only

ACCOUNTS = """
SELECT a.id AS account, NULL::uuid AS command, format(
    '%s %s says balance %s, held %s, %s entries; its last entry says %s, %s, %s%s', a.owner, a.currency,
    a.balance, a.held, a.entries, coalesce(e.balance_after, 0), coalesce(e.held_after, 0),
    coalesce(e.number, 0),
    CASE WHEN a.head <> coalesce(e.hash, '') THEN ', with another hash' END) AS what
FROM accounts AS a
LEFT JOIN LATERAL (
    SELECT * FROM entries WHERE account = a.id ORDER BY number DESC LIMIT 1
) AS e ON true
WHERE (a.balance, a.held, a.entries, a.head) IS DISTINCT FROM
    (coalesce(e.balance_after, 0), coalesce(e.held_after, 0), coalesce(e.number, 0), coalesce(e.hash, ''))
UNION ALL
SELECT e.account, NULL, 'has entries, and no account' FROM (SELECT DISTINCT account FROM entries) AS e
WHERE NOT EXISTS (SELECT FROM accounts WHERE id = e.account)"""

SUMS = """
SELECT NULL::bigint AS account, NULL::uuid AS command,
    format('all balances in %s come to %s, not to 0', currency, sum(balance)) AS what
FROM accounts GROUP BY currency HAVING sum(balance) <> 0
UNION ALL
SELECT NULL, NULL, format('all entries in %s come to %s, not to 0', a.currency, sum(e.amount))
FROM (SELECT account, sum(amount) AS amount FROM entries GROUP BY account) AS e
JOIN accounts AS a ON a.id = e.account GROUP BY a.currency HAVING sum(e.amount) <> 0"""

TRANSFERS = """
WITH moved AS (
    SELECT command, part, count(*) AS lines, sum(amount) AS rest, max(amount) AS amount,
        max(account) FILTER (WHERE amount < 0) AS debit, max(account) FILTER (WHERE amount > 0) AS credit
    FROM entries WHERE amount <> 0 GROUP BY command, part
)
SELECT coalesce(t.debit, m.debit) AS account, coalesce(t.command, m.command) AS command, CASE
    WHEN t.command IS NULL THEN format('part %s has entries, and no transfer', m.part)
    WHEN m.command IS NULL THEN format('part %s is a transfer of %s without entries', t.part, t.amount)
    ELSE format('part %s: %s from %s to %s, and entries of %s from %s to %s (%s lines, which come to %s)',
        t.part, t.amount, t.debit, t.credit, m.amount, m.debit, m.credit, m.lines, m.rest) END AS what
FROM transfers AS t FULL JOIN moved AS m ON m.command = t.command AND m.part = t.part
WHERE t.command IS NULL OR m.command IS NULL OR m.lines <> 2 OR m.rest <> 0
    OR (t.debit, t.credit, t.amount) IS DISTINCT FROM (m.debit, m.credit, m.amount)"""

HOLDS = f"""
WITH made AS (SELECT * FROM entries WHERE held > 0), ended AS (SELECT * FROM entries WHERE held < 0)
SELECT coalesce(h.debit, e.account) AS account, coalesce(h.id, e.command) AS command,
    format('held %s, and %s by its entry', h.amount, e.held) AS what
FROM holds AS h FULL JOIN made AS e ON e.command = h.id AND e.account = h.debit
WHERE h.amount IS DISTINCT FROM e.held
UNION ALL
SELECT h.debit, c.id, format('ends a hold of %s, and frees %s by its entry', h.amount, -e.held)
FROM commands AS c JOIN holds AS h ON h.id = c.resolves
LEFT JOIN ended AS e ON e.command = c.id AND e.account = h.debit
WHERE e.held IS DISTINCT FROM -h.amount OR e.status IS DISTINCT FROM CASE c.type
    WHEN 'wallet.capture.v1' THEN 'captured' WHEN 'wallet.release.v1' THEN 'released' ELSE 'expired' END
UNION ALL
SELECT e.account, e.command, format('entry %s frees %s, and ends no hold of this account', e.number, -e.held)
FROM ended AS e LEFT JOIN commands AS c ON c.id = e.command
LEFT JOIN holds AS h ON h.id = c.resolves AND h.debit = e.account WHERE h.id IS NULL
UNION ALL
SELECT a.id, NULL, format('%s held, and open holds of %s', a.held, coalesce(o.amount, 0))
FROM accounts AS a LEFT JOIN (
    SELECT debit, sum(amount) AS amount FROM holds AS h
    WHERE NOT EXISTS (SELECT FROM commands WHERE resolves = h.id) GROUP BY debit
) AS o ON o.debit = a.id WHERE a.held <> coalesce(o.amount, 0)
UNION ALL
SELECT NULL, resolves, format('is ended, undone or settled %s times', count(*))
FROM commands WHERE resolves IS NOT NULL GROUP BY resolves HAVING count(*) > 1
UNION ALL
SELECT h.debit, h.id, 'is not the hold that was asked for'
FROM holds AS h JOIN commands AS c ON c.id = h.id CROSS JOIN LATERAL (SELECT c.content::jsonb AS said) AS s
WHERE (h.amount, h.currency, h.kind, h.origin) IS DISTINCT FROM
        ((said->>'amount')::bigint, said->>'currency', said->>'kind', c.origin)
    OR (c.type = 'wallet.hold.v1' AND h.expires_at IS DISTINCT FROM (said->>'expires_at')::timestamptz)
    OR {_is_another("said->>'credit'", "h.credit")}"""  # noqa: S608 - constants only

# One pass over all transfers and commands. What they say is compared as text, as nothing in it is escaped.
# Only where a command's differs is it read: it names who was there before somebody was joined.
COMMANDS = f"""
WITH moved AS (
    SELECT t.*, d.owner AS payer, c.owner AS payee, d.currency, d.currency = c.currency AS is_one_currency,
        concat('"debit":"', d.owner, '","credit":"', c.owner, '","amount":', t.amount,
            ',"currency":"', d.currency, '","kind":"', t.kind, '"') AS written
    FROM transfers AS t LEFT JOIN accounts AS d ON d.id = t.debit LEFT JOIN accounts AS c ON c.id = t.credit
)
SELECT t.debit AS account, coalesce(t.command, c.id) AS command, CASE
    WHEN t.command IS NULL THEN format('%s was carried out, and did nothing', c.type)
    WHEN t.is_one_currency IS NOT TRUE THEN format('part %s: from %s to another currency', t.part, t.currency)
    WHEN c.id IS NULL THEN 'moved something, and is not known'
    WHEN c.reason IS NOT NULL THEN format('moved something, and was refused: %s', c.reason)
    WHEN c.at <> t.at THEN format('was decided at %s, and moved something at %s', c.at, t.at)
    ELSE format('part %s moved %s, which is not what was asked for, or not what was answered',
        t.part, t.amount) END AS what
FROM moved AS t FULL JOIN commands AS c ON c.id = t.command
WHERE CASE WHEN t.command IS NULL THEN
        c.reason IS NULL AND c.resolves IS NULL
            AND c.type NOT IN ('wallet.linked.v1', 'core.persons_joined.v1')
            AND NOT EXISTS (SELECT FROM holds WHERE id = c.id)
    WHEN c.id IS NULL OR t.is_one_currency IS NOT TRUE OR c.reason IS NOT NULL OR c.at <> t.at THEN true
    WHEN strpos(c.answer, t.written) = 0 THEN true
    WHEN c.type = 'wallet.transfer.v1' AND strpos(c.content, t.written) = 0 THEN (
        SELECT ((said->>'amount')::bigint, said->>'currency', said->>'kind')
                IS DISTINCT FROM (t.amount, t.currency, t.kind)
            OR {_is_another("said->>'debit'", "t.payer")} OR {_is_another("said->>'credit'", "t.payee")}
        FROM (SELECT c.content::jsonb AS said OFFSET 0) AS asked_for)
    ELSE false END
UNION ALL
SELECT h.debit, h.id, CASE WHEN c.id IS NULL THEN 'held something, and is not known'
    ELSE format('held something, and was refused: %s', c.reason) END
FROM holds AS h LEFT JOIN commands AS c ON c.id = h.id WHERE c.id IS NULL OR c.reason IS NOT NULL
UNION ALL
SELECT NULL, c.id, format('was asked to end %s, and ends %s', asked, c.resolves)
FROM commands AS c CROSS JOIN LATERAL (SELECT c.content::jsonb AS said OFFSET 0) AS s
CROSS JOIN LATERAL (SELECT (coalesce(said->>'hold', said->>'of'))::uuid AS asked) AS a
WHERE c.reason IS NULL AND c.resolves IS DISTINCT FROM asked AND c.type IN ({_ENDING})
UNION ALL
SELECT NULL, c.id, format('ends %s, which a %s does not%s', c.resolves, c.type,
    CASE WHEN c.reason IS NOT NULL THEN ' that was refused' END)
FROM commands AS c WHERE c.resolves IS NOT NULL AND (c.reason IS NOT NULL OR c.type NOT IN ({_ENDING}))"""  # noqa: S608 - constants only

PERSONS = """
SELECT id AS account, NULL::uuid AS command, format('has %s, of which %s are held', balance, held) AS what
FROM accounts WHERE owner NOT LIKE 'system:%' AND balance < held
UNION ALL
SELECT id, NULL, format('was taken over, and still has %s to spend', balance - held)
FROM accounts WHERE joined_into IS NOT NULL AND balance <> held
UNION ALL
-- Whose accounts lead to this one, and whether any of them was ever joined: all that comes in goes elsewhere.
SELECT a.id, NULL, 'was taken over, and nobody was joined'
FROM accounts AS a WHERE a.joined_into IS NOT NULL AND NOT EXISTS (
    WITH RECURSIVE led AS (
        SELECT a.id AS account, a.owner
        UNION SELECT b.id, b.owner FROM led JOIN accounts AS b ON b.joined_into = led.account
    )
    SELECT FROM commands AS c JOIN led ON led.owner = c.content::jsonb->>'folded'
    WHERE c.type = 'core.persons_joined.v1')"""

# What payments, cash-outs, redemptions and captures moved, against what each asked for.
ASKED = f"""
WITH asked AS MATERIALIZED (
    SELECT id, type, resolves, content::jsonb AS said FROM commands WHERE reason IS NULL AND type IN (
        'wallet.credit_payment.v1', 'wallet.cash_out.v1', 'wallet.redeem.v1', 'wallet.capture.v1')
), moved AS (
    SELECT t.*, d.owner AS payer, c.owner AS payee
    FROM transfers AS t JOIN accounts AS d ON d.id = t.debit JOIN accounts AS c ON c.id = t.credit
)
SELECT m.debit AS account, a.id AS command,
    format('%s from %s came in, and %s from %s was told', m.amount, m.payer, said->>'amount_rwf',
        said->>'provider') AS what
FROM asked AS a JOIN moved AS m ON m.command = a.id AND m.part = 0
WHERE a.type = 'wallet.credit_payment.v1' AND (m.amount, m.payer) IS DISTINCT FROM
    ((said->>'amount_rwf')::bigint, 'system:clearing:' || (said->>'provider'))
UNION ALL
SELECT m.credit, a.id, format('came in for %s, and was told of %s', m.payee, said->>'credit')
FROM asked AS a JOIN moved AS m ON m.command = a.id AND m.payee NOT LIKE 'system:%'
WHERE a.type = 'wallet.credit_payment.v1' AND {_is_another("said->>'credit'", "m.payee")}
UNION ALL
SELECT m.debit, a.id, format('%s was asked for by %s, and taken from %s', a.type, said->>'debit', m.payer)
FROM asked AS a JOIN moved AS m ON m.command = a.id AND m.payer NOT LIKE 'system:%'
WHERE a.type IN ('wallet.cash_out.v1', 'wallet.redeem.v1') AND {_is_another("said->>'debit'", "m.payer")}
UNION ALL
SELECT min(m.debit), a.id, format('%s taken, and %s to be cashed out', sum(m.amount), said->>'amount')
FROM asked AS a JOIN moved AS m ON m.command = a.id AND m.kind IN ('cash_out', 'fee')
WHERE a.type = 'wallet.cash_out.v1'
GROUP BY a.id, said HAVING sum(m.amount) <> (said->>'amount')::bigint
UNION ALL
SELECT m.debit, a.id, format('captured %s for %s, of a hold for %s', m.amount, m.payee, h.credit)
FROM asked AS a JOIN holds AS h ON h.id = a.resolves JOIN moved AS m ON m.command = a.id AND m.part = 0
WHERE a.type = 'wallet.capture.v1' AND (
    m.amount <> coalesce((said->>'amount')::bigint, h.amount) OR {_is_another("h.credit", "m.payee")})"""  # noqa: S608 - constants only

# What is to go out as money, against what the ledger owes.
OWED = """
SELECT NULL::bigint AS account, o.id AS command,
    format('%s tokens are to be paid as RWF %s, and the ledger owes RWF %s for %s', o.tokens, o.amount_rwf,
        coalesce(owed.rwf, 0), coalesce(owed.tokens, 0)) AS what
FROM pay_outs AS o CROSS JOIN LATERAL (
    SELECT sum(amount) FILTER (WHERE kind = 'owed') AS rwf,
        sum(amount) FILTER (WHERE kind IN ('cash_out', 'fee', 'redeem')) AS tokens
    FROM transfers WHERE command = o.id
) AS owed
WHERE (o.state IN ('processing', 'completed') OR o.looked_at_for IS NOT NULL)
    AND (o.amount_rwf, o.tokens) IS DISTINCT FROM (owed.rwf, owed.tokens)"""

CHECKS = {
    "chain": CHAIN,
    "accounts": ACCOUNTS,
    "sums": SUMS,
    "transfers": TRANSFERS,
    "holds": HOLDS,
    "commands": COMMANDS,
    "persons": PERSONS,
    "asked": ASKED,
    "owed": OWED,
}

COUNTS = "SELECT (SELECT count(*) FROM entries) AS entries, (SELECT count(*) FROM accounts) AS accounts"

# Of all heads: whoever keeps it somewhere else can tell that nothing before it was made anew.
ROOT = "SELECT encode(sha256(coalesce(string_agg(head, ''::bytea ORDER BY id), '')), 'hex') FROM accounts"

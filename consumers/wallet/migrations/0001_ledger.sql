-- The ledger. An owner is a person's permanent id from core, or one of our own accounts (`system:…`). Amounts are
-- whole tokens (TOK) or whole francs (RWF). Rows are only ever added, but to `accounts`, which sums up the rest;
-- `easymo ledger verify` compares the two.

-- An account as it stands after its last entry. A person has one a currency (shard 0), a system account as many
-- as transactions ever wrote to it at once.
CREATE TABLE accounts (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner       text        NOT NULL,
    currency    text        NOT NULL CHECK (currency IN ('TOK', 'RWF')),
    shard       smallint    NOT NULL DEFAULT 0 CHECK (shard BETWEEN 0 AND 63),
    balance     bigint      NOT NULL DEFAULT 0,
    held        bigint      NOT NULL DEFAULT 0 CHECK (held >= 0),
    entries     bigint      NOT NULL DEFAULT 0,
    head        bytea       NOT NULL DEFAULT '', -- the hash of the last entry
    joined_into bigint,                          -- the account of another person that took this one over
    opened_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (owner, currency, shard),
    CONSTRAINT persons_do_not_owe CHECK (owner LIKE 'system:%' OR balance >= held)
) WITH (fillfactor = 70);

-- Every command that was decided, carried out or refused: its id is used up for ever.
CREATE TABLE commands (
    id       uuid        PRIMARY KEY,
    type     text        NOT NULL,
    origin   text        NOT NULL, -- the consumer that asked
    content  text        NOT NULL, -- JSON, as it was asked
    reason   text,                 -- why it was refused; null: carried out
    answer   text        NOT NULL, -- JSON, as it was given
    resolves uuid,                 -- the hold it ended, or the command it undid or settled
    at       timestamptz NOT NULL
);
-- Whatever two members do at once: no hold is ended twice, nothing is undone twice.
CREATE UNIQUE INDEX commands_resolves ON commands (resolves) WHERE resolves IS NOT NULL;

CREATE TABLE transfers (
    command uuid        NOT NULL,
    part    smallint    NOT NULL, -- a command may post several
    debit   bigint      NOT NULL, -- accounts
    credit  bigint      NOT NULL,
    amount  bigint      NOT NULL CHECK (amount > 0),
    kind    text        NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (command, part),
    CHECK (debit <> credit)
);
CREATE INDEX transfers_sent ON transfers (debit, at) WHERE kind = 'send'; -- for the limits of what persons send

-- Two lines for each transfer, one for each hold and for each hold given up.
CREATE TABLE entries (
    account       bigint      NOT NULL,
    number        bigint      NOT NULL, -- counts from 1 in each account
    command       uuid        NOT NULL,
    part          smallint    NOT NULL,
    status        text        NOT NULL CHECK (status IN ('posted', 'held', 'captured', 'released', 'expired')),
    amount        bigint      NOT NULL, -- what the balance changed by
    held          bigint      NOT NULL, -- what the amount held changed by
    balance_after bigint      NOT NULL,
    held_after    bigint      NOT NULL,
    at            timestamptz NOT NULL,
    hash          bytea       NOT NULL, -- over the hash of the entry before and all of the above
    PRIMARY KEY (account, number)
);

CREATE TABLE holds (
    id         uuid        PRIMARY KEY, -- of the command that made it
    debit      bigint      NOT NULL,    -- account
    credit     text        NOT NULL,    -- owner
    amount     bigint      NOT NULL CHECK (amount > 0),
    currency   text        NOT NULL,
    kind       text        NOT NULL,
    expires_at timestamptz NOT NULL,
    at         timestamptz NOT NULL,
    origin     text        NOT NULL, -- who hears of its end
    key        text        NOT NULL
);
CREATE INDEX holds_debit ON holds (debit, at);

-- When the books were last verified by the scheduled job, and what was found.
CREATE TABLE verifications (
    id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT now(),
    entries  bigint      NOT NULL,
    problems integer     NOT NULL,
    root     text        NOT NULL, -- a hash over the heads of all accounts
    found    jsonb       NOT NULL
);

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON commands
    FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON transfers
    FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
    FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON holds
    FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON verifications
    FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change();

-- An account changes, but it never goes.
CREATE FUNCTION refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an account is never removed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

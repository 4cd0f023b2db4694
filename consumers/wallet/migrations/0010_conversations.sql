-- What the conversations of the wallet know besides the ledger.

-- Whoever wrote to us: how a sender finds and names a recipient, and since when somebody is with us.
CREATE TABLE people (
    person  text        PRIMARY KEY,
    phone   text,       -- digits, with the country's code
    name    text,
    locale  text        NOT NULL,
    since   timestamptz NOT NULL,
    seen_at timestamptz NOT NULL
);
CREATE INDEX people_phone ON people (phone, seen_at) WHERE phone IS NOT NULL;

-- The partners: businesses with an account of their own, beside that of the person who runs them.
CREATE TABLE vendors (
    owner     text        PRIMARY KEY, -- of the account
    person    text        NOT NULL UNIQUE,
    name      text        NOT NULL,
    opened_at timestamptz NOT NULL
);

CREATE TABLE referral_codes (
    code   text PRIMARY KEY,
    person text NOT NULL UNIQUE
);
CREATE TABLE referrals (
    joiner   text        PRIMARY KEY, -- so that nobody is paid for twice
    promoter text        NOT NULL,
    at       timestamptz NOT NULL
);
CREATE INDEX referrals_promoter ON referrals (promoter);

-- Redemptions and cash-outs: where what is owed goes to, and how far it is.
CREATE TABLE pay_outs (
    id         uuid        PRIMARY KEY, -- of the command, and of the request to payments
    person     text        NOT NULL,
    reward     text        NOT NULL,    -- empty: a cash-out
    phone      text        NOT NULL,
    tokens     bigint      NOT NULL,
    amount_rwf integer     NOT NULL,
    state      text        NOT NULL
               CHECK (state IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    at         timestamptz NOT NULL
);
CREATE INDEX pay_outs_person ON pay_outs (person, at);

-- Payments that were asked for.
CREATE TABLE request (
    id uuid PRIMARY KEY,  -- chosen by whoever asked; the provider is asked under it, too
    person text NOT NULL,
    purpose text NOT NULL,
    reference text NOT NULL DEFAULT '',
    amount_rwf integer NOT NULL CHECK (amount_rwf > 0),
    method text NOT NULL CHECK (method IN ('mtn', 'stripe', 'transfer')),
    phone text,  -- the payer's MoMo number, digits only
    name text,  -- as MoMo shows it
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'failed', 'lapsed')),
    reason text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    called boolean NOT NULL DEFAULT false,  -- the provider may have been asked
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX request_alike ON request (amount_rwf, created_at DESC);
CREATE INDEX request_open ON request (method, created_at) WHERE state = 'open';

-- Payments that providers told of: one row for each, for ever. What is here is never credited again.
CREATE TABLE payment (
    scheme text NOT NULL,  -- momo (gateway, SMS and MTN alike), stripe, paypal
    transaction text NOT NULL,  -- the provider's id
    provider text NOT NULL,  -- who told it first
    state text NOT NULL CHECK (state IN ('pending', 'failed', 'review', 'received', 'refused')),
    reason text NOT NULL DEFAULT '',
    amount_rwf integer CHECK (amount_rwf > 0),  -- none: not told in RWF
    payer_name text NOT NULL DEFAULT '',
    payer_tail text NOT NULL DEFAULT '',
    paid_at timestamptz,
    request uuid REFERENCES request,
    person text,
    credit uuid UNIQUE,  -- the wallet's command, once it was sent
    credited_at timestamptz,  -- when the wallet posted it
    notification uuid NOT NULL,
    told_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (scheme, transaction),
    CHECK ((state = 'received') <= (amount_rwf IS NOT NULL AND person IS NOT NULL AND credit IS NOT NULL))
);
CREATE UNIQUE INDEX payment_of_request ON payment (request) WHERE request IS NOT NULL;
CREATE INDEX payment_review ON payment (told_at) WHERE state = 'review';
CREATE INDEX payment_told ON payment (scheme, told_at);

-- Every notification as it came, for audit.
CREATE TABLE notification (
    event_id uuid PRIMARY KEY,
    provider text NOT NULL,
    kind text NOT NULL,  -- received, failed, pending, or what was ignored
    scheme text NOT NULL DEFAULT '',
    transaction text NOT NULL DEFAULT '',
    amount_rwf integer,
    body text NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE INDEX notification_of_payment ON notification (scheme, transaction, received_at);
CREATE INDEX notification_kind ON notification (kind, received_at DESC);
CREATE TRIGGER notification_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON notification
    EXECUTE FUNCTION runtime.refuse_change();

-- What people decided about payments.
CREATE TABLE decision (
    event_id uuid PRIMARY KEY,
    scheme text NOT NULL,
    transaction text NOT NULL,
    act text NOT NULL,
    outcome text NOT NULL,  -- done, or why not
    operator text NOT NULL,
    why text NOT NULL DEFAULT '',
    request uuid,
    person text,
    amount_rwf integer,
    decided_at timestamptz NOT NULL
);
CREATE INDEX decision_of_payment ON decision (scheme, transaction, decided_at);
CREATE TRIGGER decision_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON decision
    EXECUTE FUNCTION runtime.refuse_change();

-- Payments out, for cash-outs.
CREATE TABLE pay_out (
    id uuid PRIMARY KEY,  -- the provider is asked under it, too
    person text NOT NULL,
    of uuid NOT NULL UNIQUE,  -- the wallet's command that owes it: paid once
    amount_rwf integer NOT NULL CHECK (amount_rwf > 0),
    phone text NOT NULL,
    state text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'paid', 'failed')),
    reason text NOT NULL DEFAULT '',
    transaction text NOT NULL DEFAULT '',
    called boolean NOT NULL DEFAULT false,
    asked_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX pay_out_open ON pay_out (asked_at) WHERE state = 'asked';
CREATE INDEX pay_out_transaction ON pay_out (transaction) WHERE transaction <> '';

-- Free passes and subscriptions of drivers.

-- Trips that a driver agreed on without a subscription; the first 30 are free.
ALTER TABLE drivers ADD COLUMN passes_used integer NOT NULL DEFAULT 0;

-- One row for each time that a driver said yes to 30 days.
CREATE TABLE subscriptions (
    id       uuid        PRIMARY KEY, -- of the command to the wallet, too
    person   text        NOT NULL,
    asked_at timestamptz NOT NULL,
    state    text        NOT NULL CHECK (state IN ('asked', 'paid', 'refused')),
    until    timestamptz,             -- the end of what was paid for
    told     boolean     NOT NULL,    -- that the wallet is slow
    version  integer     NOT NULL DEFAULT 1,
    CHECK ((state = 'paid') = (until IS NOT NULL))
);
CREATE INDEX subscriptions_person ON subscriptions (person, until);
CREATE INDEX subscriptions_asked ON subscriptions (person) WHERE state = 'asked';

-- What planned trips cost, and how far their payment is. Amounts are tokens.
CREATE TABLE charges (
    trip      uuid        PRIMARY KEY, -- the planned trip's own id
    plan      uuid        NOT NULL,
    person    text        NOT NULL,    -- who pays
    amount    integer     NOT NULL CHECK (amount > 0),
    due       timestamptz NOT NULL,    -- when the trip begins
    state     text        NOT NULL CHECK (state IN (
        'asked', 'held', 'short', 'taking', 'charging', 'giving_back', 'paid', 'unpaid', 'released', 'lapsed')),
    command   uuid        NOT NULL,    -- the wallet's answer to it is awaited, or came last
    hold      uuid        NOT NULL,    -- the one that was asked for last
    tries     smallint    NOT NULL,
    taken     integer     NOT NULL,    -- what is being taken, or was
    driver    text,                    -- who gets it
    lapses_at timestamptz,             -- until then the passenger can top up
    told      boolean     NOT NULL,    -- that the wallet is slow
    version   integer     NOT NULL DEFAULT 1
) WITH (fillfactor = 80);
CREATE INDEX charges_command ON charges (command);
CREATE INDEX charges_hold ON charges (hold);
CREATE INDEX charges_person ON charges (person, due);
CREATE INDEX charges_driver ON charges (driver); -- to fold joined persons

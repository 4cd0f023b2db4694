CREATE TABLE effect (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the order in which effects were written
    person  text NOT NULL,
    number  integer NOT NULL,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT no_number_is_negative CHECK (number >= 0)
);
CREATE TABLE counter (name text PRIMARY KEY, value integer NOT NULL, version integer NOT NULL DEFAULT 0);

-- What was set aside, as operators act on it; and the log of all that happened to it.

CREATE TABLE letter (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- also the order within a key
    consumer   text        NOT NULL, -- who could not handle it
    event_id   uuid        NOT NULL,
    status     text        NOT NULL
        CHECK (status IN ('waiting', 'parked', 'resolved', 'superseded', 'dead', 'discarded')),
    -- The record, byte for byte, and where it was when it was first set aside.
    topic      text        NOT NULL,
    partition  integer     NOT NULL,
    "offset"   bigint      NOT NULL,
    written_at timestamptz NOT NULL,
    key        bytea,
    record     bytea       NOT NULL, -- MessagePack: [value, headers], as runtime.later keeps it
    corrected  bytea,                -- the same, with the payload that an operator put in its place
    -- What is read from it.
    is_event   boolean     NOT NULL, -- whether its headers say which event it is: else nobody can handle it
    ce_type    text        NOT NULL,
    contact    text        NOT NULL, -- the key as text, cut
    trace_id   text        NOT NULL,
    -- How it failed last.
    reason     text        NOT NULL,
    error_type text        NOT NULL,
    message    text        NOT NULL,
    stack      text        NOT NULL,
    delivery   integer     NOT NULL, -- the number of the last delivery that is known to have ended
    attempts   integer     NOT NULL,
    due        timestamptz,          -- when it is tried next
    look_at    timestamptz,          -- when to ask the runtime's tables what became of it
    first_at   timestamptz NOT NULL,
    last_at    timestamptz NOT NULL,
    UNIQUE (consumer, event_id)
);
CREATE INDEX letter_open ON letter (status, consumer) WHERE status IN ('waiting', 'parked', 'dead');
CREATE INDEX letter_look ON letter (look_at) WHERE status IN ('waiting', 'parked');
CREATE INDEX letter_contact ON letter (contact);
COMMENT ON TABLE letter IS 'One row for each event that a consumer set aside';

CREATE TABLE log (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    letter     bigint      NOT NULL REFERENCES letter,
    at         timestamptz NOT NULL DEFAULT now(),
    who        text        NOT NULL, -- a consumer, or an operator
    act        text        NOT NULL, -- attempt, found, redrive, edit, discard, export
    outcome    text        NOT NULL,
    note       text        NOT NULL DEFAULT '',
    attempt_id uuid        UNIQUE,   -- of an attempt: a record that was published twice counts once
    record     bytea                 -- of an edit: MessagePack [value, headers] as it was from then on
);
CREATE INDEX log_letter ON log (letter, id);
COMMENT ON TABLE log IS 'Every attempt and every act; only ever added to';
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON log
    FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change();

ALTER TABLE letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE log ENABLE ROW LEVEL SECURITY;
CREATE POLICY operators ON letter USING (current_user = 'easymo_dead_letters');
CREATE POLICY operators ON log USING (current_user = 'easymo_dead_letters');

-- What became of a redelivery is asked of the runtime's own table.
CREATE POLICY follower ON runtime.processed FOR SELECT USING (current_user = 'easymo_dead_letters');
-- A discarded event must not hold back its key by a call that nobody knows the end of. One that is under way stays.
CREATE POLICY discard ON runtime.claim FOR DELETE
    USING (current_user = 'easymo_dead_letters' AND lease_until <= now());

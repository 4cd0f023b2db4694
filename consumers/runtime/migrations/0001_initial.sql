-- The runtime's own tables. Every domain's role reads and writes its own rows only (row-level security).

-- What became of each event, per consumer. The row is the outbox too: `outputs` holds the rendered records,
-- so that whoever finds the event again can publish them again. Partitioned by the day that the event itself
-- names, so that look-ups prune and old days are dropped, not deleted.
CREATE TABLE processed (
    day         date        NOT NULL,
    consumer    text        NOT NULL,
    event_id    uuid        NOT NULL,
    delivery    integer     NOT NULL, -- 0: the original; each redelivery is one more
    outcome     text        NOT NULL,
    outputs     bytea,                -- MessagePack: [[topic, key, value, headers], …]; null: none
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event_id, consumer, delivery, day)
) PARTITION BY RANGE (day);
COMMENT ON TABLE processed IS 'One row for each event that had its effect, or was set aside, per consumer';

-- All that waits: timers, deferred events, parked ones. A row leaves in the transaction that handles it.
CREATE TABLE later (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- also the order within a key
    consumer   text        NOT NULL,
    kind       text        NOT NULL CHECK (kind IN ('timer', 'deferred', 'parked')),
    topic      text        NOT NULL, -- where to publish it when due
    key        bytea,
    record     bytea       NOT NULL, -- MessagePack: [value, headers], byte for byte
    event_id   uuid        NOT NULL,
    name       text,                 -- of a timer, also while it is deferred or parked: cancels or replaces it
    delivery   integer     NOT NULL, -- the number of the redelivery to come
    tries      smallint    NOT NULL DEFAULT 0, -- failures so far
    holds      boolean     NOT NULL, -- later events of the key park behind it
    reason     text        NOT NULL,
    due        timestamptz NOT NULL,
    sent_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX later_due ON later (due) WHERE sent_at IS NULL AND kind <> 'parked';
CREATE INDEX later_sent ON later (sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX later_holds ON later (consumer, key, id) WHERE holds;
CREATE INDEX later_parked ON later (consumer, key, id) WHERE kind = 'parked' AND sent_at IS NULL;
CREATE UNIQUE INDEX later_timer ON later (consumer, name) WHERE name IS NOT NULL;
CREATE INDEX later_event ON later (event_id);

-- Calls to the world that have begun and are not recorded yet.
CREATE TABLE claim (
    consumer    text        NOT NULL,
    event_id    uuid        NOT NULL,
    key         bytea       NOT NULL,
    token       uuid        NOT NULL, -- only its holder may record
    claimed_at  timestamptz NOT NULL, -- of the first claim: when the call may have been made
    lease_until timestamptz NOT NULL,
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX claim_key ON claim (consumer, key);

-- Where a person stands with a domain. The row's lock is what orders a person's turns, whatever topic,
-- timer or member they come from.
CREATE TABLE conversation (
    consumer   text        NOT NULL,
    person     text        NOT NULL,
    step       text,
    data       jsonb       NOT NULL DEFAULT '{}',
    turn       integer     NOT NULL DEFAULT 0, -- the latest turn that took effect
    locale     text        NOT NULL DEFAULT 'en',
    contact    text,
    heard_at   timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, person)
) WITH (fillfactor = 70);

ALTER TABLE processed ENABLE ROW LEVEL SECURITY;
ALTER TABLE later ENABLE ROW LEVEL SECURITY;
ALTER TABLE claim ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversation ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON processed USING (current_user = 'easymo_' || consumer);
CREATE POLICY own_rows ON later USING (current_user = 'easymo_' || consumer);
CREATE POLICY own_rows ON claim USING (current_user = 'easymo_' || consumer);
CREATE POLICY own_rows ON conversation USING (current_user = 'easymo_' || consumer);

-- Days are made and dropped by whoever consumes, through these two functions, which run as the owner.
CREATE FUNCTION make_days(first date, last date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = runtime, pg_temp AS $$
DECLARE
    made integer := 0;
    each date;
    part text;
BEGIN
    IF last - first > 60 THEN
        RAISE EXCEPTION 'at most 60 days at once';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('runtime.processed.days'));
    FOR each IN SELECT generate_series(first, last, interval '1 day')::date LOOP
        part := 'processed_' || to_char(each, 'YYYYMMDD');
        IF to_regclass('runtime.' || part) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE runtime.%I PARTITION OF runtime.processed FOR VALUES FROM (%L) TO (%L)',
                part, each, each + 1);
            EXECUTE format('ALTER TABLE runtime.%I ALTER COLUMN outputs SET STORAGE EXTERNAL', part);
            EXECUTE format('ALTER TABLE runtime.%I SET (toast_tuple_target = 8160)', part);
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;

CREATE FUNCTION drop_days(before date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = runtime, pg_temp AS $$
DECLARE
    dropped integer := 0;
    part record;
BEGIN
    IF before > current_date - 9 THEN
        RAISE EXCEPTION 'days younger than 9 are still needed: Meta repeats for 7';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('runtime.processed.days'));
    FOR part IN
        SELECT child.relname FROM pg_inherits
        JOIN pg_class child ON child.oid = inhrelid
        WHERE inhparent = 'runtime.processed'::regclass
          AND child.relname < 'processed_' || to_char(before, 'YYYYMMDD')
    LOOP
        EXECUTE format('DROP TABLE runtime.%I', part.relname);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;

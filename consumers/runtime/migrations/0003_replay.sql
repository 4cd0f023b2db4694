-- Replays of a topic to one consumer. The number of a replay tells what it handles anew from what was handled
-- before (see schemas/envelope.py), so that numbers are never used twice; a killed replay goes on from here.
CREATE TABLE replay (
    id          integer     GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (id < 32768), -- times 65536: an integer
    topic       text        NOT NULL,
    consumer    text        NOT NULL,
    rebuild     boolean     NOT NULL, -- false: only what was not handled takes effect
    emits       boolean     NOT NULL,
    contact     text,                 -- filters; null: none
    kind        text,
    spans       jsonb       NOT NULL, -- [[partition, first offset, end], …]
    positions   jsonb       NOT NULL DEFAULT '{}', -- {partition: the next offset to look at}
    counts      jsonb       NOT NULL DEFAULT '{}',
    operator    text        NOT NULL,
    began_on    date        NOT NULL, -- under which outcomes are recorded, the same after a resumption
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
COMMENT ON TABLE replay IS 'Who had what handled again, and how far it got; operators only';

-- What people of ours decided: about transfers held for review, and about what we owe and hand over ourselves.
CREATE TABLE decisions (
    event_id   uuid        PRIMARY KEY,
    of         uuid        NOT NULL, -- the command of the transfer, or of the redemption
    act        text        NOT NULL,
    outcome    text        NOT NULL, -- asked, or why not
    command    uuid,                 -- what the ledger was asked; `commands` tells what it did
    operator   text        NOT NULL,
    why        text        NOT NULL,
    decided_at timestamptz NOT NULL
);
CREATE INDEX decisions_of ON decisions (of, decided_at);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions
    FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change();

-- What waits for them.
CREATE INDEX holds_review ON holds (expires_at) WHERE kind = 'send';
CREATE INDEX pay_outs_open ON pay_outs (at) WHERE state = 'processing';

-- Where each person is reached, and whether they may be written to.
CREATE TABLE address (
    person           text PRIMARY KEY,
    contact          text,        -- what Meta names: a business-scoped user id, else the phone number
    phone            text,        -- digits only, where it is known
    contact_at       timestamptz, -- Meta's time of whatever told the two above
    locale           text NOT NULL DEFAULT 'en', -- the language of templates
    heard_at         timestamptz, -- the person's last message: opens the 24-hour window
    opted_out        boolean NOT NULL DEFAULT false,
    opted_at         timestamptz, -- of the last opting out or in
    unreachable_at   timestamptz, -- Meta last said "undeliverable"
    pair_spoken_for  timestamptz, -- the pair rate: a token bucket as one point in time (infra/whatsapp/rates.py)
    joined_into      text         -- this person turned out to be that one
) WITH (fillfactor = 70); -- most updates touch no index
CREATE INDEX address_joined ON address (joined_into) WHERE joined_into IS NOT NULL;

-- In the order in which a message moves; `failed` gives way to a word that it arrived after all.
CREATE TYPE message_state AS ENUM
    ('claimed', 'not_sent', 'accepted', 'sent', 'failed', 'delivered', 'read', 'played');

-- One row for each message that was to be sent, kept for 30 days.
CREATE TABLE message (
    event_id       uuid PRIMARY KEY, -- of the SendMessage; also its biz_opaque_callback_data
    person         text NOT NULL,
    wamid          text,             -- Meta's id, once it took the message
    state          message_state NOT NULL,
    state_at       timestamptz NOT NULL, -- Meta's time for what a status told, else ours
    claimed_at     timestamptz NOT NULL, -- when it was last about to be sent
    error_code     integer,          -- Meta's; none where the reason is ours
    error          text,
    repeats        smallint NOT NULL DEFAULT 0, -- sent again, as nobody could tell whether it had gone out
    template       text,             -- name and language of the template that went out, if one did
    again          jsonb             -- the SendMessage to try should Meta report late that this one cannot go out now
) WITH (fillfactor = 70);
CREATE INDEX message_wamid ON message (wamid) WHERE wamid IS NOT NULL;
CREATE INDEX message_person ON message (person, claimed_at DESC);
CREATE INDEX message_claimed ON message (claimed_at);

-- How far the statuses of each partition have been consumed: no word of a message by then means that it was
-- not sent.
CREATE TABLE status_lane (
    lane     smallint PRIMARY KEY, -- the partition of whatsapp.statuses
    seen_at  timestamptz NOT NULL  -- the latest of Meta's times among its statuses
);

-- Core's tables: who a person is, how they are reached, who talks to them now.

-- One row a person. The routing columns change with every message, so pages keep room for HOT updates and
-- none of those columns is indexed.
CREATE TABLE person (
    id            uuid        PRIMARY KEY, -- made from the id of the first event, never from the phone
    created_at    timestamptz NOT NULL,    -- Meta's timestamp of the first message
    contact       text        NOT NULL,    -- where the person was last heard: user id, else phone
    phone         text,                    -- digits only
    user_id       text,                    -- Meta's business-scoped user id
    name          text,
    name_chosen   boolean     NOT NULL DEFAULT false, -- set in the profile: Meta's name changes it no more
    locale        text        NOT NULL,
    locale_source text        NOT NULL DEFAULT 'default'
        CHECK (locale_source IN ('default', 'guessed', 'chosen')),
    country       text        NOT NULL,    -- ISO 3166 alpha-2
    opted_out_at  timestamptz,
    turn          integer     NOT NULL DEFAULT 0, -- the number of the latest turn
    active        text,                    -- the domain that the next turn goes to
    active_turn   integer     NOT NULL DEFAULT 0, -- the turn that set `active`
    window_at     timestamptz,             -- the throttle: when its minute began
    window_count  integer     NOT NULL DEFAULT 0,
    window_told   boolean     NOT NULL DEFAULT false,
    heard_at      timestamptz,             -- Meta's timestamp of the latest message
    seen_at       timestamptz,             -- when core.person_seen was last published, by the same clock
    joined_into   uuid                     -- the person that this one turned out to be
) WITH (fillfactor = 70);
CREATE INDEX person_joined_into ON person (joined_into) WHERE joined_into IS NOT NULL;
COMMENT ON TABLE person IS 'One row a person; those with joined_into are kept for late events that name them';

-- What Meta calls a person: a phone number or a user id. A retired one was given up; messages sent after
-- that come from somebody else.
CREATE TABLE contact (
    contact      text        PRIMARY KEY,
    person       uuid        NOT NULL, -- of table person; the two are always written together
    person_since timestamptz NOT NULL, -- created_at of that person: which of two is the older
    retired_at   timestamptz
);
CREATE INDEX contact_person ON contact (person);

CREATE TABLE saved_place (
    person     uuid             NOT NULL,
    kind       text             NOT NULL CHECK (kind IN ('home', 'work', 'school', 'other')),
    label      text             NOT NULL DEFAULT '', -- the person's own word for it; empty: the kind's name
    latitude   double precision NOT NULL,            -- degrees
    longitude  double precision NOT NULL,            -- degrees
    address    text,
    saved_at   timestamptz      NOT NULL,
    PRIMARY KEY (person, kind)
);

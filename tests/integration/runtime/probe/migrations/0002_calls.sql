CREATE TABLE call (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid    NOT NULL, -- not unique: a call that is made twice is to be seen
    number   integer NOT NULL
);
COMMENT ON TABLE call IS 'What a service outside was asked for: written by the chaos tests'' world, not by the runtime';

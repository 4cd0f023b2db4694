-- The language in which a person is told of their payments.
CREATE TABLE people (
    person text PRIMARY KEY,
    locale text NOT NULL,
    seen_at timestamptz NOT NULL
);

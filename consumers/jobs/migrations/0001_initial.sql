-- Whoever posted a job or applied for one: how the other side sees and reaches them.
CREATE TABLE profile (
    person text PRIMARY KEY,
    phone text,  -- digits only; absent for people with a username
    name text  -- how they call themselves
);

CREATE TABLE job (
    id uuid PRIMARY KEY,
    poster text NOT NULL,  -- a person
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 60),
    kind text NOT NULL,  -- consumers.jobs.rules.Kind
    category text NOT NULL,  -- consumers.jobs.rules.Category
    place text NOT NULL,  -- the name that people read
    country text NOT NULL,  -- ISO 3166 alpha-2, of the place
    latitude double precision NOT NULL,  -- degrees
    longitude double precision NOT NULL,
    cell bigint NOT NULL,  -- H3 cell of resolution 5
    pay_rwf integer CHECK (pay_rwf > 0),  -- none: to be agreed
    pay_unit text,  -- consumers.jobs.rules.PayUnit
    description text NOT NULL CHECK (char_length(description) <= 500),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed', 'lapsed')),
    posted_at timestamptz NOT NULL,
    open_until timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,  -- goes up with each change
    CHECK ((pay_rwf IS NULL) = (pay_unit IS NULL))
);

-- The four searches: near or in a country, with or without a category.
CREATE INDEX job_near ON job (cell, category) WHERE state = 'open';
CREATE INDEX job_newest ON job (country, posted_at DESC) WHERE state = 'open';
CREATE INDEX job_newest_of_category ON job (country, category, posted_at DESC) WHERE state = 'open';
CREATE INDEX job_of_poster ON job (poster, posted_at DESC);

CREATE TABLE application (
    id uuid PRIMARY KEY,
    job uuid NOT NULL REFERENCES job,
    applicant text NOT NULL,  -- a person
    message text NOT NULL DEFAULT '',  -- what they said of themselves
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'accepted', 'refused')),
    applied_at timestamptz NOT NULL,
    answered_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    UNIQUE (job, applicant)  -- once a job
);

CREATE INDEX application_of_job ON application (job, applied_at DESC);
CREATE INDEX application_of_person ON application (applicant, applied_at DESC);

-- Mobility's own tables. A person is core's permanent id. Coordinates are degrees, amounts whole RWF.

-- How people are shown to each other.
CREATE TABLE people (
    person text PRIMARY KEY,
    phone  text, -- digits only; null: a person with a username
    locale text NOT NULL
);

-- What a person chose last, offered again for 30 minutes.
CREATE TABLE recents (
    person    text             PRIMARY KEY,
    vehicle   text             NOT NULL,
    latitude  double precision NOT NULL,
    longitude double precision NOT NULL,
    chosen_at timestamptz      NOT NULL
);

-- Everybody who registered a vehicle.
CREATE TABLE drivers (
    person        text    PRIMARY KEY,
    vehicle       text    NOT NULL,
    plate         text    NOT NULL,
    insured_until date,             -- the last day of the cover; null: no document known
    stars         integer NOT NULL DEFAULT 0, -- the sum of all ratings
    ratings       integer NOT NULL DEFAULT 0  -- how many there were
);

-- Who can be found where: drivers who are online, passengers who look for a ride.
CREATE TABLE presences (
    person            text             NOT NULL,
    role              text             NOT NULL CHECK (role IN ('passenger', 'driver')),
    vehicle           text             NOT NULL, -- driven, or wanted
    cell              bigint           NOT NULL, -- H3, resolution 8
    latitude          double precision NOT NULL,
    longitude         double precision NOT NULL,
    dropoff_latitude  double precision,
    dropoff_longitude double precision,
    seen_at           timestamptz      NOT NULL,
    until             timestamptz      NOT NULL, -- cannot be found after this
    busy              boolean          NOT NULL DEFAULT false, -- on a trip
    PRIMARY KEY (person, role)
) WITH (fillfactor = 80);
-- `until` comes last, so that those who left without a word are passed over within the index.
CREATE INDEX presences_nearby ON presences (role, vehicle, cell, until) WHERE NOT busy;

-- Trips that one person asked another for.
CREATE TABLE trips (
    id                uuid             PRIMARY KEY,
    version           integer          NOT NULL DEFAULT 1, -- two people act on a trip
    state             text             NOT NULL CHECK (state IN (
        'requested', 'accepted', 'arrived', 'in_progress', 'completed', 'cancelled', 'declined', 'lapsed')),
    proposer          text             NOT NULL CHECK (proposer IN ('passenger', 'driver')),
    passenger         text             NOT NULL,
    driver            text             NOT NULL,
    vehicle           text             NOT NULL,
    pickup_latitude   double precision NOT NULL,
    pickup_longitude  double precision NOT NULL,
    dropoff_latitude  double precision,
    dropoff_longitude double precision,
    estimate_rwf      integer,          -- null: no destination, or no fixed fare
    fee_rwf           integer          NOT NULL DEFAULT 0, -- owed for a late cancellation
    rating            smallint         CHECK (rating BETWEEN 1 AND 5),
    requested_at      timestamptz      NOT NULL,
    changed_at        timestamptz      NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX trips_passenger_open ON trips (passenger)
    WHERE state IN ('requested', 'accepted', 'arrived', 'in_progress');
CREATE INDEX trips_driver_open ON trips (driver)
    WHERE state IN ('requested', 'accepted', 'arrived', 'in_progress');
CREATE INDEX trips_passenger ON trips (passenger); -- to fold joined persons
CREATE INDEX trips_driver ON trips (driver);

-- Planned trips: one row a plan, which holds the trip that comes next.
CREATE TABLE plans (
    id                uuid             PRIMARY KEY,
    person            text             NOT NULL,
    role              text             NOT NULL CHECK (role IN ('passenger', 'driver')),
    vehicle           text             NOT NULL,
    pickup_latitude   double precision NOT NULL,
    pickup_longitude  double precision NOT NULL,
    dropoff_latitude  double precision,
    dropoff_longitude double precision,
    recurrence        text             NOT NULL CHECK (recurrence IN ('once', 'weekdays', 'daily')),
    estimate_rwf      integer,          -- null: no destination, or no fixed fare
    trip              uuid             NOT NULL, -- the next trip's own id, which charges name
    due               timestamptz      NOT NULL, -- when the next trip begins
    active            boolean          NOT NULL DEFAULT true
);
CREATE INDEX plans_person_active ON plans (person, due) WHERE active;
CREATE INDEX plans_person ON plans (person); -- to fold joined persons

CREATE TABLE effect (
    number integer NOT NULL,
    CONSTRAINT no_number_is_negative CHECK (number >= 0) -- so that a row can be refused
);

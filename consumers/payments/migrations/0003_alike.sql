-- A payment by SMS is matched by amount and the last three digits: of a popular amount there may be thousands.
ALTER TABLE request ADD COLUMN tail text GENERATED ALWAYS AS (right(phone, 3)) STORED;
CREATE INDEX request_of_payer ON request (amount_rwf, tail, created_at DESC);

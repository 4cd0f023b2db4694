-- A payment out that was asked for may be made for a day after the last time, not after the first.
ALTER TABLE pay_out ADD COLUMN called_at timestamptz;
-- When a payment came to be as it is: one that is taken back after months waits since then.
ALTER TABLE payment ADD COLUMN since timestamptz NOT NULL DEFAULT now();

-- What the trip that was made costs, or the fee, in tokens; of charges before, only what was taken is known.
ALTER TABLE charges ADD COLUMN price integer NOT NULL DEFAULT 0 CHECK (price >= 0);
UPDATE charges SET price = taken;

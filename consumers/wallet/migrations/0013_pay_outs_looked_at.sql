-- A redemption or cash-out that a look-out holds: the tokens are taken, and payments are not asked until
-- somebody has looked. Nobody does by then: the tokens go back.
ALTER TABLE pay_outs
    ADD COLUMN looked_at_for text,        -- why; null: nobody has to look
    ADD COLUMN look_until    timestamptz,
    ADD CONSTRAINT looked_at_in_time CHECK ((look_until IS NULL) = (looked_at_for IS NULL));
CREATE INDEX pay_outs_held ON pay_outs (look_until) WHERE state = 'pending' AND look_until IS NOT NULL;

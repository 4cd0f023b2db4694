-- Letters that are closed are forgotten some day, with their log. What is open stays, however old it gets.
ALTER TABLE letter ADD COLUMN closed_at timestamptz; -- resolved, superseded or discarded since
UPDATE letter SET closed_at = last_at WHERE status IN ('resolved', 'superseded', 'discarded');
CREATE INDEX letter_closed ON letter (closed_at) WHERE closed_at IS NOT NULL;

-- The log is only ever added to, as long as its letter is there; a letter younger than this is there.
DROP TRIGGER refuse_change ON log;
CREATE TRIGGER refuse_change BEFORE UPDATE OR TRUNCATE ON log
    FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change();
CREATE FUNCTION refuse_removal() RETURNS trigger LANGUAGE plpgsql SET search_path = dead_letters, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM letter
               WHERE id = OLD.letter AND (closed_at IS NULL OR closed_at > now() - interval '31 days')) THEN
        RAISE EXCEPTION 'dead_letters.log is only ever added to' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER refuse_removal BEFORE DELETE ON log FOR EACH ROW EXECUTE FUNCTION refuse_removal();

-- Runs as the owner: nobody else may remove anything of the log. Returns how many letters are gone; those younger
-- than 31 days stay, since the topic may still hold them (30 days), and would bring them back when it is read again.
CREATE FUNCTION forget(before timestamptz, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = dead_letters, pg_temp AS $$
DECLARE
    old bigint[];
BEGIN
    old := ARRAY(
        SELECT id FROM letter WHERE closed_at < least(before, now() - interval '31 days')
        ORDER BY closed_at LIMIT most FOR UPDATE SKIP LOCKED);
    DELETE FROM log WHERE letter = ANY(old);
    DELETE FROM letter WHERE id = ANY(old);
    RETURN cardinality(old);
END $$;

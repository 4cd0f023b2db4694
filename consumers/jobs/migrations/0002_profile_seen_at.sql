-- Meta's time of whatever told of the person last: what is older changes nothing. Rows from before have none, and
-- give way to anything.
ALTER TABLE profile ADD COLUMN seen_at timestamptz;

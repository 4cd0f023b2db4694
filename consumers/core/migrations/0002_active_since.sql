-- Whether a later turn went elsewhere, although the next one came back: the turn at which the domain that is
-- active now took over. Rows from before say 0, which is as it was: only who is active counts.
ALTER TABLE person ADD COLUMN active_since integer NOT NULL DEFAULT 0;

-- Which delivery of its event a claim was made for: when that one ends without a call, its claim goes with it.
ALTER TABLE claim ADD COLUMN delivery integer NOT NULL DEFAULT 0;

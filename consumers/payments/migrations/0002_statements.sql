-- A provider's statement is held against a span of time.
CREATE INDEX pay_out_asked ON pay_out (asked_at);

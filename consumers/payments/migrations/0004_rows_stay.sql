-- What is here is never credited or paid again: a row that could be removed would be no guard.
CREATE FUNCTION refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of %.% are never removed', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER payment_stays BEFORE DELETE OR TRUNCATE ON payment EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER request_stays BEFORE DELETE OR TRUNCATE ON request EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER pay_out_stays BEFORE DELETE OR TRUNCATE ON pay_out EXECUTE FUNCTION refuse_removal();

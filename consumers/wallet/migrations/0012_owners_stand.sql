-- Whose an account is never changes: balances and hashes name accounts by number, so no sum would show it.
CREATE FUNCTION refuse_renaming() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'whose account % is never changes', OLD.id USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER account_stands BEFORE UPDATE ON accounts FOR EACH ROW
    WHEN ((OLD.id, OLD.owner, OLD.currency, OLD.shard) IS DISTINCT FROM (NEW.id, NEW.owner, NEW.currency, NEW.shard))
    EXECUTE FUNCTION refuse_renaming();

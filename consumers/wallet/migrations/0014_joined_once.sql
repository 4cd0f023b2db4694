-- Whose hands an account went to never changes either: what comes in goes there, and no sum would show it.
CREATE FUNCTION refuse_leading_elsewhere() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'account % was taken over, by whom never changes', OLD.id USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER account_was_joined BEFORE UPDATE ON accounts FOR EACH ROW
    WHEN (OLD.joined_into IS NOT NULL AND OLD.joined_into IS DISTINCT FROM NEW.joined_into)
    EXECUTE FUNCTION refuse_leading_elsewhere();

-- What a payment is called: MTN tells of it by one number, the gateway by another, and it is one payment. Of two
-- members that hear of it at once under names of their own, the second one meets the first one here.
CREATE TABLE payment_name (
    scheme text NOT NULL,
    name text NOT NULL,
    transaction text NOT NULL,
    PRIMARY KEY (scheme, name),
    FOREIGN KEY (scheme, transaction) REFERENCES payment
);
-- Every payment has its own name here, also one that a process of the version before writes down meanwhile.
CREATE FUNCTION name_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO payments.payment_name (scheme, name, transaction) VALUES (NEW.scheme, NEW.transaction, NEW.transaction);
    RETURN NULL;
END $$;
CREATE TRIGGER payment_is_named AFTER INSERT ON payment FOR EACH ROW EXECUTE FUNCTION name_payment();
INSERT INTO payment_name (scheme, name, transaction) SELECT scheme, transaction, transaction FROM payment;
CREATE INDEX payment_name_of ON payment_name (scheme, transaction);
CREATE TRIGGER payment_name_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_name
    EXECUTE FUNCTION runtime.refuse_change();

-- Whether another teller's payment is the same one, and which waits for a request that was read after it.
CREATE INDEX payment_rivals ON payment (amount_rwf, told_at) WHERE state = 'received';
CREATE INDEX payment_unmatched ON payment (amount_rwf, told_at) WHERE state = 'review' AND reason = 'unmatched';

-- Whoever was joined to another person may run the businesses of both.
ALTER TABLE vendors DROP CONSTRAINT vendors_person_key;
CREATE INDEX vendors_person ON vendors (person, opened_at);
CREATE INDEX vendors_name ON vendors (name, owner);
-- For the limits: what a person sent before they were joined to another counts on, and so does what rides took.
CREATE INDEX accounts_joined ON accounts (joined_into) WHERE joined_into IS NOT NULL;
CREATE INDEX transfers_ridden ON transfers (debit, at) WHERE kind = 'ride';

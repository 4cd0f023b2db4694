-- Whoever was joined to another person may run the businesses of both, and has the codes of both.
ALTER TABLE vendors DROP CONSTRAINT vendors_person_key;
CREATE INDEX vendors_person ON vendors (person, opened_at);
CREATE INDEX vendors_name ON vendors (name, owner);
ALTER TABLE referral_codes DROP CONSTRAINT referral_codes_person_key;
CREATE INDEX referral_codes_person ON referral_codes (person, code);
-- By whose name the reward was asked for: a joiner may be joined to another person.
ALTER TABLE referrals ADD COLUMN paid_for text;
UPDATE referrals SET paid_for = joiner;
ALTER TABLE referrals ALTER COLUMN paid_for SET NOT NULL;
-- For the limits: what a person sent before they were joined to another counts on, and so does what rides took.
CREATE INDEX accounts_joined ON accounts (joined_into) WHERE joined_into IS NOT NULL;
CREATE INDEX transfers_ridden ON transfers (debit, at) WHERE kind = 'ride';

-- What a row may say.

ALTER TABLE charge
    ADD CHECK (quantity >= 0 AND billed_quantity >= 0 AND (amount_minor <> 0 OR kind = 'DAILY')),
    ADD CHECK ((kind = 'ADJUSTMENT' OR kind = 'CREDIT_NOTE') = (corrects_id IS NOT NULL));

ALTER TABLE company_verification
    ADD CHECK (state <> 'REJECTED' OR reason IS NOT NULL),
    ADD CHECK ((state = 'SUBMITTED') = (decided_at IS NULL));

ALTER TABLE coupon
    ADD CHECK ((percent IS NULL) <> (amount_minor IS NULL) AND (amount_minor IS NULL) = (currency IS NULL)),
    ADD CHECK (percent BETWEEN 1 AND 100),
    ADD CHECK (amount_minor > 0),
    ADD CHECK (coalesce(days, 1) > 0 AND coalesce(max_redemptions, 1) > 0);

ALTER TABLE instalment ADD CHECK (amount_minor > 0);

ALTER TABLE invoice
    ADD CHECK (amount_minor > 0),
    ADD CHECK ((state = 'ISSUED' OR state = 'TAKEN_BACK') = (number IS NOT NULL)),
    ADD CHECK ((state = 'TAKEN_BACK') = (red_number IS NOT NULL)),
    ADD CHECK (num_nulls(red_number, taken_back_by, taken_back_at) IN (0, 3)),
    ADD CHECK (red_number <> number),
    ADD CHECK ((state <> 'REJECTED' AND state <> 'TAKEN_BACK') OR reason IS NOT NULL),
    ADD CHECK ((title_kind = 'ENTERPRISE') = (tax_number IS NOT NULL)),
    ADD CHECK (type <> 'SPECIAL_VAT' OR (registered_address || registered_phone || bank || bank_account) IS NOT NULL),
    ADD CHECK (medium <> 'ELECTRONIC' OR email IS NOT NULL),
    ADD CHECK (medium <> 'PAPER' OR (recipient || phone || address) IS NOT NULL);

ALTER TABLE invoice_entry ADD CHECK ((month IS NULL) <> (card_id IS NULL));

ALTER TABLE invoice_title ADD CHECK ((kind = 'ENTERPRISE') = (tax_number IS NOT NULL));

ALTER TABLE offer ADD CHECK (price_minor >= 0 AND dk_limit >= -1 AND ends_on >= starts_on);

ALTER TABLE price_plan
    ADD CHECK (unit_price_minor >= 0 AND minimum_quantity >= 0 AND free_period_seconds >= 0),
    ADD CHECK (tiers = '[]' OR unit_price_minor = 0),
    ADD CHECK (currency ~ '^[A-Z]{3}$'),
    ADD CHECK (group_id IS NULL OR account_id IS NULL),
    ADD CHECK (units_per_price > 0 AND base_minor >= 0 AND free_quantity >= 0),
    ADD CHECK (time_zone = 'UTC' OR time_zone LIKE '%/%'),
    ADD FOREIGN KEY (meter) REFERENCES meter (key);

ALTER TABLE statement ADD CHECK (extract(day FROM month) = 1);

ALTER TABLE wallet_share
    ADD CHECK (member_id <> owner_id),
    ADD CHECK (state <> 'ACTIVE' OR (member_id IS NOT NULL AND began_at IS NOT NULL)),
    ADD CHECK ((state = 'ENDED') = (ended_at IS NOT NULL));

ALTER TABLE usage_hour ADD CHECK (quantity >= 0);

-- What the models of the enterprise account cannot say: append-only, balanced books, and balances that the database
-- itself keeps equal to the sums of their entries.

-- Rows of the books are never changed or deleted.

CREATE FUNCTION guance_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON guance_transaction
    FOR EACH STATEMENT EXECUTE FUNCTION guance_refuse_change();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON guance_entry
    FOR EACH STATEMENT EXECUTE FUNCTION guance_refuse_change();

-- The entries of a wallet's transaction sum to zero in each currency.

CREATE FUNCTION guance_check_balanced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (
        SELECT FROM guance_entry WHERE transaction_id = NEW.transaction_id GROUP BY currency HAVING sum(amount_minor) <> 0
    ) THEN
        RAISE EXCEPTION 'the entries of wallet transaction % do not sum to zero', NEW.transaction_id;
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON guance_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guance_check_balanced();

-- An entry changes the balance, voucher or card that it names. Writes guance_wallet, guance_fund.

CREATE FUNCTION guance_apply_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.place = 'CASH' THEN
        UPDATE guance_wallet SET cash_minor = cash_minor + NEW.amount_minor,
            owing_since = CASE WHEN cash_minor + NEW.amount_minor >= 0 THEN NULL
                ELSE coalesce(owing_since, (SELECT at FROM guance_transaction WHERE id = NEW.transaction_id)) END
        WHERE account_id = NEW.account_id;
    ELSIF NEW.place = (SELECT source FROM guance_fund WHERE id = NEW.fund_id) THEN
        UPDATE guance_fund SET left_minor = left_minor + NEW.amount_minor
        WHERE id = NEW.fund_id AND account_id = NEW.account_id;
    ELSE
        RETURN NULL;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'entry % is of nobody''s wallet', NEW.id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER apply AFTER INSERT ON guance_entry FOR EACH ROW EXECUTE FUNCTION guance_apply_entry();

-- What a row may say.

ALTER TABLE guance_wallet ADD CHECK ((cash_minor < 0) = (owing_since IS NOT NULL));

ALTER TABLE guance_top_up ADD CHECK (refunded_minor BETWEEN 0 AND coalesce(received_minor, 0));

ALTER TABLE guance_refund ADD CHECK (amount_minor > 0);

ALTER TABLE guance_fund ADD CHECK (left_minor BETWEEN 0 AND amount_minor);

-- Indexes that look-ups need beyond keys.

CREATE INDEX guance_wallet_owing ON guance_wallet (account_id) WHERE cash_minor < 0;

CREATE INDEX guance_fund_usable ON guance_fund (expires_at) WHERE left_minor > 0;

CREATE INDEX guance_transaction_collected ON guance_transaction (collected_at) WHERE kind = 'CHARGE';

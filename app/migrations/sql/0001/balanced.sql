-- The entries of a journal transaction sum to zero in each currency, and are inserted in one statement.

CREATE FUNCTION check_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong uuid;
BEGIN
    SELECT transaction_id INTO wrong FROM inserted GROUP BY transaction_id, currency
    HAVING sum(amount_minor) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the entries of journal transaction % do not sum to zero', wrong
            USING ERRCODE = 'check_violation', HINT = 'insert all entries of a transaction in one statement';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER balanced AFTER INSERT ON journal_entry REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION check_balanced();

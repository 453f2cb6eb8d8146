-- The locks on accounts, for the rest of the transaction and in one order; app/db/locking.py says who takes which.

-- Locks account FOR NO KEY UPDATE.
CREATE FUNCTION lock_accounts(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    PERFORM FROM account WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
END $$;

-- Locks account FOR UPDATE.
CREATE FUNCTION lock_out_usage(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    PERFORM FROM account WHERE id = ANY (ids) ORDER BY id FOR UPDATE;
END $$;

-- Locks account FOR KEY SHARE.
CREATE FUNCTION hold_for_usage(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    PERFORM FROM account WHERE id = ANY (ids) ORDER BY id FOR KEY SHARE;
END $$;

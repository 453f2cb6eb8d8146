-- What a billing day costs with its adjustments and credit notes, in minor units; instalments are not the day's.
-- Reads charge.

CREATE FUNCTION day_total(account_id uuid, day date) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(c.amount_minor), 0)::bigint FROM charge AS c
    WHERE c.account_id = $1 AND c.day = $2 AND c.sequence >= 0
$$;

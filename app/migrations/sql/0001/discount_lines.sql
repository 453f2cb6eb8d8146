-- The lines that bring an account's discounts of a billing day to what they are to be when the day costs ``gross``
-- before them: each takes its percentage, rounded half up, or its amount, of what those before it left, the oldest
-- first.
-- What earlier charges of the day took is deducted, so a day that is counted anew changes by the difference.
-- Reads charge, discount.

CREATE FUNCTION discount_lines(payer uuid, charged date, gross bigint, charged_in text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    remaining bigint := greatest(gross, 0);
    lines jsonb := '[]';
    given record;
    off bigint;
    change bigint;
BEGIN
    FOR given IN
        SELECT d.id, d.name, d.percent, d.amount_minor FROM discount AS d
        WHERE d.account_id = payer AND d.first_day <= charged AND charged <= coalesce(d.last_day, charged)
          AND coalesce(d.currency, charged_in) = charged_in
        ORDER BY d.id
    LOOP
        off := least(remaining, coalesce(given.amount_minor, div(2 * remaining::numeric * given.percent + 100, 200)));
        remaining := remaining - off;
        change := -off - coalesce((
            SELECT sum((line ->> 'amount_minor')::bigint) FROM charge AS c, jsonb_array_elements(c.lines) AS list(line)
            WHERE c.account_id = payer AND c.day = charged AND line ->> 'discount_id' = given.id::text), 0);
        IF change <> 0 THEN
            lines := lines || jsonb_build_object(
                'kind', 'DISCOUNT', 'quantity', 1, 'amount_minor', change, 'discount_id', given.id, 'name', given.name);
        END IF;
    END LOOP;
    RETURN lines;
END $$;

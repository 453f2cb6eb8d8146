-- How a charge is written, whoever raises it. Its lines are objects with kind, quantity and amount_minor, which add up
-- to what it costs; app/billing/models.py says what they mean.

CREATE FUNCTION lines_total(lines jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE RETURN (
    SELECT coalesce(sum((line ->> 'amount_minor')::bigint), 0)::bigint FROM jsonb_array_elements(lines) AS list(line));

CREATE FUNCTION lines_total(lines jsonb, kind text) RETURNS bigint LANGUAGE sql IMMUTABLE RETURN (
    SELECT coalesce(sum((line ->> 'amount_minor')::bigint), 0)::bigint
    FROM jsonb_array_elements(lines) AS list(line) WHERE line ->> 'kind' = $2);

ALTER TABLE charge ADD CONSTRAINT lines_add_up CHECK (amount_minor = lines_total(lines));

CREATE TYPE charge_due AS (
    account_id uuid, plan_id uuid, kind text, day date, quantity bigint, billed_quantity bigint, units bigint,
    lines jsonb, at timestamptz, corrects_id uuid
);

-- Its place among its day's: 0 for the day's own, above for corrections of the day. Below are the instalments due on
-- it and what is given back of those, which are not the day's.
CREATE FUNCTION next_sequence(account uuid, charged date, kind text, corrects uuid) RETURNS int
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN kind = 'DAILY' THEN 0
        WHEN kind = 'INSTALMENT' OR (SELECT c.sequence FROM charge AS c WHERE c.id = corrects) < 0 THEN
            (SELECT least(min(sequence), 0) - 1 FROM charge AS c WHERE c.account_id = account AND c.day = charged)
        ELSE (SELECT greatest(max(sequence), 0) + 1 FROM charge AS c WHERE c.account_id = account AND c.day = charged)
    END
$$;

-- Writes charges in the currency of their plan, in this order, one at most of an account's day unless it is 'DAILY';
-- their keys. The accounts are to be locked. Reads price_plan; reads and writes charge.
CREATE FUNCTION raise_charges(due charge_due[]) RETURNS SETOF uuid LANGUAGE sql AS $$
    INSERT INTO charge (id, account_id, plan_id, kind, day, sequence, quantity, billed_quantity, units, lines,
        amount_minor, currency, raised_at, corrects_id)
    SELECT uuid7(), d.account_id, d.plan_id, d.kind, d.day, next_sequence(d.account_id, d.day, d.kind, d.corrects_id),
        d.quantity, d.billed_quantity, d.units, d.lines, lines_total(d.lines), p.currency, d.at, d.corrects_id
    FROM unnest(due) WITH ORDINALITY AS d JOIN price_plan AS p ON p.id = d.plan_id ORDER BY d.ordinality
    RETURNING id
$$;

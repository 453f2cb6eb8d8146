-- What can still be given back of a charge: no more than is left of it after its credit notes, and no more than its day
-- still costs with all corrections; an instalment stands for itself.
-- Reads charge.

SELECT greatest(0, least(
    c.amount_minor + coalesce((
        SELECT sum(n.amount_minor) FROM charge AS n WHERE n.corrects_id = c.id AND n.kind = 'CREDIT_NOTE'), 0),
    CASE WHEN c.sequence >= 0 THEN day_total(c.account_id, c.day) END))::bigint AS minor
FROM charge AS c WHERE c.id = $1;

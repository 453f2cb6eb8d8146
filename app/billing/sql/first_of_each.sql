-- The first $2 charges of each of these accounts ($1): the oldest, or, where $3 says, the newest.
-- Reads charge.

SELECT page.* FROM unnest($1::uuid []) AS owner(id) CROSS JOIN LATERAL (
    (SELECT * FROM charge WHERE NOT $3 AND account_id = owner.id ORDER BY id LIMIT $2)
    UNION ALL
    (SELECT * FROM charge WHERE $3 AND account_id = owner.id ORDER BY id DESC LIMIT $2)) AS page;

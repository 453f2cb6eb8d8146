-- The first $2 licenses of each of these accounts ($1): the oldest, or, where $3 says, the newest.
-- Reads license.

SELECT page.* FROM unnest($1::uuid []) AS owner(id) CROSS JOIN LATERAL (
    (SELECT * FROM license WHERE NOT $3 AND account_id = owner.id ORDER BY id LIMIT $2)
    UNION ALL
    (SELECT * FROM license WHERE $3 AND account_id = owner.id ORDER BY id DESC LIMIT $2)) AS page;

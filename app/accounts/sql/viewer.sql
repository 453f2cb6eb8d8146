-- Whom a bearer token stands for, by its digest: the token, its user, and what the user is in accounts and as staff.
-- Reads access_token, user_account, membership, staff_assignment.

SELECT token, person,
    ARRAY(SELECT m.account_id FROM membership AS m WHERE m.user_id = token.user_id ORDER BY m.id) AS accounts,
    ARRAY(SELECT m.role FROM membership AS m WHERE m.user_id = token.user_id ORDER BY m.id) AS roles,
    ARRAY(SELECT s.role FROM staff_assignment AS s WHERE s.user_id = token.user_id) AS staff_roles
FROM access_token AS token LEFT JOIN user_account AS person ON person.id = token.user_id
WHERE token.token_hash = $1 AND token.revoked_at IS NULL;

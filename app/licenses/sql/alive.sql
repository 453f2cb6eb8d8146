-- How many licenses that a key signed are neither revoked nor expired.
-- Reads license, account_now.

SELECT count(*) AS alive FROM license AS l JOIN account_now($2) AS a ON a.account_id = l.account_id
WHERE l.kid = $1 AND l.state <> 'REVOKED' AND (l.expires_at IS NULL OR l.expires_at > a.now);

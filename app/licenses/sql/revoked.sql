-- The licenses that a revocation list names: revoked, and not yet ended by themselves.
-- Reads license, account_now.

SELECT l.id, l.revoked_at FROM license AS l JOIN account_now($1) AS a ON a.account_id = l.account_id
WHERE l.state = 'REVOKED' AND (l.expires_at IS NULL OR l.expires_at > a.now - $2::interval)
ORDER BY l.id;

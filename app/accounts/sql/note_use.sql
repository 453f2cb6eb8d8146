-- Notes that a token was used, at most once an hour; not while somebody else does.
-- Writes access_token.

UPDATE access_token SET last_used_at = $2 WHERE id = (
    SELECT id FROM access_token WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)
    FOR NO KEY UPDATE SKIP LOCKED);

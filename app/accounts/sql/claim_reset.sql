-- Takes one reset that is to be mailed for this worker, and gives it a new token.
-- Writes password_reset.

UPDATE password_reset SET token_hash = $3, mail_at = $2 WHERE id = (
    SELECT id FROM password_reset WHERE mail_at <= $1 AND expires_at > $1
    ORDER BY mail_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id;

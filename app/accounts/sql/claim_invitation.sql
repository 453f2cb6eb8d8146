-- Takes one invitation that is to be mailed for this worker, and gives it a new code.
-- Writes invitation.

UPDATE invitation SET code = $3, mail_at = $2 WHERE id = (
    SELECT id FROM invitation WHERE mail_at <= $1 AND expires_at > $1 AND revoked_at IS NULL AND accepted_at IS NULL
    ORDER BY mail_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id;

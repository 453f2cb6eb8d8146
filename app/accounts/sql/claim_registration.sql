-- Takes one registration that is to be mailed about for this worker, and gives it a new code.
-- Writes registration.

UPDATE registration SET code = $3, mail_at = $2 WHERE id = (
    SELECT id FROM registration WHERE mail_at <= $1 AND expires_at > $1
    ORDER BY mail_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id;

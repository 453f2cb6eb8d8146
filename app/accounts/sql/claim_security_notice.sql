-- Takes one notice to a user that is to be mailed for this worker.
-- Writes security_notice.

UPDATE security_notice SET mail_at = $2 WHERE id = (
    SELECT id FROM security_notice WHERE mail_at <= $1 AND expires_at > $1
    ORDER BY mail_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id;

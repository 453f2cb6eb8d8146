-- Takes one change of an address that is to be mailed about for this worker; one that is still asked for gets new
-- codes.
-- Writes email_change.

UPDATE email_change SET mail_at = $2,
    old_code = CASE WHEN former IS NULL THEN $3 END, new_code = CASE WHEN former IS NULL THEN $4 END
WHERE id = (
    SELECT id FROM email_change WHERE mail_at <= $1 AND (former IS NOT NULL OR expires_at > $1)
    ORDER BY mail_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id;

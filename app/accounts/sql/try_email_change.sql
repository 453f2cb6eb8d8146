-- Counts a try of the user $1, at the instant $2, to prove two addresses with codes, of $3 tries at the most; and
-- answers with what the codes must be.
-- Writes email_change.

UPDATE email_change SET tries = tries + 1 WHERE id = (
    SELECT id FROM email_change WHERE user_id = $1 AND expires_at > $2 AND old_code IS NOT NULL AND tries < $3
    ORDER BY id DESC LIMIT 1 FOR UPDATE)
RETURNING id, old_code, new_code;

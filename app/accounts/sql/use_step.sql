-- Uses up the one-time code of a second factor for the step of time $2; no row when it, or a newer one, was used.
-- Writes second_factor.

UPDATE second_factor SET last_step = $2 WHERE id = $1 AND last_step < $2 RETURNING id;

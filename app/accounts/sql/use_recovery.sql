-- Uses up a recovery code, by its digest; no row when there is none like it.
-- Writes second_factor.

UPDATE second_factor SET recovery = array_remove(recovery, $2) WHERE id = $1 AND $2 = ANY(recovery) RETURNING id;

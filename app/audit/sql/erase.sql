-- Erases what entries say of a user, or, with keys from $3 to $4, of who has an e-mail address.
-- Writes audit_entry.

UPDATE audit_entry SET salt = NULL, actor_label = 'erased', address = '', details = '{}'
WHERE salt IS NOT NULL AND action <> 'person.erased' AND (
    actor_id = $1 OR (id BETWEEN $3 AND $4 AND (actor_label = $2::text OR position($2::text IN details::text) > 0))
)
RETURNING id;

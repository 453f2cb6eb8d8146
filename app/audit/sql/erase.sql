-- Erases what entries say of a user, or of who has one of these e-mail addresses.
-- Writes audit_entry.

UPDATE audit_entry SET salt = NULL, actor_label = 'erased', address = '', details = '{}'
WHERE salt IS NOT NULL AND action <> 'person.erased' AND (
    actor_id = $1 OR actor_label = ANY($2::text [])
    OR EXISTS (SELECT FROM unnest($2::text []) AS e (email) WHERE position(e.email IN details::text) > 0)
)
RETURNING id;

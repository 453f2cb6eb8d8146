-- Erases what entries say of a user, or, with keys from $3 to $4, of who has an e-mail address: that one, and not one
-- that begins or ends with it.
-- Writes audit_entry.

UPDATE audit_entry SET salt = NULL, actor_label = 'erased', address = '', details = '{}'
WHERE salt IS NOT NULL AND action <> 'person.erased' AND (
    actor_id = $1 OR (id BETWEEN $3 AND $4 AND (actor_label = $2::text OR (
        position($2::text IN lower(details::text)) > 0
        AND lower(details::text) ~ concat(
            '(?<![[:alnum:]!#$%&''*+/=?^_`{|}~.-])',
            regexp_replace($2::text, '([^[:alnum:]])', '\\\1', 'g'),
            '(?![[:alnum:]-]|[.][[:alnum:]])'
        )
    )))
)
RETURNING id;

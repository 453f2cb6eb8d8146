-- Who follows events is notified, and what is to be delivered of them is noted: to the account's webhook endpoints, by
-- e-mail to its owners and administrators, or, of money, who sees to that as well; or to the vendor's staff, by e-mail
-- and to their endpoint. An event without an account is for staff alone; what sandboxes do is not for them.
-- Mail goes to addresses alone that were confirmed.
-- Reads webhook_endpoint, notice, account, membership, user_account, staff_assignment; writes delivery.

CREATE FUNCTION notify_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_notify('account_event', coalesce(account_id::text, '')) FROM (SELECT DISTINCT account_id FROM happened) AS accounts;
    RETURN NULL;
END $$;

CREATE TRIGGER notify AFTER INSERT ON event REFERENCING NEW TABLE AS happened
    FOR EACH STATEMENT EXECUTE FUNCTION notify_event();

CREATE FUNCTION note_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO delivery (id, account_id, event_id, medium, endpoint_id, user_id, state, attempts,
        sandbox, to_staff)
    SELECT uuid7(), e.account_id, e.id, 'webhook', w.id, NULL, 'PENDING', 0, a.sandbox, false FROM happened e
    JOIN account a ON a.id = e.account_id
    JOIN webhook_endpoint w ON w.account_id = e.account_id AND w.enabled
        AND (w.event_types = '{}' OR e.type = ANY (w.event_types))
    UNION ALL SELECT uuid7(), e.account_id, e.id, 'email', NULL, m.user_id, 'PENDING', 0, false, false FROM happened e
    JOIN notice n ON n.type = e.type AND n.staff_role IS NULL JOIN account a ON a.id = e.account_id AND NOT a.sandbox
    JOIN membership m ON m.account_id = e.account_id AND (m.role IN ('OWNER', 'ADMIN') OR (n.of_money AND m.role = 'FINANCE'))
    JOIN user_account u ON u.id = m.user_id AND u.confirmed_at IS NOT NULL
    UNION ALL SELECT uuid7(), e.account_id, e.id, 'email', NULL, s.user_id, 'PENDING', 0, false, true FROM happened e
    JOIN notice n ON n.type = e.type LEFT JOIN account a ON a.id = e.account_id
    JOIN staff_assignment s ON s.role = n.staff_role WHERE a.sandbox IS NOT TRUE
    UNION ALL SELECT uuid7(), e.account_id, e.id, 'webhook', w.id, NULL, 'PENDING', 0, false, true FROM happened e
    JOIN notice n ON n.type = e.type AND n.staff_role IS NOT NULL LEFT JOIN account a ON a.id = e.account_id
    JOIN webhook_endpoint w ON w.account_id IS NULL AND w.enabled WHERE a.sandbox IS NOT TRUE;
    RETURN NULL;
END $$;

CREATE TRIGGER deliver AFTER INSERT ON event REFERENCING NEW TABLE AS happened
    FOR EACH STATEMENT EXECUTE FUNCTION note_deliveries();

-- Keys for events of these accounts, in their order: each greater than every key of the account's events before it,
-- whichever clock those were keyed by, so that who reads on from the last event seen misses none.
-- Reads event. The accounts are to be locked by the caller.

CREATE FUNCTION event_keys(accounts uuid[]) RETURNS TABLE (place bigint, id uuid) LANGUAGE sql VOLATILE AS $$
    SELECT asked.place,
        key_after(newest.id, uuid7(), row_number() OVER (PARTITION BY asked.account_id ORDER BY asked.place))
    FROM unnest(accounts) WITH ORDINALITY AS asked(account_id, place)
    LEFT JOIN LATERAL (
        SELECT e.id FROM event AS e WHERE e.account_id IS NOT DISTINCT FROM asked.account_id ORDER BY e.id DESC LIMIT 1) AS newest ON true
    ORDER BY asked.place
$$;

-- Which price plan an upgrade's days are priced by, and who is to be told of another. For what closes days, and for
-- what announces prices (app/upgrades/pricing.py).

-- The newest change that the account was told of and that is not withdrawn, or else the plan that the edition was
-- chosen with. Reads price_change, price_plan.
CREATE FUNCTION plan_of_day(u upgrade, day date) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT c.plan_id FROM price_change AS c JOIN price_plan AS p ON p.id = c.plan_id
        WHERE c.upgrade_id = u.id AND c.from_day <= day AND c.withdrawn_at IS NULL AND p.withdrawn_at IS NULL
        ORDER BY c.from_day DESC, c.id DESC LIMIT 1), u.plan_id)
$$;

-- The first day that begins at or after an instant.
CREATE FUNCTION first_day_from(at timestamptz, zone text) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT CASE day_start(day, zone) WHEN at THEN day ELSE day + 1 END
    FROM (SELECT (at AT TIME ZONE zone)::date AS day) AS t
$$;

-- Prices for accounts that are upgraded already, of which they were not told yet: those of their group, or of the
-- catalog where the group has none by then; in force after the edition was chosen, or the group joined or left. Nobody
-- is priced anew before the day after the telling. Reads account, upgrade, price_plan, price_membership, price_change.
CREATE FUNCTION prices_to_announce(at timestamptz, of_account uuid)
RETURNS TABLE (account_id uuid, upgrade_id uuid, plan_id uuid, from_day date) LANGUAGE sql STABLE AS $$
    SELECT u.account_id, u.id, p.id,
        greatest(first_day_from(p.valid_from, p.time_zone), (n.now AT TIME ZONE p.time_zone)::date + 1)
    FROM price_plan AS p
    JOIN upgrade AS u ON u.edition = p.edition
        AND u.state IN ('AGREEMENT_PENDING', 'CHANNEL_PENDING', 'FREE_PERIOD', 'ACTIVE')
    JOIN price_plan AS own ON own.id = u.plan_id
    JOIN account_now(at) AS n ON n.account_id = u.account_id
    LEFT JOIN price_membership AS m ON m.account_id = u.account_id
    WHERE p.for_existing AND p.withdrawn_at IS NULL AND p.valid_from > greatest(u.chosen_at, m.since)
        AND (of_account IS NULL OR u.account_id = of_account)
        AND (p.meter, p.currency, p.time_zone) = (own.meter, own.currency, own.time_zone)
        AND CASE WHEN p.group_id IS NOT NULL THEN p.group_id = m.group_id ELSE NOT EXISTS (
            SELECT FROM price_plan AS q WHERE q.group_id = m.group_id AND q.edition = p.edition
                AND q.withdrawn_at IS NULL AND q.valid_from <= p.valid_from) END
        AND NOT EXISTS (
            SELECT FROM price_change AS c
            WHERE c.upgrade_id = u.id AND c.plan_id = p.id AND c.withdrawn_at IS NULL)
    ORDER BY p.valid_from, p.id
$$;

-- How many accounts a price that they are not told of yet will hold for, by the channel that pays for them.
-- Reads channel_binding, and what prices_to_announce reads.
CREATE FUNCTION channels_reached(at timestamptz, of_plan uuid)
RETURNS TABLE (channel text, accounts bigint) LANGUAGE sql STABLE AS $$
    SELECT b.channel, count(DISTINCT b.account_id)
    FROM prices_to_announce(at, NULL) AS p
    JOIN channel_binding AS b ON b.account_id = p.account_id AND b.state = 'BOUND'
    WHERE p.plan_id = of_plan
    GROUP BY b.channel
    ORDER BY b.channel
$$;

-- Changes of prices that were withdrawn since, of which the accounts are to be told. Reads price_change, price_plan.
CREATE FUNCTION prices_to_take_back(of_account uuid) RETURNS SETOF price_change LANGUAGE sql STABLE AS $$
    SELECT c.* FROM price_change AS c JOIN price_plan AS p ON p.id = c.plan_id
    WHERE p.withdrawn_at IS NOT NULL AND c.withdrawn_at IS NULL
        AND (of_account IS NULL OR c.account_id = of_account)
    ORDER BY c.id
$$;

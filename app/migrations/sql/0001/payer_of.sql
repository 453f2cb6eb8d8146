-- Whose balance with a channel pays a charge of an account: the account's own, unless it is let into another's; what
-- gives money back goes to the balance there that paid what it corrects, or, where another channel collects that, to
-- the account's own.
-- Reads charge, settlement, wallet_share.

CREATE FUNCTION payer_of(raised uuid, charged uuid, through text) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT CASE s.channel WHEN through THEN s.payer_id ELSE charged END
            FROM charge AS c JOIN settlement AS s ON s.charge_id = c.corrects_id
            WHERE c.id = raised AND c.amount_minor < 0),
        (SELECT w.owner_id FROM wallet_share AS w
            WHERE w.member_id = charged AND w.channel = through AND w.state = 'ACTIVE'),
        charged)
$$;

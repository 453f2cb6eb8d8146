-- Whether a charge gives something back of one that is not collected yet.
-- Reads charge, settlement.

CREATE FUNCTION gives_back_early(charge uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM charge AS c JOIN settlement AS corrected ON corrected.charge_id = c.corrects_id
        WHERE c.id = $1 AND c.amount_minor < 0 AND corrected.state <> 'SETTLED')
$$;

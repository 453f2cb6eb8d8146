-- Issues statements, from parallel arrays, each once, with every charge that is to stand on it. Those of sandbox
-- accounts have numbers of their own.
-- Reads account, unstated_charge, settlement; writes statement, statement_charge.

WITH issued AS (
    INSERT INTO statement (id, account_id, month, number, account_name, time_zone, issued_at)
    SELECT due.id, account_id, month, format(CASE WHEN a.sandbox THEN 'SB-%s-%s' ELSE 'ST-%s-%s' END,
           to_char(month, 'YYYYMM'), lpad(CASE WHEN a.sandbox THEN nextval('sandbox_statement_number')
               ELSE nextval('statement_number') END::text, 8, '0')), due.name, time_zone, at
    FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::text[], $5::text[], $6::timestamptz[])
        AS due(id, account_id, month, name, time_zone, at) JOIN account AS a ON a.id = due.account_id
    ON CONFLICT (account_id, month) DO NOTHING RETURNING id, account_id, month),
stated AS (
    INSERT INTO statement_charge (id, statement_id, charge_id, settled)
    SELECT uuid7(), i.id, c.id, coalesce(s.state = 'SETTLED', false)
    FROM issued AS i JOIN unstated_charge AS c ON c.account_id = i.account_id AND c.month <= i.month
    LEFT JOIN settlement AS s ON s.charge_id = c.id)
SELECT id FROM issued;

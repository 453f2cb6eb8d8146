-- What each of an account's days from $2 to $3 in a zone ($4) came to of a meter ($5) that aggregates like $6; over
-- all deployments, or of one ($7).
-- Reads usage_hour (day_quantity).

SELECT day::date, counted.quantity
FROM generate_series($2::date::timestamp, $3::date::timestamp, interval '1 day') AS days(day)
CROSS JOIN LATERAL day_quantity($1, $5, $6, day_start(day::date, $4), day_start(day::date + 1, $4), $7) AS counted
ORDER BY day;

-- Discounts of these accounts that wait for their first billed day begin with it.
-- The accounts are to be locked. Reads upgrade; reads and writes discount.

UPDATE discount AS d SET first_day = begins.day, last_day = begins.day + begins.days - 1
FROM (
    SELECT w.id, w.days, greatest(w.not_before, next_day(u)) AS day
    FROM discount AS w JOIN upgrade AS u ON u.account_id = w.account_id AND u.state = 'ACTIVE'
    WHERE w.account_id = ANY($1) AND w.first_day IS NULL AND w.ended_at IS NULL) AS begins
WHERE d.id = begins.id;

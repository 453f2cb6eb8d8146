-- The prices that an account is to be told of, the earliest first.
-- Reads prices_to_announce.

SELECT upgrade_id, plan_id, from_day FROM prices_to_announce($1, $2);

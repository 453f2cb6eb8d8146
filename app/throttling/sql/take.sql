-- Counts a try in each of these buckets, or, where one is full, in none (see the function).
-- Reads and writes throttle.

SELECT take_tries($1, $2, $3, $4) AS wait;

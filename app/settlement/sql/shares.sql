-- The shares by which another's balance pays for these accounts.
-- Reads wallet_share.

SELECT * FROM wallet_share WHERE member_id = ANY($1::uuid []) AND state = 'ACTIVE';

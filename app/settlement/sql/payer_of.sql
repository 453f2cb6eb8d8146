-- Whose balance with the channel $3 pays the charge $1 of the account $2.
-- Reads payer_of().

SELECT payer_of($1, $2, $3) AS payer_id;

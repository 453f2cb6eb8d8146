-- Notes the nonce of a signed request; false when it was seen before.
-- Writes request_nonce.

SELECT remember_nonce($1, $2, $3) AS fresh;

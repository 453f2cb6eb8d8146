-- The changes of price of which an account is to be told that they are withdrawn.
-- Reads prices_to_take_back.

SELECT id FROM prices_to_take_back($1);

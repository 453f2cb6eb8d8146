-- How many upgraded accounts the price $2, which they are not told of yet, will hold for, by the channel that pays.
-- Reads channels_reached().

SELECT channel, accounts FROM channels_reached($1, $2);

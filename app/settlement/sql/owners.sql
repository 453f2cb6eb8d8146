-- The distribution that each channel's key belongs to.
-- Reads known_channel.

SELECT key, distribution FROM known_channel;

-- Notes a channel that works; its key stays with the distribution that had it first.
-- Writes known_channel.

INSERT INTO known_channel (key, distribution, push_within, seen_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (key) DO UPDATE SET push_within = excluded.push_within, seen_at = excluded.seen_at
WHERE known_channel.distribution = excluded.distribution;

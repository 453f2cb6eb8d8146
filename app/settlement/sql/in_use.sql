-- Channels but these that accounts are linked with, or that have charges to collect; how many of each.
-- Reads channel_binding, settlement, known_channel.

SELECT used.channel, sum(used.links)::bigint AS links, sum(used.charges)::bigint AS charges, k.distribution
FROM (
    SELECT b.channel, count(*) AS links, 0 AS charges FROM channel_binding AS b
    WHERE b.state <> 'UNBOUND' AND NOT b.channel = ANY($1::text[]) GROUP BY b.channel
    UNION ALL
    SELECT s.channel, 0, count(*) FROM settlement AS s
    WHERE s.state IN ('PENDING', 'ACCEPTED') AND NOT s.channel = ANY($1::text[]) GROUP BY s.channel) AS used
LEFT JOIN known_channel AS k ON k.key = used.channel
GROUP BY used.channel, k.distribution ORDER BY used.channel;

-- Channels but these that accounts are linked with, or that have charges to collect; how many of each. Every page that
-- names channels asks: the channels there are found by skipping from one to the next in an index, and only those of
-- which no plugin is there are counted.
-- Reads channel_binding, settlement, known_channel.

WITH RECURSIVE linked(channel) AS (
    SELECT min(channel) FROM channel_binding WHERE state <> 'UNBOUND'
    UNION ALL
    SELECT (SELECT min(b.channel) FROM channel_binding AS b WHERE b.state <> 'UNBOUND' AND b.channel > linked.channel)
    FROM linked WHERE linked.channel IS NOT NULL),
collecting(channel) AS (
    SELECT min(channel) FROM settlement WHERE state IN ('PENDING', 'ACCEPTED')
    UNION ALL
    SELECT (SELECT min(s.channel) FROM settlement AS s
        WHERE s.state IN ('PENDING', 'ACCEPTED') AND s.channel > collecting.channel)
    FROM collecting WHERE collecting.channel IS NOT NULL)
SELECT used.channel, links.n AS links, charges.n AS charges, k.distribution
FROM (SELECT channel FROM linked UNION SELECT channel FROM collecting) AS used
CROSS JOIN LATERAL (SELECT count(*) AS n FROM channel_binding AS b
    WHERE b.channel = used.channel AND b.state <> 'UNBOUND') AS links
CROSS JOIN LATERAL (SELECT count(*) AS n FROM settlement AS s
    WHERE s.channel = used.channel AND s.state IN ('PENDING', 'ACCEPTED')) AS charges
LEFT JOIN known_channel AS k ON k.key = used.channel
WHERE used.channel IS NOT NULL AND NOT used.channel = ANY($1::text[])
ORDER BY used.channel;

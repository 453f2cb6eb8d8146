-- Opens ledger accounts of settlement channels, where they are not open yet: pairs of a kind and a channel.
-- Writes ledger_account.

INSERT INTO ledger_account (name, kind, channel)
SELECT lower(opened.kind) || ':' || opened.channel, opened.kind, opened.channel
FROM unnest($1::text[], $2::text[]) AS opened(kind, channel)
ON CONFLICT DO NOTHING;

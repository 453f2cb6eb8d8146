-- Opens the ledger accounts of settlement channels, where they are not open yet.
-- Writes ledger_account.

INSERT INTO ledger_account (name, kind, channel)
SELECT 'channel:' || opened.key, 'CHANNEL', opened.key FROM unnest($1::text[]) AS opened(key)
ON CONFLICT DO NOTHING;

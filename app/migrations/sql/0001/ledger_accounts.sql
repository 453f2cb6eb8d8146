-- The ledger accounts that every book has; those of settlement channels are opened when something is first posted
-- there.

ALTER TABLE ledger_account ADD CHECK ((kind IN ('CHANNEL', 'PREPAID', 'CARDS')) = (channel IS NOT NULL));

INSERT INTO ledger_account (name, kind, channel)
VALUES ('receivable', 'RECEIVABLE', NULL), ('revenue', 'REVENUE', NULL), ('discounts', 'DISCOUNTS', NULL),
    ('deferred', 'DEFERRED', NULL), ('breakage', 'BREAKAGE', NULL), ('bank', 'BANK', NULL), ('shared', 'SHARED', NULL);

-- Cash that the account $1 spent and no invoice covers.
-- Reads invoiceable().

SELECT entry_id, month, card_id, amount_minor, currency FROM invoiceable($1) ORDER BY entry_id;

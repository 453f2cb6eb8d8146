-- Keys for events of these accounts, in their order (see the function).
-- Reads event.

SELECT id FROM event_keys($1);

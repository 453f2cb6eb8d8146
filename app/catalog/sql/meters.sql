-- Every meter, by its key.
-- Reads meter.

SELECT * FROM meter ORDER BY key;

-- Ids compress faster with lz4, where the server was built with it.

DO $$ BEGIN
    IF 'lz4' = ANY ((SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression')::text[]) THEN
        ALTER TABLE usage_hour ALTER COLUMN ids SET COMPRESSION lz4;
    END IF;
END $$;

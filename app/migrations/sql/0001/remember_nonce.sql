-- Notes the nonce of a signed request; false when it was seen before. Writes request_nonce.

CREATE FUNCTION remember_nonce(access_key uuid, seen text, until timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO request_nonce (id, access_key_id, nonce, expires_at) VALUES (uuid7(), access_key, seen, until)
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$;

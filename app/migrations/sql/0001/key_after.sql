-- ``fresh``, or, if it is not greater than ``newest``, the key that is ``place`` greater than that.
-- Reads and writes nothing.

CREATE FUNCTION key_after(newest uuid, fresh uuid, place bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN newest IS NULL OR fresh > newest THEN fresh ELSE (
        substr(encode(uuid_send(newest), 'hex'), 1, 16)
        || lpad(to_hex(('x' || substr(encode(uuid_send(newest), 'hex'), 17))::bit(64)::bigint + place), 16, '0'))::uuid
    END
$$;

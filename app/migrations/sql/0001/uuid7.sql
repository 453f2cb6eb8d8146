-- A UUIDv7 (RFC 9562): keys grow with time, to a quarter of a microsecond, and are random after that.
-- Reads and writes nothing.

CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT (
        overlay(substr(encode(int8send((extract(epoch FROM clock_timestamp()) * 4096000)::bigint), 'hex'), 2)
            PLACING '7' FROM 13 FOR 0)
        || substr(encode(uuid_send(gen_random_uuid()), 'hex'), 17))::uuid
$$;

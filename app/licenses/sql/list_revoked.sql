-- Notes which revocation list names the licenses that were revoked since the one before.
-- Writes license.

UPDATE license SET revocation_version = $1 WHERE state = 'REVOKED' AND revocation_version IS NULL;

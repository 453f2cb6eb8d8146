-- Whether a license was revoked since the newest revocation list.
-- Reads license.

SELECT EXISTS (SELECT FROM license WHERE state = 'REVOKED' AND revocation_version IS NULL) AS stale;

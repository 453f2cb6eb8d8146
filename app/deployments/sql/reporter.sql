-- Who reports with an access key (see the function).
-- Reads access_key, account, deployment.

SELECT key, account, deployment FROM reporter($1, $2, $3);

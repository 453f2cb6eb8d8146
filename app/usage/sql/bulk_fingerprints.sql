-- The deployments that are named in the lines.
-- Reads usage_stage.

SELECT DISTINCT deployment AS fingerprint FROM usage_stage;

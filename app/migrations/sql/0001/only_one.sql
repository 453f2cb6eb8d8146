-- What there may be one of.

CREATE UNIQUE INDEX access_token_hash ON access_token (token_hash);

CREATE UNIQUE INDEX application_open ON application (account_id, edition)
    WHERE state IN ('SUBMITTED', 'IN_REVIEW', 'OFFERED');

CREATE UNIQUE INDEX channel_binding_bound ON channel_binding (account_id) WHERE state = 'BOUND';

CREATE UNIQUE INDEX company_verification_open ON company_verification (account_id) WHERE state = 'SUBMITTED';

CREATE UNIQUE INDEX invoice_entry_live ON invoice_entry (entry_id) WHERE live;

CREATE UNIQUE INDEX license_replaced_once ON license (replaces_id);

CREATE UNIQUE INDEX passkey_credential ON passkey (credential_id);

CREATE UNIQUE INDEX passkey_challenge_once ON passkey_challenge (challenge);

CREATE UNIQUE INDEX password_reset_token ON password_reset (token_hash);

CREATE UNIQUE INDEX price_plan_version ON price_plan (edition, group_id, account_id, version) NULLS NOT DISTINCT;

CREATE UNIQUE INDEX reconciliation_case_open ON reconciliation_case (channel, charge_id) WHERE resolved_at IS NULL;

CREATE UNIQUE INDEX sign_in_attempt_state ON sign_in_attempt (state);

CREATE UNIQUE INDEX signing_key_current ON signing_key ((superseded_at IS NULL)) WHERE superseded_at IS NULL;

CREATE UNIQUE INDEX suspension_lasting ON suspension (subject_id) WHERE ended_at IS NULL;

CREATE UNIQUE INDEX wallet_share_of_member ON wallet_share (member_id) WHERE state = 'ACTIVE';

CREATE UNIQUE INDEX upgrade_in_progress ON upgrade (account_id)
    WHERE state IN ('AGREEMENT_PENDING', 'CHANNEL_PENDING', 'FREE_PERIOD', 'ACTIVE');

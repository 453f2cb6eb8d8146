-- Indexes that look-ups need beyond keys.

CREATE INDEX access_token_user ON access_token (user_id, id) WHERE revoked_at IS NULL;

CREATE INDEX account_travelled ON account (id) WHERE clock_offset_seconds > 0;

CREATE INDEX application_lapsing ON application (lapses_at) WHERE state = 'OFFERED';

CREATE INDEX application_note_application ON application_note (application_id, id);

CREATE INDEX application_queue ON application (state, id);

CREATE INDEX billing_day_day ON billing_day (day);

CREATE INDEX billing_day_late ON billing_day (account_id) WHERE late;

CREATE INDEX channel_binding_account ON channel_binding (account_id, id);

CREATE INDEX channel_binding_in_use ON channel_binding (channel) WHERE state <> 'UNBOUND';

CREATE INDEX charge_account ON charge (account_id, id);

CREATE INDEX charge_corrects ON charge (corrects_id) WHERE corrects_id IS NOT NULL;

CREATE INDEX contract_account ON contract (account_id, id);

CREATE INDEX contract_attention ON contract (attention_at);

CREATE INDEX delivery_due ON delivery (sandbox, account_id, id) WHERE state = 'PENDING';
CREATE UNIQUE INDEX delivery_of_endpoint ON delivery (endpoint_id, event_id) WHERE endpoint_id IS NOT NULL;
CREATE INDEX delivery_answered ON delivery (attempted_at) WHERE response_body IS NOT NULL;

CREATE INDEX discount_coupon ON discount (coupon_id);

CREATE INDEX event_account ON event (account_id, id);

CREATE INDEX invoice_state ON invoice (state, id);

CREATE INDEX journal_entry_transaction ON journal_entry (transaction_id);

CREATE INDEX journal_transaction_account ON journal_transaction (account_id, at);

CREATE INDEX suspension_account ON suspension (account_id);

CREATE INDEX license_account ON license (account_id, id);

CREATE INDEX license_attention ON license (attention_at);

CREATE INDEX license_deployment ON license (deployment_id);

CREATE INDEX license_limited ON license (deployment_id) WHERE dk_limit >= 0 AND state = 'ACTIVE';

CREATE INDEX license_unlisted ON license (id) WHERE state = 'REVOKED' AND revocation_version IS NULL;

CREATE INDEX membership_user ON membership (user_id, id);

CREATE INDEX offer_application ON offer (application_id, id);

CREATE INDEX password_reset_due ON password_reset (mail_at);

CREATE INDEX price_change_upgrade ON price_change (upgrade_id);

CREATE INDEX settlement_attention ON settlement (channel) WHERE state = 'NEEDS_ATTENTION';

CREATE INDEX settlement_due ON settlement (channel, sandbox, payer_id, due_from, charge_id)
    WHERE state IN ('PENDING', 'ACCEPTED');

CREATE INDEX settlement_in_turn ON settlement (payer_id, due_from, charge_id) WHERE state IN ('PENDING', 'ACCEPTED');

CREATE INDEX standing_poor ON standing (account_id) WHERE state <> 'GOOD';

CREATE INDEX upgrade_account ON upgrade (account_id, id);

CREATE INDEX usage_hour_detail ON usage_hour (hour) WHERE ids IS NOT NULL;

CREATE INDEX webhook_endpoint_account ON webhook_endpoint (account_id) WHERE enabled;

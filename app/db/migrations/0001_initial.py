from tortoise import migrations
from tortoise.migrations import operations as ops
from app.accounts.models import Role, StaffRole, TokenKind
from app.billing.models import ChargeKind
from app.editions.keys import EditionKey, UpgradeState
from app.licenses.models import LicenseState
from app.settlement.models import BindingState, SettlementState
from orjson import loads
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid_utils.compat import uuid7
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Account",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=200)),
                (
                    "edition",
                    fields.CharEnumField(
                        default=EditionKey.COMMUNITY,
                        description="COMMUNITY: COMMUNITY\nPAY_AS_YOU_GO: PAY_AS_YOU_GO\nSUBSCRIPTION: SUBSCRIPTION\nLICENSED: LICENSED",
                        enum_type=EditionKey,
                        max_length=20,
                    ),
                ),
                ("sandbox", fields.BooleanField(default=False)),
                ("clock_offset_seconds", fields.BigIntField(default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "account",
                "app": "app",
                "pk_attr": "id",
                "table_description": "A customer. ``clock_offset_seconds`` moves a sandbox account's clock ahead of the world's; else it is 0.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="AccessKey",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "app.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("ak", fields.CharField(unique=True, max_length=40)),
                ("sk_encrypted", fields.BinaryField()),
                ("label", fields.CharField(max_length=200)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "access_key",
                "app": "app",
                "pk_attr": "id",
                "table_description": "An AK/SK pair of an account's deployments. The SK is kept encrypted: signatures are checked with it.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="AgreementVersion",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("version", fields.IntField(unique=True)),
                ("title", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("text", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("content_hash", fields.CharField(max_length=64)),
                ("published_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "agreement_version",
                "app": "app",
                "pk_attr": "id",
                "table_description": "One published version; ``content_hash`` is the SHA-256 (hex) of its canonical texts in every language.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="BillingDay",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "app.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("day", fields.DateField()),
                ("quantity", fields.IntField()),
                ("usage_revision", fields.BigIntField()),
                ("closed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "billing_day",
                "app": "app",
                "unique_together": (("account", "day"),),
                "pk_attr": "id",
                "table_description": "That an account's day was closed, with the count it came to and the newest usage that was looked at.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="ChannelBinding",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "app.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("channel", fields.CharField(max_length=40)),
                (
                    "state",
                    fields.CharEnumField(
                        description="PENDING: PENDING\nBOUND: BOUND\nUNBOUND: UNBOUND",
                        enum_type=BindingState,
                        max_length=10,
                    ),
                ),
                ("configuration", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("external_reference", fields.CharField(null=True, max_length=200)),
                ("continue_url", fields.CharField(null=True, max_length=2000)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("bound_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("unbound_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "channel_binding",
                "app": "app",
                "pk_attr": "id",
                "table_description": "That an account chose a settlement channel; ``external_reference`` is the channel's own name for the account.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Deployment",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "app.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("fingerprint", fields.CharField(max_length=128)),
                ("data_gateway_url", fields.CharField(max_length=2000)),
                ("dialing_test", fields.BooleanField(default=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("last_seen_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "deployment",
                "app": "app",
                "unique_together": (("account", "fingerprint"),),
                "pk_attr": "id",
                "table_description": "One self-hosted installation, known within its account by its fingerprint.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Edition",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "key",
                    fields.CharEnumField(
                        unique=True,
                        description="COMMUNITY: COMMUNITY\nPAY_AS_YOU_GO: PAY_AS_YOU_GO\nSUBSCRIPTION: SUBSCRIPTION\nLICENSED: LICENSED",
                        enum_type=EditionKey,
                        max_length=20,
                    ),
                ),
                ("position", fields.SmallIntField()),
                ("by_application", fields.BooleanField()),
                ("name", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("description", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("included", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("license_days", fields.IntField()),
            ],
            options={
                "table": "edition",
                "app": "app",
                "pk_attr": "id",
                "table_description": 'An edition as the catalog shows it. Texts are ``{"zh": ..., "en": ...}``.',
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Event",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "app.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("type", fields.CharField(max_length=60)),
                ("actor_kind", fields.CharField(max_length=20)),
                ("actor_id", fields.UUIDField(null=True)),
                ("actor_label", fields.CharField(max_length=254)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("before", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("after", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "event",
                "app": "app",
                "pk_attr": "id",
                "table_description": "One thing that happened: what, who did it, when (on the account's clock), and the state before and after.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("scope", fields.CharField(max_length=80)),
                ("key", fields.CharField(max_length=255)),
                ("operation", fields.CharField(max_length=80)),
                ("input_hash", fields.BinaryField()),
                ("result", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "idempotency_key",
                "app": "app",
                "unique_together": (("scope", "key"),),
                "pk_attr": "id",
                "table_description": "``(scope, key)`` names a request; ``result`` is its answer as references to rows and sealed scalars.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="JournalTransaction",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "app.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kind", fields.CharField(max_length=40)),
                ("reference", fields.UUIDField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "journal_transaction",
                "app": "app",
                "unique_together": (("kind", "reference"),),
                "pk_attr": "id",
                "table_description": "One movement of money; its entries sum to zero. ``(kind, reference)`` names what caused it, once.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="JournalEntry",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "transaction",
                    fields.ForeignKeyField(
                        "app.JournalTransaction",
                        source_field="transaction_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("ledger_account", fields.CharField(max_length=60)),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
            ],
            options={
                "table": "journal_entry",
                "app": "app",
                "pk_attr": "id",
                "table_description": "One side of a movement: a debit is positive, a credit negative, in minor units of ``currency``.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="License",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "app.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "edition",
                    fields.CharEnumField(
                        description="COMMUNITY: COMMUNITY\nPAY_AS_YOU_GO: PAY_AS_YOU_GO\nSUBSCRIPTION: SUBSCRIPTION\nLICENSED: LICENSED",
                        enum_type=EditionKey,
                        max_length=20,
                    ),
                ),
                ("label", fields.CharField(max_length=200)),
                ("text", fields.TextField(unique=False)),
                ("kid", fields.CharField(max_length=64)),
                (
                    "state",
                    fields.CharEnumField(
                        description="CREATED: CREATED\nACTIVE: ACTIVE\nREVOKED: REVOKED",
                        enum_type=LicenseState,
                        max_length=10,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("activated_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revoke_reason", fields.CharField(null=True, max_length=500)),
                (
                    "deployment",
                    fields.ForeignKeyField(
                        "app.Deployment",
                        source_field="deployment_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "license",
                "app": "app",
                "pk_attr": "id",
                "table_description": "A signed license. ``text`` is the one line that is copied to the deployment.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="PricePlan",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "edition",
                    fields.CharEnumField(
                        description="COMMUNITY: COMMUNITY\nPAY_AS_YOU_GO: PAY_AS_YOU_GO\nSUBSCRIPTION: SUBSCRIPTION\nLICENSED: LICENSED",
                        enum_type=EditionKey,
                        max_length=20,
                    ),
                ),
                ("version", fields.IntField()),
                ("meter", fields.CharField(max_length=40)),
                ("unit_price_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                ("minimum_quantity", fields.IntField()),
                ("free_period_seconds", fields.IntField()),
                ("time_zone", fields.CharField(max_length=64)),
                ("valid_from", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "price_plan",
                "app": "app",
                "unique_together": (("edition", "version"),),
                "pk_attr": "id",
                "table_description": "One version of an edition's price. Rows are never changed: a new price is a new version.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Charge",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "app.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "plan",
                    fields.ForeignKeyField(
                        "app.PricePlan",
                        source_field="plan_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="DAILY: DAILY\nADJUSTMENT: ADJUSTMENT", enum_type=ChargeKind, max_length=12
                    ),
                ),
                ("day", fields.DateField()),
                ("sequence", fields.IntField()),
                ("quantity", fields.IntField()),
                ("billed_quantity", fields.IntField()),
                ("units", fields.IntField()),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                ("raised_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "charge",
                "app": "app",
                "unique_together": (("account", "day", "sequence"),),
                "pk_attr": "id",
                "table_description": "What an account owes for one billing day, or a correction of that; rows are never changed.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="RequestNonce",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "access_key",
                    fields.ForeignKeyField(
                        "app.AccessKey",
                        source_field="access_key_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("nonce", fields.CharField(max_length=128)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "request_nonce",
                "app": "app",
                "unique_together": (("access_key", "nonce"),),
                "pk_attr": "id",
                "table_description": "A nonce seen in a signed request, kept until its signature is too old to be accepted again.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Settlement",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "charge",
                    fields.OneToOneField(
                        "app.Charge",
                        source_field="charge_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("account_id", fields.UUIDField(db_index=True)),
                (
                    "binding",
                    fields.ForeignKeyField(
                        "app.ChannelBinding",
                        source_field="binding_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("channel", fields.CharField(max_length=40)),
                (
                    "state",
                    fields.CharEnumField(
                        description="PENDING: PENDING\nACCEPTED: ACCEPTED\nSETTLED: SETTLED\nNEEDS_ATTENTION: NEEDS_ATTENTION",
                        enum_type=SettlementState,
                        max_length=20,
                    ),
                ),
                ("attempts", fields.IntField(default=0)),
                ("next_attempt_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("provider_reference", fields.CharField(null=True, max_length=200)),
                ("reason", fields.CharField(null=True, max_length=1000)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "settlement",
                "app": "app",
                "pk_attr": "id",
                "table_description": "The collecting of one charge through the channel that it was raised for.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="SigningKey",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("kid", fields.CharField(unique=True, max_length=64)),
                ("public_key", fields.BinaryField()),
                ("private_key_encrypted", fields.BinaryField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "signing_key",
                "app": "app",
                "pk_attr": "id",
                "table_description": "An Ed25519 key pair: the public half as raw bytes, the private half encrypted at rest.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Upgrade",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "app.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "edition",
                    fields.CharEnumField(
                        description="COMMUNITY: COMMUNITY\nPAY_AS_YOU_GO: PAY_AS_YOU_GO\nSUBSCRIPTION: SUBSCRIPTION\nLICENSED: LICENSED",
                        enum_type=EditionKey,
                        max_length=20,
                    ),
                ),
                (
                    "plan",
                    fields.ForeignKeyField(
                        "app.PricePlan",
                        source_field="plan_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="AGREEMENT_PENDING: AGREEMENT_PENDING\nCHANNEL_PENDING: CHANNEL_PENDING\nFREE_PERIOD: FREE_PERIOD\nACTIVE: ACTIVE\nLAPSED: LAPSED\nREPLACED: REPLACED",
                        enum_type=UpgradeState,
                        max_length=20,
                    ),
                ),
                ("acceptance_id", fields.UUIDField(null=True)),
                ("chosen_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("upgraded_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("free_period_ends_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("activated_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("first_billed_day", fields.DateField(null=True)),
                ("billed_through", fields.DateField(null=True)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "upgrade",
                "app": "app",
                "pk_attr": "id",
                "table_description": "An account's way to a commercial edition, from the choice of the edition to its end.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="UsageHour",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("account_id", fields.UUIDField()),
                ("deployment_id", fields.UUIDField()),
                ("hour", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("data_kits", ArrayField(element_type="TEXT")),
                ("data_kit_count", fields.IntField()),
                ("revision", fields.BigIntField()),
            ],
            options={
                "table": "usage_hour",
                "app": "app",
                "unique_together": (("deployment_id", "hour"),),
                "indexes": [Index(fields=["account_id", "hour"])],
                "pk_attr": "id",
                "table_description": "The set of DataKits that reported in one hour of one deployment.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="User",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("email", fields.CharField(unique=True, max_length=254)),
                ("name", fields.CharField(max_length=200)),
                ("password_hash", fields.CharField(max_length=200)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "user_account",
                "app": "app",
                "pk_attr": "id",
                "table_description": "A person who signs in.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Acceptance",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "app.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "agreement",
                    fields.ForeignKeyField(
                        "app.AgreementVersion",
                        source_field="agreement_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "user",
                    fields.ForeignKeyField(
                        "app.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("content_hash", fields.CharField(max_length=64)),
                ("accepted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("address", fields.CharField(max_length=64)),
            ],
            options={
                "table": "acceptance",
                "app": "app",
                "unique_together": (("account", "agreement"),),
                "pk_attr": "id",
                "table_description": "That a member accepted a version for an account: who, when and from where.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="AccessToken",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "app.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="SESSION: SESSION\nPERSONAL: PERSONAL", enum_type=TokenKind, max_length=10
                    ),
                ),
                ("name", fields.CharField(max_length=200)),
                ("token_hash", fields.BinaryField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "access_token",
                "app": "app",
                "pk_attr": "id",
                "table_description": "A bearer token, of which only the SHA-256 is kept.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Membership",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "app.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "user",
                    fields.ForeignKeyField(
                        "app.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "role",
                    fields.CharEnumField(
                        description="OWNER: OWNER\nADMIN: ADMIN\nVIEWER: VIEWER", enum_type=Role, max_length=10
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "membership",
                "app": "app",
                "unique_together": (("account", "user"),),
                "pk_attr": "id",
                "table_description": "A user's role in an account.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="StaffAssignment",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "app.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "role",
                    fields.CharEnumField(
                        description="ACCOUNT_MANAGER: ACCOUNT_MANAGER\nFINANCE: FINANCE\nOPERATOR: OPERATOR",
                        enum_type=StaffRole,
                        max_length=20,
                    ),
                ),
            ],
            options={
                "table": "staff_assignment",
                "app": "app",
                "unique_together": (("user", "role"),),
                "pk_attr": "id",
                "table_description": "A staff role that a user holds.",
            },
            bases=["Record"],
        ),
    ]

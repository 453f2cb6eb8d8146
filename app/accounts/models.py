"""Accounts, the people who belong to them, and what they sign in with."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField

from app import clock
from app.catalog.keys import EditionKey
from app.codes import DIGEST
from app.db.models import Row
from app.described import DescribedEnum


class Role(DescribedEnum):
    """What a member may do in an account."""

    OWNER = "OWNER", "Everything, members included.", "所有者"
    ADMIN = "ADMIN", "Everything but members.", "管理员"
    FINANCE = (
        "FINANCE",
        "See to money: prepaid balance, top-ups, vouchers, invoices, budgets. Look at everything else.",
        "财务",
    )
    VIEWER = "VIEWER", "Look at everything.", "查看者"


ADMINISTRATORS = frozenset({Role.OWNER, Role.ADMIN})
"""Who may change what belongs to an account, and is notified of what happens to it."""


ACCOUNTANTS = ADMINISTRATORS | {Role.FINANCE}
"""Who may see to an account's money, and is notified of what happens to that: no license, edition or channel."""


class StaffRole(DescribedEnum):
    """What a member of the vendor's staff may do."""

    ACCOUNT_MANAGER = "ACCOUNT_MANAGER", "Look after customers.", "客户经理"
    FINANCE = "FINANCE", "Look after money: top-ups, charges, credits, vouchers, invoices and the books.", "财务人员"
    OPERATOR = "OPERATOR", "Run the service.", "运维人员"
    AUDITOR = "AUDITOR", "Read what all the others read, and change nothing.", "审计人员"


class Language(DescribedEnum):
    """A language in which the billing center speaks."""

    ZH = "ZH", "Chinese."
    EN = "EN", "English."


class User(Row):
    """A person who signs in. Without ``confirmed_at`` nobody proved that the address is theirs, and it counts for
    nothing but signing in. Without ``password_hash`` there is no password, but other ways in. A user may be a member of
    no account: staff, and whoever has still to be invited."""

    email = fields.CharField(max_length=254, unique=True)
    name = fields.CharField(max_length=200)
    password_hash = fields.CharField(max_length=200, null=True)
    confirmed_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    language = fields.CharEnumField(Language, max_length=2, null=True)
    phone = fields.CharField(max_length=30, null=True)

    class Meta:
        table = "user_account"


class StaffAssignment(Row):
    """A staff role that a user holds."""

    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("app.User", on_delete=fields.RESTRICT)
    user_id: UUID
    role = fields.CharEnumField(StaffRole, max_length=20)

    class Meta:
        table = "staff_assignment"
        unique_together = (("user", "role"),)


class Account(Row):
    """A customer. ``clock_offset_seconds`` moves a sandbox account's clock ahead of the world's; else it is 0."""

    name = fields.CharField(max_length=200)
    edition = fields.CharEnumField(EditionKey, max_length=20, default=EditionKey.COMMUNITY)
    sandbox = fields.BooleanField(default=False)
    clock_offset_seconds = fields.BigIntField(default=0)
    created_at = fields.DatetimeField()
    industry = fields.CharField(max_length=100, null=True)
    contact_name = fields.CharField(max_length=100, null=True)
    contact_phone = fields.CharField(max_length=30, null=True)

    class Meta:
        table = "account"

    def now(self) -> datetime:
        """The present instant on this account's clock."""
        return clock.now() + timedelta(seconds=self.clock_offset_seconds)


class Membership(Row):
    """A user's role in an account."""

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("app.Account", on_delete=fields.RESTRICT)
    account_id: UUID
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("app.User", on_delete=fields.RESTRICT)
    user_id: UUID
    role = fields.CharEnumField(Role, max_length=10)
    created_at = fields.DatetimeField()

    class Meta:
        table = "membership"
        unique_together = (("account", "user"),)


class TokenKind(StrEnum):
    """A session ends by itself; a personal access token, and an account's service token, when its maker says so."""

    SESSION = "SESSION"
    PERSONAL = "PERSONAL"
    SERVICE = "SERVICE"


class TokenScope(DescribedEnum):
    """What a token may do besides reading. One without any reads only."""

    ACCOUNT = "ACCOUNT", "What administrators do: editions, channels, licenses, deployments, webhooks.", "账户"
    MONEY = "MONEY", "What the role FINANCE does: top-ups, codes, invoices, budgets.", "资金"
    MEMBERS = "MEMBERS", "What owners do: members and service tokens.", "成员"
    STAFF = "STAFF", "Be staff, as the token's maker is; without it, the token is no staff's.", "工作人员"


class AccessToken(Row):
    """A bearer token, of which only the SHA-256 is kept; ``last_used_at`` is noted once an hour at most.

    ``network`` is a keyed hash of where a session was opened from, and ``two_factors`` whether it was with two factors.
    ``scopes``: what it may do; without them, everything that its user may. A service token is no user's: it has a
    ``role`` in an ``account``.
    """

    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "app.User", null=True, on_delete=fields.RESTRICT
    )
    user_id: UUID | None
    account: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "app.Account", null=True, on_delete=fields.RESTRICT
    )
    account_id: UUID | None
    role = fields.CharEnumField(Role, max_length=10, null=True)
    scopes: list[str] | None = ArrayField(element_type="text", null=True)
    kind = fields.CharEnumField(TokenKind, max_length=10)
    name = fields.CharField(max_length=200)
    token_hash = fields.BinaryField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True)
    network = fields.CharField(max_length=64, null=True)
    two_factors = fields.BooleanField(default=False)

    class Meta:
        table = "access_token"


class SecondFactor(Row):
    """What a user signs in with besides the password: one-time codes by time (TOTP, RFC 6238), or recovery codes.

    It counts once it was confirmed with a code. A code is good once: ``last_step`` is that of the newest that was used.
    Of recovery codes only the digests are kept, of those that are left.
    """

    user: fields.OneToOneRelation[User] = fields.OneToOneField("app.User", on_delete=fields.RESTRICT)
    user_id: UUID
    secret_encrypted = fields.BinaryField()
    confirmed_at = fields.DatetimeField(null=True)
    last_step = fields.BigIntField(default=0)
    recovery: list[str] = ArrayField(element_type="text")

    class Meta:
        table = "second_factor"


class Identity(Row):
    """Whom a sign-in provider (OpenID Connect) knows a user as: ``subject`` is the provider's name for the person,
    which never changes; ``email`` is what it said last, and nothing is found by it."""

    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("app.User", on_delete=fields.RESTRICT)
    user_id: UUID
    issuer = fields.CharField(max_length=500)
    subject = fields.CharField(max_length=255)
    email = fields.CharField(max_length=254, null=True)
    created_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "user_identity"
        unique_together = (("issuer", "subject"),)
        indexes = (("user_id", "id"),)


class SignInAttempt(Row):
    """That a browser began to sign in by a provider, or its ``user`` to link an identity: it has the ``secret``, and
    the provider sends it back with the ``state``; of both only the SHA-256 is kept.

    ``asked_at`` is when the provider was asked whom it is, once; ``person_encrypted`` is what it said, until it is
    finished.
    """

    provider = fields.CharField(max_length=50)
    state = fields.BinaryField()
    secret = fields.BinaryField()
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "app.User", null=True, on_delete=fields.RESTRICT
    )
    user_id: UUID | None
    expires_at = fields.DatetimeField()
    asked_at = fields.DatetimeField(null=True)
    person_encrypted = fields.BinaryField(null=True)

    class Meta:
        table = "sign_in_attempt"


class Passkey(Row):
    """A WebAuthn credential that a user signs in by: its public key, and how often its device says that it was used."""

    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("app.User", on_delete=fields.RESTRICT)
    user_id: UUID
    credential_id = fields.BinaryField()
    public_key = fields.BinaryField()
    sign_count = fields.BigIntField()
    name = fields.CharField(max_length=100)
    created_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "passkey"
        indexes = (("user_id", "id"),)


class PasskeyChallenge(Row):
    """What a passkey is to sign, once: of ``challenge`` only the SHA-256 is kept. With a user it adds a passkey."""

    challenge = fields.BinaryField()
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "app.User", null=True, on_delete=fields.RESTRICT
    )
    user_id: UUID | None
    expires_at = fields.DatetimeField()

    class Meta:
        table = "passkey_challenge"


class Registration(Row):
    """That somebody wants to register with an e-mail address, whether or not somebody did already.

    The worker mails a code, of which only the digest is kept; without ``mail_at`` it has been mailed.
    """

    email = fields.CharField(max_length=254, db_index=True)
    code = fields.CharField(max_length=DIGEST, null=True, db_index=True)
    mail_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField()

    class Meta:
        table = "registration"


class Invitation(Row):
    """That an account's owner wants somebody as a member, or the operator (without an account) as staff.

    Whoever has the code accepts it, of which only the digest is kept. The worker mails it, or else whoever invites
    hands it over; without ``mail_at`` there is nothing to mail.
    """

    account: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "app.Account", null=True, on_delete=fields.RESTRICT
    )
    account_id: UUID | None
    email = fields.CharField(max_length=254)
    role = fields.CharEnumField(Role, max_length=10, null=True)
    staff_role = fields.CharEnumField(StaffRole, max_length=20, null=True)
    code = fields.CharField(max_length=DIGEST, null=True, db_index=True)
    invited_by = fields.CharField(max_length=254)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    mail_at = fields.DatetimeField(null=True)
    accepted_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "invitation"
        indexes = (("account_id", "id"),)


class PasswordReset(Row):
    """That somebody asked to set another password for an e-mail address, whether or not somebody registered with it.

    The worker mails a token, of which only the SHA-256 is kept; without ``mail_at`` it has been mailed.
    """

    email = fields.CharField(max_length=254, db_index=True)
    token_hash = fields.BinaryField(null=True)
    mail_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField()

    class Meta:
        table = "password_reset"


class SecurityChange(StrEnum):
    """What changed about how a user signs in."""

    PASSWORD_SET = "PASSWORD_SET"  # noqa: S105
    SECOND_FACTOR_ADDED = "SECOND_FACTOR_ADDED"
    SECOND_FACTOR_REMOVED = "SECOND_FACTOR_REMOVED"
    PASSKEY_ADDED = "PASSKEY_ADDED"
    PASSKEY_REMOVED = "PASSKEY_REMOVED"
    IDENTITY_LINKED = "IDENTITY_LINKED"
    IDENTITY_UNLINKED = "IDENTITY_UNLINKED"
    TOKEN_CREATED = "TOKEN_CREATED"  # noqa: S105


class SecurityNotice(Row):
    """That a user is to be told by mail what changed; without ``mail_at`` it was mailed."""

    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("app.User", on_delete=fields.RESTRICT)
    user_id: UUID
    change = fields.CharEnumField(SecurityChange, max_length=30)
    about = fields.CharField(max_length=200, null=True)
    happened_at = fields.DatetimeField()
    mail_at = fields.DatetimeField(null=True, db_index=True)
    expires_at = fields.DatetimeField()

    class Meta:
        table = "security_notice"


class EmailChange(Row):
    """That a user asked for another e-mail address, and, with the ``former`` one, that it was changed, and when.

    The worker mails a code to each of both addresses, of which only digests are kept (``app.codes``), and afterwards
    tells the former one; without ``mail_at`` it has. Without codes nothing can be confirmed.
    """

    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("app.User", on_delete=fields.RESTRICT)
    user_id: UUID
    email = fields.CharField(max_length=254)
    former = fields.CharField(max_length=254, null=True)
    changed_at: datetime | None = fields.DatetimeField(null=True)
    old_code = fields.CharField(max_length=DIGEST, null=True)
    new_code = fields.CharField(max_length=DIGEST, null=True)
    tries = fields.IntField(default=0)
    mail_at = fields.DatetimeField(null=True, db_index=True)
    expires_at = fields.DatetimeField()

    class Meta:
        table = "email_change"
        indexes = (("user_id", "id"),)

"""Users, memberships, tokens, access keys."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from app.accounts.models import AccessToken as AccessTokenRow
from app.accounts.models import Membership as MembershipRow
from app.accounts.models import TokenKind
from app.accounts.models import User as UserRow
from app.api.context import Context
from app.api.enums import Role
from app.api.node import Info, Node
from app.deployments.models import AccessKey as AccessKeyRow


@strawberry.type(description="A person who signs in.")
class User(Node):
    """A row of ``user_account``."""

    record: strawberry.Private[UserRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> User | None:
        row = await UserRow.get_or_none(id=key)
        return cls.of(row) if row else None

    async def visible(self, context: Context) -> bool:
        viewer = await context.viewer()
        return viewer is not None and (viewer.user.id == self.record.id or bool(viewer.staff_roles))

    @strawberry.field(description="The address that the user signs in with.")
    def email(self) -> str:
        return self.record.email

    @strawberry.field(description="The user's name.")
    def name(self) -> str:
        return self.record.name

    @strawberry.field(description="When the user registered.")
    def created_at(self) -> datetime:
        return self.record.created_at


@strawberry.type(description="A user's role in an account.")
class Membership(Node):
    """A row of ``membership``."""

    record: strawberry.Private[MembershipRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Membership | None:
        row = await MembershipRow.get_or_none(id=key)
        return cls.of(row) if row else None

    @strawberry.field(description="What the member may do.")
    def role(self) -> Role:
        return self.record.role

    @strawberry.field(description="Since when.")
    def created_at(self) -> datetime:
        return self.record.created_at

    @strawberry.field(description="The member.")
    async def user(self, info: Info) -> User:
        return User.of(await UserRow.get(id=self.record.user_id))


@strawberry.type
class BearerToken:
    """What tokens of every kind have."""

    record: strawberry.Private[AccessTokenRow]

    async def visible(self, context: Context) -> bool:
        viewer = await context.viewer()
        return viewer is not None and viewer.user.id == self.record.user_id

    @strawberry.field(description="When it was made.")
    def created_at(self) -> datetime:
        return self.record.created_at

    @strawberry.field(description="When it was last used, noted once an hour at most; null if never.")
    def last_used_at(self) -> datetime | None:
        return self.record.last_used_at

    @strawberry.field(description="When it ends by itself.")
    def expires_at(self) -> datetime | None:
        return self.record.expires_at

    @strawberry.field(description="When it was revoked.")
    def revoked_at(self) -> datetime | None:
        return self.record.revoked_at


@strawberry.type(description="A bearer token for scripts; its secret was shown once.")
class PersonalAccessToken(BearerToken, Node):
    """A row of ``access_token`` of the kind PERSONAL."""

    record: strawberry.Private[AccessTokenRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> PersonalAccessToken | None:
        row = await AccessTokenRow.get_or_none(id=key, kind=TokenKind.PERSONAL)
        return cls.of(row) if row else None

    @strawberry.field(description="What its maker called it.")
    def name(self) -> str:
        return self.record.name


@strawberry.type(description="That a user signed in, until signing out.")
class Session(BearerToken, Node):
    """A row of ``access_token`` of the kind SESSION."""

    record: strawberry.Private[AccessTokenRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Session | None:
        row = await AccessTokenRow.get_or_none(id=key, kind=TokenKind.SESSION)
        return cls.of(row) if row else None

    @strawberry.field(description="Whether this request was made with it.")
    async def current(self, info: Info) -> bool:
        viewer = await info.context.viewer()
        return viewer is not None and viewer.token.id == self.record.id


@strawberry.type(description="An AK/SK pair of an account's deployments; the SK was shown once.")
class AccessKey(Node):
    """A row of ``access_key``."""

    record: strawberry.Private[AccessKeyRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> AccessKey | None:
        row = await AccessKeyRow.get_or_none(id=key)
        return cls.of(row) if row else None

    @strawberry.field(description="The access key id.")
    def ak(self) -> str:
        return self.record.ak

    @strawberry.field(description="What its maker called it.")
    def label(self) -> str:
        return self.record.label

    @strawberry.field(description="When it was made.")
    def created_at(self) -> datetime:
        return self.record.created_at

    @strawberry.field(description="When it was revoked.")
    def revoked_at(self) -> datetime | None:
        return self.record.revoked_at

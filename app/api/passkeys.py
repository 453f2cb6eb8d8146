"""Passkeys: a user signs in by what a device or a browser keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from app.accounts import passkeys
from app.accounts.models import Passkey as PasskeyRow
from app.accounts.models import User as UserRow
from app.accounts.tokens import Viewer, open_session
from app.api.arguments import IdOf
from app.api.context import Context, Info
from app.api.fields import argument, column
from app.api.mutation import mutation
from app.api.node import Node
from app.api.throttles import codes, network_of, sign_ins
from app.api.users import User
from app.errors import InvalidCredentials, LimitExceeded, RecentSignInRequired

PasskeyID = Annotated[UUID, IdOf("Passkey", "The passkey's global id.")]
PasskeyName = Annotated[str, argument("What to call it, 1 to 100 characters.")]


@strawberry.type(description="What a device or a browser keeps for a user to sign in by.")
class Passkey(Node, table=PasskeyRow):
    """A row of ``passkey``."""

    async def visible(self, context: Context) -> bool:
        viewer = await context.viewer()
        return viewer is not None and viewer.token.user_id == self.row.user_id

    name: str = column("What the user called it.")
    created_at: datetime = column("Since when it is known.")
    last_used_at: datetime | None = column("When the user last signed in by it; null if never.")


@strawberry.type
class PasskeyMutations:
    """For everyone, and for what is one's own."""

    @mutation(
        description="Begin to sign in by a passkey, within five minutes.",
        done="Give the options to the browser.",
        answers={"options": (JSON, "What PublicKeyCredential.parseRequestOptionsFromJSON takes.")},
        throttled=sign_ins,
        counted=True,
    )
    async def begin_passkey_sign_in(self) -> dict[str, Any]:
        return await passkeys.begin_sign_in()

    @mutation(
        InvalidCredentials,
        description="Sign in by a passkey. It stands for both factors, since the device verified its user.",
        done="Signed in.",
        answers={"user": (User, "The user."), "token": (str, "A session's bearer token. Shown this once.")},
        throttled=codes,
    )
    async def complete_passkey_sign_in(
        self,
        info: Info,
        credential: Annotated[JSON, argument("The browser's answer: the credential's toJSON().")],
    ) -> tuple[UserRow, str]:
        user = await passkeys.sign_in(credential)
        info.context.named = user.email
        _, token = await open_session(user, network_of(info.context.address), two_factors=True)
        return user, token

    @mutation(
        RecentSignInRequired,
        LimitExceeded,
        description="Begin to add a passkey, in a session that was opened within a quarter of an hour.",
        done="Give the options to the browser.",
        answers={"options": (JSON, "What PublicKeyCredential.parseCreationOptionsFromJSON takes.")},
    )
    async def begin_passkey_registration(self, viewer: Viewer) -> dict[str, Any]:
        return await passkeys.begin_registration(viewer.check_recent())

    @mutation(
        RecentSignInRequired,
        InvalidCredentials,
        description="Add a passkey.",
        done="You may sign in by it.",
        answers={"passkey": (Passkey, "The passkey.")},
        throttled=codes,
    )
    async def complete_passkey_registration(
        self,
        viewer: Viewer,
        credential: Annotated[JSON, argument("The browser's answer: the credential's toJSON().")],
        name: PasskeyName,
    ) -> PasskeyRow:
        return await passkeys.register(viewer.check_recent(), credential, name)

    @mutation(
        description="Give a passkey another name.",
        done="It has the name.",
        answers={"passkey": (Passkey, "The passkey.")},
    )
    async def rename_passkey(self, viewer: Viewer, passkey_id: PasskeyID, name: PasskeyName) -> PasskeyRow:
        return await passkeys.rename(viewer.user, passkey_id, name)

    @mutation(
        RecentSignInRequired,
        description="No longer sign in by a passkey. Sessions stay: end them with endSession.",
        done="It is gone.",
        answers={"passkey": (Passkey, "The passkey that it was.")},
    )
    async def remove_passkey(self, viewer: Viewer, passkey_id: PasskeyID) -> PasskeyRow:
        return await passkeys.remove(viewer.check_recent(), passkey_id)

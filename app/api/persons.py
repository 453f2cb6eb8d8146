"""What is kept of whoever asks: to take along, and to be erased."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import strawberry
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from tortoise.transactions import in_transaction

from app.accounts import passwords
from app.accounts.tokens import Viewer
from app.api.context import Info
from app.api.downloads import refused
from app.api.fields import argument
from app.api.links import FileContext
from app.api.mutation import mutation
from app.api.throttles import own_password
from app.errors import BillingError, InvalidCredentials, LastOwner, RecentSignInRequired
from app.events.broker import EventBroker
from app.journey import persons
from app.settlement.host import ChannelHost

PATH = "/personal-data.ndjson"


def person_file(host: ChannelHost, broker: EventBroker) -> Route:
    """The route of what is kept of the signed-in user: a JSON object a line, each a row, with its ``table``."""
    return Route(PATH, partial(_download, host=host, broker=broker), methods=["GET"])


async def _download(request: Request, host: ChannelHost, broker: EventBroker) -> Response:
    context = FileContext(request, host, broker)
    try:
        viewer = await context.signed_in()
        viewer.check_scope(None)
        user = viewer.user
    except BillingError as error:
        return refused(error, context.locale)
    headers = {"Content-Disposition": 'attachment; filename="personal-data.ndjson"', "Cache-Control": "no-store"}
    return StreamingResponse(persons.export(user), media_type="application/x-ndjson", headers=headers)


@strawberry.type
class PersonMutations:
    """For oneself."""

    @mutation(
        InvalidCredentials,
        RecentSignInRequired,
        LastOwner,
        description="Erase yourself: you cannot sign in any more, your memberships, roles and tokens end, and what you "
        "did says `erased` instead of who did it. Books and agreements stay. Take your data along first "
        "(`viewer { personalData }`). Of an account that is commercial, or has other members, somebody else must be "
        "owner.",
        done="You are erased.",
        answers={"erased": (bool, "True.")},
        transaction=False,
        lane="passwords",
        throttled=own_password,
    )
    async def erase_myself(
        self,
        info: Info,
        viewer: Viewer,
        password: Annotated[
            str | None, argument("Your password; who has none is to have signed in within a quarter of an hour.")
        ] = None,
    ) -> bool:
        if viewer.user.password_hash is None:
            viewer.check_recent()
        else:
            await passwords.check_own(viewer, password or "", "password")
        async with in_transaction():
            await persons.erase(viewer.user, info.context.actor(viewer))
        return True

"""What an account is called, and what it says of itself."""

from __future__ import annotations

from typing import Annotated

import strawberry

from app.accounts.models import ADMINISTRATORS
from app.accounts.models import Account as AccountRow
from app.accounts.profile import rename_account, set_profile
from app.api.fields import argument, column
from app.api.mutation import mutation
from app.api.owned import LazyAccount, OfAccount
from app.api.users import OrganizationName
from app.events.recording import Actor


@strawberry.type
class ProfileOfAccount(OfAccount):
    """What an account says of itself."""

    industry: str | None = column("The organisation's industry.")
    contact_name: str | None = column("Whom the vendor talks to.")
    contact_phone: str | None = column("The contact's phone number.")


@strawberry.type
class ProfileMutations:
    """For administrators."""

    @mutation(
        description="Call the account something else. What was issued keeps the name that it has.",
        done="The account has that name.",
        answers={"account": (LazyAccount, "The account.")},
        member=ADMINISTRATORS,
    )
    async def rename_account(self, account: AccountRow, actor: Actor, name: OrganizationName) -> AccountRow:
        return await rename_account(account, name, actor)

    @mutation(
        description="Say in which industry the account is, and whom the vendor talks to. What is left out is cleared.",
        done="The profile is as given.",
        answers={"account": (LazyAccount, "The account.")},
        member=ADMINISTRATORS,
    )
    async def set_account_profile(
        self,
        account: AccountRow,
        actor: Actor,
        industry: Annotated[str | None, argument("The organisation's industry, 1 to 100 characters.")] = None,
        contact_name: Annotated[str | None, argument("Whom the vendor talks to, 1 to 100 characters.")] = None,
        contact_phone: Annotated[str | None, argument("The contact's phone number.")] = None,
    ) -> AccountRow:
        return await set_profile(account, industry, contact_name, contact_phone, actor)

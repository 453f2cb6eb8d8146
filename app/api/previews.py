"""What a month would have cost by a price, before it is published."""

from __future__ import annotations

from typing import Annotated

import strawberry

from app.api.arguments import MonthOf, Sandboxes
from app.api.audience import staff_field
from app.api.catalog import OPERATORS, GroupKey, PriceTermsInput, of_terms
from app.api.context import Info
from app.api.enums import EditionKey
from app.api.fields import View, argument, column
from app.api.money import Money, from_minor
from app.api.node import encode_id
from app.catalog.queries import find_group
from app.catalog.texts import price_texts
from app.statements import preview
from app.statements.reports import Asked


@strawberry.type(description="What an account's days of a month come to by the prices that they had, and by another.")
class AccountPreview(View):
    """A row of the preview."""

    row: strawberry.Private[preview.AccountPreview]

    account_id: strawberry.ID = column("The account's global id.", lambda row: encode_id("Account", row.account_id))
    account_name: str = column("The organisation's name.", "account")
    days: int = column("How many days.")
    priced: Money = column("What they came to, before discounts.", from_minor("priced_minor"))
    would_cost: Money = column("What they would have come to, before discounts.", from_minor("would_cost_minor"))


@strawberry.type(description="What the days of a month that are closed would have come to by a price.")
class PricePreview(View):
    """A preview."""

    row: strawberry.Private[preview.Preview]

    accounts: int = column("How many accounts have such days.")
    days: int = column("How many days of theirs.")
    priced: Money = column(
        "What they came to by the prices that they had, before discounts.", from_minor("priced_minor")
    )
    would_cost: Money = column(
        "What they would have come to by this price, before discounts.", from_minor("would_cost_minor")
    )
    largest: list[AccountPreview] = column(
        "The accounts for which that differs most, 20 at most.",
        lambda row: [AccountPreview.of(each) for each in row.largest],
    )

    @strawberry.field(description="What a day costs in words, a sentence a line, in the language of Accept-Language.")
    async def texts(self, info: Info) -> list[str]:
        return price_texts(self.row.plan, await info.context.loaders.meters.load(self.row.plan.meter))[
            info.context.locale
        ]


@strawberry.type
class PreviewQueries:
    """For operators."""

    @staff_field(
        "What a month would have cost by a price that is not published: of each closed day of the edition and of the "
        "price's meter and currency, its quantity priced anew. Corrections that came later are left out.",
        *OPERATORS,
    )
    async def price_preview(
        self,
        info: Info,
        edition: Annotated[EditionKey, argument("The edition.")],
        terms: Annotated[PriceTermsInput, argument("The whole price.")],
        month: MonthOf = None,
        group: GroupKey = None,
        sandboxes: Sandboxes = False,
    ) -> PricePreview:
        found = await find_group(group) if group is not None else None
        first = Asked(month).first()
        with of_terms():
            return PricePreview.of(await preview.preview(edition, terms.columns(), first, found, sandboxes))

"""Applications, offers and contracts as the API shows them, and the account managers' queue."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from app.accounts.models import StaffRole
from app.api.billing import Charge
from app.api.context import Context
from app.api.enums import ApplicationState, ContractState, EditionKey, NoteKind
from app.api.money import Money, money
from app.api.node import Info, Node, encode_id
from app.api.owned import Owned
from app.api.pagination import After, Before, Connection, First, Last, page
from app.applications.models import Application as ApplicationRow
from app.applications.models import ApplicationNote as NoteRow
from app.applications.models import Offer as OfferRow
from app.contracts.models import Contract as ContractRow
from app.contracts.models import Instalment as InstalmentRow


@strawberry.type(description="What is due on a day of an offer's schedule.")
class ScheduledPayment:
    """A part of an offer's price."""

    due_on: date = strawberry.field(description="The day, in Asia/Shanghai.")
    amount: Money = strawberry.field(description="What is due.")


@strawberry.type(description="Terms offered for an application; they never change: other terms are a new offer.")
class Offer(Node):
    """A row of ``offer``."""

    record: strawberry.Private[OfferRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Offer | None:
        row = await OfferRow.get_or_none(id=key)
        return cls.of(row) if row else None

    @strawberry.field(description="The whole price.")
    def price(self) -> Money:
        return money(self.record.price_minor, self.record.currency)

    @strawberry.field(description="How many DataKits it allows; -1 is no limit.")
    def dk_limit(self) -> int:
        return self.record.dk_limit

    @strawberry.field(description="The first day, in Asia/Shanghai.")
    def starts_on(self) -> date:
        return self.record.starts_on

    @strawberry.field(description="The last day, in Asia/Shanghai.")
    def ends_on(self) -> date:
        return self.record.ends_on

    @strawberry.field(description="What is due when.")
    def schedule(self) -> list[ScheduledPayment]:
        return [
            ScheduledPayment(
                due_on=date.fromisoformat(part["due_on"]), amount=money(part["amount_minor"], self.record.currency)
            )
            for part in self.record.schedule
        ]

    @strawberry.field(description="Until when it can be accepted, exclusive.")
    def valid_until(self) -> datetime:
        return self.record.valid_until

    @strawberry.field(description="When it was made.")
    def made_at(self) -> datetime:
        return self.record.made_at


@strawberry.type(description="Something that an account manager wrote down. For staff.")
class ApplicationNote(Node):
    """A row of ``application_note``."""

    record: strawberry.Private[NoteRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> ApplicationNote | None:
        row = await NoteRow.get_or_none(id=key)
        return cls.of(row) if row else None

    async def visible(self, context: Context) -> bool:
        viewer = await context.viewer()
        return viewer is not None and StaffRole.ACCOUNT_MANAGER in viewer.staff_roles

    @strawberry.field(description="A note, or that the customer was contacted.")
    def kind(self) -> NoteKind:
        return self.record.kind

    @strawberry.field(description="What was written.")
    def text(self) -> str:
        return self.record.text

    @strawberry.field(description="Who wrote it.")
    def author(self) -> str:
        return self.record.author

    @strawberry.field(description="When, on the account's clock.")
    def at(self) -> datetime:
        return self.record.at


@strawberry.type(description="An account's application for an edition that is agreed upon with an account manager.")
class Application(Owned, Node):
    """A row of ``application``, with its account and manager."""

    record: strawberry.Private[ApplicationRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Application | None:
        row = await ApplicationRow.get_or_none(id=key).select_related("account", "manager")
        return cls.of(row) if row else None

    @strawberry.field(description="The global id of the account.")
    def account_id(self) -> strawberry.ID:
        return encode_id("Account", self.record.account_id)

    @strawberry.field(description="The organisation's name.")
    def account_name(self) -> str:
        return self.record.account.name

    @strawberry.field(description="The edition applied for.")
    def edition(self) -> EditionKey:
        return self.record.edition

    @strawberry.field(description="How far it has come.")
    def state(self) -> ApplicationState:
        return self.record.state_at(self.record.account.now())

    @strawberry.field(description="What the customer has to say.")
    def remarks(self) -> str:
        return self.record.remarks

    @strawberry.field(description="Whom to talk to.")
    def contact_name(self) -> str:
        return self.record.contact_name

    @strawberry.field(description="The contact's phone number; empty if not given.")
    def contact_phone(self) -> str:
        return self.record.contact_phone

    @strawberry.field(description="The contact's e-mail address; empty if not given.")
    def contact_email(self) -> str:
        return self.record.contact_email

    @strawberry.field(description="How many DataKits the customer expects.")
    def expected_data_kits(self) -> int:
        return self.record.expected_data_kits

    @strawberry.field(description="For how many months.")
    def term_months(self) -> int:
        return self.record.term_months

    @strawberry.field(description="When it was submitted.")
    def submitted_at(self) -> datetime:
        return self.record.submitted_at

    @strawberry.field(description="When it came to its final state.")
    def closed_at(self) -> datetime | None:
        return self.record.closed_at

    @strawberry.field(description="Why it was declined.")
    def reason(self) -> str | None:
        return self.record.reason

    @strawberry.field(description="The e-mail address of the account manager who took it.")
    async def manager(self) -> str | None:
        return self.record.manager.email if self.record.manager else None

    @strawberry.field(description="The newest offer, which replaced those before it.")
    async def offer(self) -> Offer | None:
        row = await OfferRow.filter(application_id=self.record.id).order_by("-id").first()
        return Offer.of(row) if row else None

    @strawberry.field(description="Every offer made.")
    async def offers(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Offer]:
        return await page(OfferRow.filter(application_id=self.record.id), Offer.of, first, after, last, before)

    @strawberry.field(description="The account managers' notes and contact log. For account managers.")
    async def notes(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ApplicationNote]:
        await info.context.staff(StaffRole.ACCOUNT_MANAGER)
        rows = NoteRow.filter(application_id=self.record.id)
        return await page(rows, ApplicationNote.of, first, after, last, before)


@strawberry.type(description="A part of a contract's price.")
class Instalment(Node):
    """A row of ``instalment``, with its contract's plan."""

    record: strawberry.Private[InstalmentRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Instalment | None:
        row = await InstalmentRow.get_or_none(id=key).select_related("contract__plan")
        return cls.of(row) if row else None

    @strawberry.field(description="The day, in Asia/Shanghai, with whose start it is charged.")
    def due_on(self) -> date:
        return self.record.due_on

    @strawberry.field(description="How much it is.")
    def amount(self) -> Money:
        return money(self.record.amount_minor, self.record.contract.plan.currency)

    @strawberry.field(description="The charge; null before it is due.")
    async def charge(self, info: Info) -> Charge | None:
        if self.record.charge_id is None:
            return None
        return Charge.of(await info.context.loaders.charges.load(self.record.charge_id))


@strawberry.type(description="An accepted offer: an edition for a term.")
class Contract(Node):
    """A row of ``contract``."""

    record: strawberry.Private[ContractRow]

    @classmethod
    async def load(cls, context: Context, key: UUID) -> Contract | None:
        row = await ContractRow.get_or_none(id=key)
        return cls.of(row) if row else None

    @strawberry.field(description="The edition.")
    def edition(self) -> EditionKey:
        return self.record.edition

    @strawberry.field(description="Whether it is in force.")
    def state(self) -> ContractState:
        return self.record.state

    @strawberry.field(description="How many DataKits it allows; -1 is no limit.")
    def dk_limit(self) -> int:
        return self.record.dk_limit

    @strawberry.field(description="The first day, in Asia/Shanghai: not before the day on which it was accepted.")
    def starts_on(self) -> date:
        return self.record.starts_on

    @strawberry.field(description="The last day, in Asia/Shanghai.")
    def ends_on(self) -> date:
        return self.record.ends_on

    @strawberry.field(description="When the offer was accepted.")
    def accepted_at(self) -> datetime:
        return self.record.accepted_at

    @strawberry.field(description="When it ended.")
    def ended_at(self) -> datetime | None:
        return self.record.ended_at

    @strawberry.field(description="The offer that was accepted.")
    async def offer(self) -> Offer:
        return Offer.of(await OfferRow.get(id=self.record.offer_id))

    @strawberry.field(description="What is charged when, 120 at most.")
    async def instalments(self) -> list[Instalment]:
        rows = InstalmentRow.filter(contract_id=self.record.id).order_by("position").select_related("contract__plan")
        return [Instalment.of(row) for row in await rows]


@strawberry.type
class ApplicationQueries:
    """For account managers."""

    @strawberry.field(description="Every account's applications, oldest first: the queue. For account managers.")
    async def applications(
        self,
        info: Info,
        state: Annotated[ApplicationState | None, strawberry.argument(description="Only those in this state.")] = None,
        edition: Annotated[EditionKey | None, strawberry.argument(description="Only those for this edition.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Application]:
        await info.context.staff(StaffRole.ACCOUNT_MANAGER)
        asked = {"state": state, "edition": edition}
        rows = ApplicationRow.filter(**{name: value for name, value in asked.items() if value is not None})
        return await page(rows.select_related("account", "manager"), Application.of, first, after, last, before)

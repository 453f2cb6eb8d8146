"""Applications for editions that are agreed upon with an account manager, and what is offered for them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry
from tortoise.queryset import QuerySet

from app.accounts.models import ADMINISTRATORS, StaffRole
from app.accounts.models import Account as AccountRow
from app.accounts.tokens import Viewer
from app.api.arguments import IdOf
from app.api.context import Context, Info
from app.api.enums import ApplicationState, EditionKey, NoteKind
from app.api.fields import argument, column
from app.api.money import Money, from_minor, money
from app.api.mutation import mutation
from app.api.node import Node
from app.api.owned import OfAccount, Owned
from app.api.pagination import connection, filtered, listed
from app.api.watching import Sandboxes as Watched
from app.api.watching import changed
from app.applications import handling, offers
from app.applications.applying import Request, apply
from app.applications.models import Application as ApplicationRow
from app.applications.models import ApplicationNote as NoteRow
from app.applications.models import Offer as OfferRow
from app.applications.queries import in_state
from app.constants import LONGEST_REMARK, MOST_DATA_KITS
from app.errors import ApplicationConflict
from app.events.recording import Actor
from app.inputs import minor_units

MANAGERS = (StaffRole.ACCOUNT_MANAGER,)
OfState = Annotated[ApplicationState | None, argument("Only those in this state.")]
OfEdition = Annotated[EditionKey | None, argument("Only those for this edition.")]
ApplicationID = Annotated[UUID, IdOf("Application", "The application's global id.")]


@strawberry.type(description="What is due on a day of an offer's schedule.")
class ScheduledPayment:
    """A part of an offer's price."""

    due_on: date = strawberry.field(description="The day, in the time zone of the account's billing days.")
    amount: Money = strawberry.field(description="What is due.")


@strawberry.type(description="Terms offered for an application; they never change: other terms are a new offer.")
class Offer(Node, table=OfferRow):
    """A row of ``offer``."""

    price: Money = column("The whole price.", from_minor("price_minor"))
    dk_limit: int = column("How many DataKits it allows; -1 is no limit.")
    starts_on: date = column("The first day, in the time zone of the account's billing days.")
    ends_on: date = column("The last day, in the time zone of the account's billing days.")
    product_version: str | None = column("The version of the product that a perpetual license is for.")
    schedule: list[ScheduledPayment] = column(
        "What is due when.",
        lambda row: [
            ScheduledPayment(
                due_on=date.fromisoformat(part["due_on"]), amount=money(part["amount_minor"], row.currency)
            )
            for part in row.schedule
        ],
    )
    valid_until: datetime = column("Until when it can be accepted, exclusive.")
    made_at: datetime = column("When it was made.")


@strawberry.type(description="Something that an account manager wrote down. For staff.")
class ApplicationNote(Node, table=NoteRow):
    """A row of ``application_note``."""

    async def visible(self, context: Context) -> bool:
        return await context.is_staff(StaffRole.ACCOUNT_MANAGER)

    kind: NoteKind = column("A note, or that the customer was contacted.")
    text: str = column("What was written.")
    author: str = column("Who wrote it.")
    at: datetime = column("When, on the account's clock.")


@strawberry.type(description="An account's application for an edition that is agreed upon with an account manager.")
class Application(Owned, Node, table=ApplicationRow, related=("account", "manager")):
    """A row of ``application``, with its account and manager."""

    edition: EditionKey = column("The edition applied for.")
    state: ApplicationState = column("How far it has come.", lambda row: row.state_at(row.account.now()))
    remarks: str = column("What the customer has to say.")
    contact_name: str = column("Whom to talk to.")
    contact_phone: str = column("The contact's phone number; empty if not given.")
    contact_email: str = column("The contact's e-mail address; empty if not given.")
    expected_data_kits: int = column("How many DataKits the customer expects, or reported lately; 0 if unknown.")
    term_months: int = column("For how many months; 0 if nobody said, and the edition has no least term.")
    submitted_at: datetime = column("When it was submitted.")
    closed_at: datetime | None = column("When it came to its final state.")
    reason: str | None = column("Why it was declined.")
    manager: str | None = column(
        "The e-mail address of the account manager who took it.", lambda row: row.manager.email if row.manager else None
    )

    @strawberry.field(description="The newest offer, which replaced those before it.")
    async def offer(self) -> Offer | None:
        return Offer.maybe(await OfferRow.filter(application_id=self.row.id).order_by("-id").first())

    offers = listed(Offer, "Every offer made.", by="application_id")
    notes = listed(ApplicationNote, "The account managers' notes and contact log.", by="application_id", staff=MANAGERS)


@strawberry.type
class ApplicationsOfAccount(OfAccount):
    """What an account applied for."""

    @connection(Application, "The applications for editions that are agreed upon with an account manager.")
    def applications(self, state: OfState = None, edition: OfEdition = None) -> QuerySet[ApplicationRow]:
        mine = filtered(Application.rows().filter(account_id=self.row.id), edition=edition)
        return mine if state is None else in_state(mine, state, self.row.now())


@strawberry.type
class ApplicationQueries:
    """For account managers."""

    @connection(Application, "Every account's applications, oldest first: the queue.", staff=MANAGERS)
    def applications(
        self,
        state: OfState = None,
        edition: OfEdition = None,
    ) -> QuerySet[ApplicationRow]:
        return filtered(Application.rows(), state=state, edition=edition)


@strawberry.type
class ApplicationSubscriptions:
    """For account managers."""

    @strawberry.subscription(
        description="An application of any account when it is submitted, and whenever it comes further, over "
        "graphql-transport-ws. For account managers."
    )
    async def application_changed(self, info: Info, sandboxes: Watched = False) -> AsyncGenerator[Application, None]:
        async for found in changed(info, Application, "application.", "application", MANAGERS, sandboxes):
            yield found


@strawberry.input(description="What is due on a day.")
class ScheduledPaymentInput:
    """A part of the price."""

    due_on: date = strawberry.field(
        description="The day, in the time zone of the account's billing days: from today on, within the term."
    )
    amount: Decimal = strawberry.field(description="Major units, with at most two decimals.")


@strawberry.type
class ApplicationMutations:
    """For administrators, who apply, and for account managers, who make offers."""

    @mutation(
        ApplicationConflict,
        description="Apply for an edition that is agreed upon with an account manager; one application at a time for "
        "each edition. To renew a contract, apply again before it ends.",
        done="The application is in the account managers' queue.",
        answers={"application": (Application, "The application.")},
        member=ADMINISTRATORS,
    )
    async def apply_for_edition(
        self,
        account: AccountRow,
        actor: Actor,
        viewer: Viewer,
        edition: Annotated[EditionKey, argument("SUBSCRIPTION or LICENSED.")],
        contact_name: Annotated[
            str, argument("Whom to talk to, up to 100 characters; by default the account's contact, else who applies.")
        ] = "",
        expected_data_kits: Annotated[
            int | None,
            argument(f"How many DataKits, 1 to {MOST_DATA_KITS:,}; by default as many as were reported lately."),
        ] = None,
        term_months: Annotated[
            int | None, argument("For how many months, from the edition's least term, which is the default, to 120.")
        ] = None,
        remarks: Annotated[
            str, argument(f"What you want, and whatever else, up to {LONGEST_REMARK} characters: all that is needed.")
        ] = "",
        contact_phone: Annotated[str, argument("A phone number; by default the account's contact's.")] = "",
        contact_email: Annotated[
            str, argument("An address; by default, where no phone number is given, that of who applies.")
        ] = "",
    ) -> ApplicationRow:
        request = Request(remarks, contact_name, contact_phone, contact_email, expected_data_kits, term_months)
        return await _whole(await apply(account, edition, request, viewer.user, actor))

    @mutation(
        ApplicationConflict,
        description="Take an application, from another manager as well.",
        done="The application is yours.",
        answers={"application": (Application, "The application.")},
        staff=MANAGERS,
    )
    async def take_application(self, actor: Actor, viewer: Viewer, application_id: ApplicationID) -> ApplicationRow:
        application = await handling.lock_application(application_id)
        return await _whole(await handling.take(application, viewer.user.id, actor))

    @mutation(
        description="Write down a note, or that the customer was contacted.",
        done="The note is kept.",
        answers={"application": (Application, "The application."), "note": (ApplicationNote, "The note.")},
        staff=MANAGERS,
    )
    async def add_application_note(
        self,
        actor: Actor,
        application_id: ApplicationID,
        text: Annotated[str, argument(f"What to write down, 1 to {LONGEST_REMARK} characters.")],
        kind: Annotated[NoteKind, argument("Which of the two.")] = NoteKind.NOTE,
    ) -> tuple[ApplicationRow, NoteRow]:
        application = await handling.lock_application(application_id)
        note = await handling.add_note(application, kind, text, actor)
        return await _whole(application), note

    @mutation(
        ApplicationConflict,
        description="Offer terms for an application that was taken; they replace those offered before.",
        done="The offer can be accepted.",
        answers={"application": (Application, "The application."), "offer": (Offer, "The offer.")},
        staff=MANAGERS,
    )
    async def make_offer(
        self,
        actor: Actor,
        application_id: ApplicationID,
        price: Annotated[Decimal, argument("The whole price, in major units.")],
        currency: Annotated[str, argument("ISO 4217, such as CNY.")],
        dk_limit: Annotated[int, argument("How many DataKits; -1 is no limit.")],
        starts_on: Annotated[date, argument("The first day, in the time zone of the account's billing days.")],
        ends_on: Annotated[date, argument("The last day, in the time zone of the account's billing days.")],
        schedule: Annotated[list[ScheduledPaymentInput], argument("What is due when; it sums up to the price.")],
        valid_until: Annotated[datetime, argument("Until when it can be accepted, exclusive, with its offset.")],
        product_version: Annotated[
            str | None,
            argument("The version that a perpetual edition is for; the days are then those of its maintenance."),
        ] = None,
    ) -> tuple[ApplicationRow, OfferRow]:
        parts = [
            offers.ScheduledPayment(part.due_on, minor_units(part.amount, currency, "schedule")) for part in schedule
        ]
        terms = offers.OfferTerms(
            minor_units(price, currency, "price"),
            currency,
            dk_limit,
            starts_on,
            ends_on,
            parts,
            valid_until,
            product_version,
        )
        application = await handling.lock_application(application_id)
        offer = await offers.make_offer(application, terms, actor)
        return await _whole(application), offer

    @mutation(
        ApplicationConflict,
        description="Turn an application down.",
        done="The application is turned down.",
        answers={"application": (Application, "The application.")},
        staff=MANAGERS,
    )
    async def decline_application(
        self,
        actor: Actor,
        application_id: ApplicationID,
        reason: Annotated[str, argument("Why, for the customer, 1 to 500 characters.")],
    ) -> ApplicationRow:
        application = await handling.lock_application(application_id)
        return await _whole(await handling.decline(application, reason, actor))

    @mutation(
        ApplicationConflict,
        description="Withdraw an application.",
        done="The application is withdrawn.",
        answers={"application": (Application, "The application.")},
        member=ADMINISTRATORS,
        of="application_id",
    )
    async def withdraw_application(self, actor: Actor, application_id: ApplicationID) -> ApplicationRow:
        application = await handling.lock_application(application_id)
        return await _whole(await handling.withdraw(application, actor))


async def _whole(application: ApplicationRow) -> ApplicationRow:
    """The application as it is now, with what is shown of it."""
    whole: ApplicationRow = await Application.rows().get(id=application.id)
    return whole

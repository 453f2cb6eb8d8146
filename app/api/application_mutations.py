"""Applying, offering, accepting: from a wish to a contract."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from app.accounts.models import StaffRole
from app.api.applications import Application, ApplicationNote, Contract, Offer
from app.api.enums import EditionKey, NoteKind
from app.api.money import minor_units
from app.api.mutation import mutation
from app.api.node import AccountID, Info, decode_id
from app.applications import handling as service
from app.applications import offers
from app.applications.applying import Request, apply
from app.applications.models import Application as ApplicationRow
from app.errors import ApplicationConflict, NotFound, StepOutOfOrder
from app.journey.offers import accept_offer

ApplicationID = Annotated[strawberry.ID, strawberry.argument(description="The application's global id.")]


@strawberry.input(description="What is due on a day.")
class ScheduledPaymentInput:
    """A part of the price."""

    due_on: date = strawberry.field(description="The day, in Asia/Shanghai: from today on, within the term.")
    amount: Decimal = strawberry.field(description="Major units, with at most two decimals.")


@strawberry.type(description="The application is in the account managers' queue.")
class ApplyForEditionSuccess:
    """Success."""

    application: Application = strawberry.field(description="The application.")


@strawberry.type(description="The application is yours.")
class TakeApplicationSuccess:
    """Success."""

    application: Application = strawberry.field(description="The application.")


@strawberry.type(description="The note is kept.")
class AddApplicationNoteSuccess:
    """Success."""

    application: Application = strawberry.field(description="The application.")
    note: ApplicationNote = strawberry.field(description="The note.")


@strawberry.type(description="The offer can be accepted.")
class MakeOfferSuccess:
    """Success."""

    application: Application = strawberry.field(description="The application.")
    offer: Offer = strawberry.field(description="The offer.")


@strawberry.type(description="The application is turned down.")
class DeclineApplicationSuccess:
    """Success."""

    application: Application = strawberry.field(description="The application.")


@strawberry.type(description="The application is withdrawn.")
class WithdrawApplicationSuccess:
    """Success."""

    application: Application = strawberry.field(description="The application.")


@strawberry.type(description="There is a contract; when its first day has come, it is in force.")
class AcceptOfferSuccess:
    """Success."""

    contract: Contract = strawberry.field(description="The contract.")


@strawberry.type
class ApplicationMutations:
    """The way to the editions by application."""

    @mutation(
        ApplicationConflict,
        description="Apply for an edition that is agreed upon with an account manager; one application at a time for "
        "each edition. To renew a contract, apply again before it ends.",
    )
    async def apply_for_edition(
        self,
        info: Info,
        account_id: AccountID,
        edition: Annotated[EditionKey, strawberry.argument(description="SUBSCRIPTION or LICENSED.")],
        contact_name: Annotated[str, strawberry.argument(description="Whom to talk to, 1 to 100 characters.")],
        expected_data_kits: Annotated[int, strawberry.argument(description="How many DataKits, 1 to 10,000,000.")],
        term_months: Annotated[int, strawberry.argument(description="For how many months, 1 to 120.")],
        remarks: Annotated[str, strawberry.argument(description="Whatever else, up to 5000 characters.")] = "",
        contact_phone: Annotated[str, strawberry.argument(description="A phone number; or give contactEmail.")] = "",
        contact_email: Annotated[str, strawberry.argument(description="An address; or give contactPhone.")] = "",
    ) -> ApplyForEditionSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        request = Request(remarks, contact_name, contact_phone, contact_email, expected_data_kits, term_months)
        made = await apply(account, edition, request, actor)
        return ApplyForEditionSuccess(application=await _shown(made))

    @mutation(
        ApplicationConflict, description="Take an application, from another manager as well. For account managers."
    )
    async def take_application(self, info: Info, application_id: ApplicationID) -> TakeApplicationSuccess:
        actor = await info.context.staff(StaffRole.ACCOUNT_MANAGER)
        manager = (await info.context.signed_in()).user.id
        taken = await service.take(await _locked(application_id), manager, actor)
        return TakeApplicationSuccess(application=await _shown(taken))

    @mutation(description="Write down a note, or that the customer was contacted. For account managers.")
    async def add_application_note(
        self,
        info: Info,
        application_id: ApplicationID,
        text: Annotated[str, strawberry.argument(description="What to write down, 1 to 5000 characters.")],
        kind: Annotated[NoteKind, strawberry.argument(description="Which of the two.")] = NoteKind.NOTE,
    ) -> AddApplicationNoteSuccess:
        actor = await info.context.staff(StaffRole.ACCOUNT_MANAGER)
        application = await _locked(application_id)
        note = await service.add_note(application, kind, text, actor)
        return AddApplicationNoteSuccess(application=await _shown(application), note=ApplicationNote.of(note))

    @mutation(
        ApplicationConflict,
        description="Offer terms for an application that was taken; they replace those offered before. "
        "For account managers.",
    )
    async def make_offer(
        self,
        info: Info,
        application_id: ApplicationID,
        price: Annotated[Decimal, strawberry.argument(description="The whole price, in major units.")],
        currency: Annotated[str, strawberry.argument(description="ISO 4217, such as CNY.")],
        dk_limit: Annotated[int, strawberry.argument(description="How many DataKits; -1 is no limit.")],
        starts_on: Annotated[date, strawberry.argument(description="The first day, in Asia/Shanghai.")],
        ends_on: Annotated[date, strawberry.argument(description="The last day, in Asia/Shanghai.")],
        schedule: Annotated[
            list[ScheduledPaymentInput], strawberry.argument(description="What is due when; it sums up to the price.")
        ],
        valid_until: Annotated[
            datetime, strawberry.argument(description="Until when it can be accepted, exclusive, with its offset.")
        ],
    ) -> MakeOfferSuccess:
        actor = await info.context.staff(StaffRole.ACCOUNT_MANAGER)
        parts = [offers.ScheduledPayment(part.due_on, minor_units(part.amount, "schedule")) for part in schedule]
        terms = offers.OfferTerms(
            minor_units(price, "price"), currency, dk_limit, starts_on, ends_on, parts, valid_until
        )
        application = await _locked(application_id)
        offer = await offers.make_offer(application, terms, actor)
        return MakeOfferSuccess(application=await _shown(application), offer=Offer.of(offer))

    @mutation(ApplicationConflict, description="Turn an application down. For account managers.")
    async def decline_application(
        self,
        info: Info,
        application_id: ApplicationID,
        reason: Annotated[str, strawberry.argument(description="Why, for the customer, 1 to 500 characters.")],
    ) -> DeclineApplicationSuccess:
        actor = await info.context.staff(StaffRole.ACCOUNT_MANAGER)
        declined = await service.decline(await _locked(application_id), reason, actor)
        return DeclineApplicationSuccess(application=await _shown(declined))

    @mutation(ApplicationConflict, description="Withdraw an application.")
    async def withdraw_application(self, info: Info, application_id: ApplicationID) -> WithdrawApplicationSuccess:
        found = await Application.load(info.context, decode_id(application_id, "Application", "applicationId"))
        if found is None:
            raise NotFound(what="application", path=("applicationId",))
        _, actor = await info.context.member(found.record.account_id, path=("applicationId",))
        withdrawn = await service.withdraw(await _locked(application_id), actor)
        return WithdrawApplicationSuccess(application=await _shown(withdrawn))

    @mutation(
        ApplicationConflict,
        StepOutOfOrder,
        description="Accept an offer, and have a contract. The current agreement is to be accepted before, and, if it "
        "costs something, a settlement channel bound.",
    )
    async def accept_offer(
        self,
        info: Info,
        offer_id: Annotated[strawberry.ID, strawberry.argument(description="The offer's global id.")],
    ) -> AcceptOfferSuccess:
        key = decode_id(offer_id, "Offer", "offerId")
        found = await Offer.load(info.context, key)
        if found is None:
            raise NotFound(what="offer", path=("offerId",))
        _, actor = await info.context.member(found.record.account_id, path=("offerId",))
        return AcceptOfferSuccess(contract=Contract.of(await accept_offer(info.context.host, key, actor)))


async def _locked(application_id: str) -> ApplicationRow:
    return await service.lock_application(decode_id(application_id, "Application", "applicationId"))


async def _shown(application: ApplicationRow) -> Application:
    return Application.of(await ApplicationRow.get(id=application.id).select_related("account", "manager"))

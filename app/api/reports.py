"""Reports over all accounts, for finance staff; as CSV files too: ``/reports/{name}.csv``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any

import strawberry
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from app.accounts.models import StaffRole
from app.api.arguments import MonthOf, Sandboxes
from app.api.audience import FINANCE, staff_field
from app.api.auditing import note_reads
from app.api.context import Info
from app.api.downloads import refused
from app.api.enums import EditionKey, StandingState
from app.api.fields import argument, column
from app.api.links import LASTING, FileContext, link_to
from app.api.money import Money, from_minor
from app.api.node import encode_id
from app.api.owned import Owned
from app.api.pagination import Computed, Listing, connection
from app.errors import BillingError, InvalidInput, NotFound
from app.events.broker import EventBroker
from app.settlement.host import ChannelHost
from app.statements import reports, tables
from app.statements.exports import EXPORTS
from app.statements.reports import REPORTS, Asked


@strawberry.type(description="What a customer's use of an edition earned in a month, through one channel.")
class RevenueLine(Owned):
    """A row of the report."""

    row: strawberry.Private[reports.Revenue]

    month: str = column("The month, as YYYY-MM.")
    edition: EditionKey = column("The edition.")
    channel: str | None = column("The channel that collects it.")
    revenue: Money = column("What was charged, and what days of contracts earned.", from_minor("revenue_minor"))
    discounts: Money = column("What coupons took off and vouchers paid of that.", from_minor("discounts_minor"))
    net: Money = column("Revenue less discounts.", from_minor("net_minor"))


@strawberry.type(description="What an account owes that is suspended or in arrears, in one currency.")
class ArrearsLine(Owned):
    """A row of the report."""

    row: strawberry.Private[reports.Arrears]

    state: StandingState = column("Suspended, or in arrears.")
    since: datetime = column("When the balance was used up.")
    deadline: datetime | None = column("When a suspended account will be in arrears.")
    final_notice_at: datetime | None = column("When staff warned that the service may end.")
    owed: Money = column("What is owed.", from_minor("owed_minor"))


@strawberry.type(description="A contract that ends soon.")
class EndingContract(Owned):
    """A row of the report."""

    row: strawberry.Private[reports.ContractEnding]

    contract_id: strawberry.ID = column("The contract's global id.", lambda row: encode_id("Contract", row.contract_id))
    edition: EditionKey = column("The edition.")
    starts_on: date = column("The first day.")
    ends_on: date = column("The last day.")
    price: Money = column("The whole price.", from_minor("price_minor"))
    renewed: bool = column("Whether another contract of the edition follows.")


@strawberry.type(description="What a contract charged ahead, at the end of a month.")
class DeferredRevenue(Owned):
    """A row of the report."""

    row: strawberry.Private[reports.Deferred]

    contract_id: strawberry.ID = column("The contract's global id.", lambda row: encode_id("Contract", row.contract_id))
    edition: EditionKey = column("The edition.")
    starts_on: date = column("The first day.")
    ends_on: date = column("The last day.")
    charged: Money = column("What its instalments charged, less what was given back.", from_minor("charged_minor"))
    earned_in_month: Money = column("What its days earned in the month.", from_minor("earned_in_month_minor"))
    earned: Money = column("What its days earned up to the end of the month.", from_minor("earned_minor"))
    deferred: Money = column("What is charged, and still to be earned.", from_minor("deferred_minor"))


@strawberry.type(description="Where reports and exports of all accounts are had as CSV files.")
class ReportFiles:
    """A path for each of ``REPORTS`` and ``EXPORTS``."""

    revenue: str = strawberry.field(description="As `revenueReport`.")
    arrears: str = strawberry.field(description="As `arrearsReport`.")
    contracts_ending: str = strawberry.field(description="As `contractsEnding`.")
    deferred: str = strawberry.field(description="As `deferredRevenue`.")
    charges: str = strawberry.field(description="The month's charges of every account, as statements have them.")
    focus: str = strawberry.field(description="The same for FinOps tools: FOCUS 1.0.")


@strawberry.type
class ReportQueries:
    """For finance staff."""

    @connection(RevenueLine, "A month's revenue by edition, customer, channel and currency.", staff=FINANCE, order=None)
    def revenue_report(self, info: Info, month: MonthOf = None, sandboxes: Sandboxes = False) -> Listing:
        return _lines(reports.revenue, info, Asked(month, sandboxes=sandboxes))

    @connection(
        ArrearsLine,
        "The accounts that are suspended or in arrears, the longest first.",
        staff=FINANCE,
        order=None,
    )
    def arrears_report(self, info: Info, sandboxes: Sandboxes = False) -> Listing:
        return _lines(reports.arrears, info, Asked(sandboxes=sandboxes))

    @connection(
        EndingContract,
        "The contracts that end soon, the soonest first.",
        staff=(StaffRole.FINANCE, StaffRole.ACCOUNT_MANAGER),
        order=None,
    )
    def contracts_ending(
        self,
        info: Info,
        within: Annotated[int, argument("In how many days at the most, 0 to 3660.")] = 60,
        sandboxes: Sandboxes = False,
    ) -> Listing:
        return _lines(reports.contracts_ending, info, Asked(within=within, sandboxes=sandboxes))

    @connection(DeferredRevenue, "What contracts charged ahead, at the end of a month.", staff=FINANCE, order=None)
    def deferred_revenue(self, info: Info, month: MonthOf = None, sandboxes: Sandboxes = False) -> Listing:
        return _lines(reports.deferred, info, Asked(month, sandboxes=sandboxes))

    @staff_field(
        f"The reports and exports as CSV files, each at {LASTING}. With `&bom` it begins as spreadsheets want.",
        StaffRole.FINANCE,
    )
    async def report_files(
        self,
        info: Info,
        month: MonthOf = None,
        within: Annotated[int, argument("For contracts that end: in how many days at the most.")] = 60,
        sandboxes: Sandboxes = False,
    ) -> ReportFiles:
        asked = {"within": str(within)} | ({"month": month} if month else {}) | ({"sandboxes": ""} if sandboxes else {})
        names = (*REPORTS, *EXPORTS)
        paths = {name: await link_to(info.context, f"/reports/{name}.csv", **asked) for name in names}
        return ReportFiles(**{name.replace("-", "_"): path for name, path in paths.items()})


def _lines(report: Callable[[ChannelHost, Asked], Awaitable[Sequence[Any]]], info: Info, asked: Asked) -> Listing:
    return Computed(partial(report, info.context.host, asked))


def report_files(host: ChannelHost, broker: EventBroker) -> Route:
    """The route, for finance staff: ``?month=2026-03`` or ``?within=60``, ``?sandboxes`` and ``?bom`` as elsewhere."""
    return Route("/reports/{name}.csv", partial(_download, host=host, broker=broker), methods=["GET"])


async def _download(request: Request, host: ChannelHost, broker: EventBroker) -> Response:
    context = FileContext(request, host, broker)
    try:
        await context.reads_as_staff(StaffRole.FINANCE)
        name, asked = request.path_params["name"], _asked(request)
        if name in EXPORTS:
            table = EXPORTS[name](asked)
        elif name in REPORTS:
            table = reports.as_table(REPORTS[name], await REPORTS[name].rows(host, asked))
        else:
            raise NotFound(what="report", path=("name",))
        await note_reads(context, f"read: {request.url.path}")
    except BillingError as error:
        return refused(error, context.locale)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "private, no-cache"}
    text = tables.as_csv(table, "bom" in request.query_params)
    return StreamingResponse(text, media_type="text/csv; charset=utf-8; header=present", headers=headers)


def _asked(request: Request) -> Asked:
    given = request.query_params
    within = given.get("within", "60")
    if not (within.isascii() and within.isdigit() and len(within) < 6):
        raise InvalidInput(reason_en="within must be a number of days", reason_zh="within 须为天数", path=("within",))
    asked = Asked(given.get("month"), int(within), "sandboxes" in given)
    asked.first()
    return asked

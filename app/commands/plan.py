"""``billing plan``: prices, in force, to come and negotiated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from app.commands.publishing import (
    BY,
    DryRun,
    Edition,
    File,
    Since,
    Version,
    Which,
    by,
    edition_key,
    publishing,
    read,
    state,
    toml,
)
from app.commands.running import console, looking, stop, table, with_runtime
from app.commands.times import instant, when
from app.constants import DEFAULT_ZONE

if TYPE_CHECKING:
    from app.bootstrap import Runtime

plan = typer.Typer(no_args_is_help=True, help="Prices: each a version of an edition's price plan.")
group = typer.Typer(no_args_is_help=True, help="Groups of accounts with negotiated prices.")
plan.add_typer(group, name="group")
Group = Annotated[str | None, typer.Option(help="The key of the group of accounts that it is for.")]
GroupKey = Annotated[str, typer.Argument(help="The group's key, such as partners.")]
DespiteChannels = Annotated[
    bool,
    typer.Option("--despite-channels", help="Although channels that pay for such accounts cannot collect the price."),
]
Account = Annotated[UUID, typer.Argument(help="The account's key, as statements print it.")]


@plan.command("publish")
def plan_publish(
    file: File,
    since: Since = None,
    group: Group = None,
    for_existing: Annotated[
        bool,
        typer.Option("--for-existing", help="Accounts that are upgraded by then get it, too; they are told now."),
    ] = False,
    despite_channels: DespiteChannels = False,
    dry_run: DryRun = False,
    quantity: Annotated[int | None, typer.Option(min=0, help="Say what a day of so many units costs.")] = None,
) -> None:
    """Publish the next version of an edition's price (docs/operations.md). `billing plan show` writes such a file."""
    given = read(file)
    key = edition_key(str(given.pop("edition", "")))
    zone = given.get("time_zone", DEFAULT_ZONE)

    async def publish(runtime: Runtime) -> None:
        from app.catalog.queries import find_group
        from app.journey.pricing import publish_price

        begins = instant(since, zone=zone if isinstance(zone, str) and "/" in zone else DEFAULT_ZONE)
        async with publishing(dry_run):
            found = await find_group(group) if group else None
            made, missing = await publish_price(
                runtime.host, key, given, begins, found, for_existing, despite_channels, by=BY
            )
            for one in missing:
                console.print(one.en)
            console.print(f"{key} version {made.version}, in force from {when(made.valid_from, made.time_zone)} on")
            await _say_more(made, quantity)

    with_runtime(publish)


@plan.command("list")
def plan_list() -> None:
    """List every price, withdrawn and to come included."""

    async def show(runtime: Runtime) -> None:
        from app import clock
        from app.catalog.models import Meter, PricePlan
        from app.catalog.texts import price_texts

        meters = {meter.key: meter for meter in await Meter.all()}
        shown = table("edition", "group", "version", "price", "existing", "from", "state", "published by")
        plans = PricePlan.filter(account_id=None).select_related("group")
        for one in await plans.order_by("edition", "group__key", "version"):
            shown.add_row(
                one.edition,
                one.group.key if one.group else "",
                str(one.version),
                "; ".join(price_texts(one, meters[one.meter])["en"]),
                "yes" if one.for_existing else "no",
                when(one.valid_from, one.time_zone),
                state(one, clock.now()),
                by(one),
            )
        console.print(shown)

    looking(show)


@plan.command("show")
def plan_show(
    edition: Edition,
    version: Which = None,
    group: Group = None,
    quantity: Annotated[int | None, typer.Option(min=0, help="Say what a day of so many units costs.")] = None,
) -> None:
    """Show a price as a file that can be changed and published."""
    key = edition_key(edition)

    async def show(runtime: Runtime) -> None:
        from app import clock
        from app.catalog.queries import find_group, plan_at
        from app.catalog.terms import PLAN, PLAN_OPTIONS

        owner = (await find_group(group)).id if group else None
        found = await _find(key, version, group) if version else await plan_at(key, clock.now(), owner)
        unused = "unit_price_minor" if found.tiers else "tiers"
        columns = {name: getattr(found, name) for name in sorted(PLAN | PLAN_OPTIONS) if name != unused}
        typer.echo(f"# published by {by(found)}")
        await _say_more(found, quantity, "# ")
        typer.echo(toml({"edition": key, **columns}))

    looking(show)


@plan.command("withdraw")
def plan_withdraw(edition: Edition, version: Version, group: Group = None) -> None:
    """Withdraw a price that is not in force yet; who was told of it is told that. Again it changes nothing."""
    key = edition_key(edition)

    async def take_back(runtime: Runtime) -> None:
        from app.db.published import withdraw

        await withdraw(await _find(key, version, group), "version", BY)
        console.print(f"{key} version {version} is withdrawn")

    with_runtime(take_back)


@group.command("put")
def group_put(
    key: GroupKey,
    zh: Annotated[str, typer.Option(help="Its name in Chinese.")],
    en: Annotated[str, typer.Option(help="Its name in English.")],
) -> None:
    """Make a group of accounts for which prices are negotiated together, or give one another name."""

    async def put(runtime: Runtime) -> None:
        from app.catalog.groups import put_group

        made = await put_group(key, {"zh": zh, "en": en})
        console.print(f"{made.key}: {zh} / {en}")

    with_runtime(put)


@group.command("add")
def group_add(key: GroupKey, account: Account, despite_channels: DespiteChannels = False) -> None:
    """Give an account the group's prices: a new upgrade from now on, the present one from the next billing day on."""

    async def add(runtime: Runtime) -> None:
        from app.catalog.queries import find_group

        await _move(runtime, account, await find_group(key), despite_channels)
        console.print(f"{account} has the prices of {key}")

    with_runtime(add)


@group.command("remove")
def group_remove(account: Account, despite_channels: DespiteChannels = False) -> None:
    """Give an account the catalog's prices again, from the next billing day on."""

    async def remove(runtime: Runtime) -> None:
        await _move(runtime, account, None, despite_channels)
        console.print(f"{account} has the prices of the catalog")

    with_runtime(remove)


@group.command("list")
def group_list() -> None:
    """List the groups and how many accounts each has."""

    async def show(runtime: Runtime) -> None:
        from app.catalog.models import PriceGroup, PriceMembership

        shown = table("key", "name", "accounts")
        for one in await PriceGroup.all().order_by("key"):
            count = await PriceMembership.filter(group_id=one.id).count()
            shown.add_row(one.key, f"{one.name['zh']} / {one.name['en']}", str(count))
        console.print(shown)

    looking(show)


async def _find(key: Any, version: int, group: str | None) -> Any:
    from app.catalog.models import PricePlan
    from app.catalog.queries import find_group

    owner = (await find_group(group)).id if group else None
    found = await PricePlan.get_or_none(edition=key, version=version, group_id=owner, account_id=None)
    return found or stop(f"{key} has no price of version {version}" + (f" for the group {group}" if group else ""))


async def _say_more(plan: Any, quantity: int | None, lead: str = "") -> None:
    from app.catalog.models import Meter
    from app.catalog.queries import day_price
    from app.catalog.texts import price_texts
    from app.money import in_major_units

    for sentence in price_texts(plan, await Meter.get(key=plan.meter))["en"]:
        typer.echo(f"{lead}{sentence}")
    if quantity is not None:
        day = await day_price(plan, quantity)
        amount = in_major_units(day.amount_minor, plan.currency)
        typer.echo(f"{lead}a day of {quantity:,}: {day.billed_quantity:,} billed, {amount} {plan.currency}")


async def _move(runtime: Runtime, account: UUID, group: Any, despite_channels: bool) -> None:
    from tortoise.transactions import in_transaction

    from app.accounts.queries import lock_account
    from app.events.recording import SYSTEM
    from app.journey.pricing import set_price_group

    async with in_transaction():
        await set_price_group(runtime.host, await lock_account(account), group, SYSTEM, despite_channels)

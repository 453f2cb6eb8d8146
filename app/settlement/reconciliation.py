"""Comparing what a provider says it collected with what we think: each difference is a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import orjson
from settlement_spec import ChannelRefusal, ProviderRecord, Reconciliation
from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from app import clock
from app.db.sql import statement
from app.errors import ChannelUnavailable, NotFound
from app.events.recording import SYSTEM, Actor, record
from app.inputs import explanation
from app.settlement.host import ChannelHost
from app.settlement.models import CaseKind, ReconciliationCase, Settlement, SettlementState
from app.settlement.top_ups import top_up_of

OPEN = statement(__file__, "open_case")
T = TypeVar("T")
ONLINE_PAYMENT = (CaseKind.PAYMENT_NOT_CREDITED, CaseKind.PAYMENT_REVERSED)
# A charge handed over just before the window's edge may be in the provider's record just after it.
MARGIN = timedelta(days=1)


@dataclass(frozen=True)
class Reconciled:
    """What one comparison found: charges compared, cases opened by it, cases that it found settled by now."""

    compared: int
    opened: int
    closed: int


async def reconcile(
    host: ChannelHost, channel: str, since: datetime, until: datetime, sandboxes: bool = False
) -> Reconciled:
    """Compare ``[since, until)`` (the world's clock) with the provider's record; opens a case for each difference.

    An open case of a charge that agrees by now is closed. A charge in a currency that the channel does not take was
    never handed over, and whoever settled it by hand did so elsewhere. What is of sandbox accounts is play money, and
    left out unless ``sandboxes``.

    Raises:
        UnknownChannel, ChannelUnavailable: there is no such channel, it failed, or it cannot reconcile.
    """
    if not isinstance(host.channel(channel), Reconciliation):
        raise ChannelUnavailable(
            channel=channel,
            reason=("it cannot tell what it collected", "无法提供收款记录"),
            path=("channel",),
        )

    async def records(plugin: Reconciliation) -> dict[UUID, ProviderRecord]:
        found = await plugin.reconcile(since - MARGIN, until + MARGIN)
        return {record.charge_id: record for record in found}

    theirs = await host.ask(channel, Reconciliation, records)
    handed_over = Settlement.filter(channel=channel, handed_over_at__gte=since, handed_over_at__lt=until)
    taken = handed_over.filter(charge__currency__in=host.describe(channel).currencies)
    ours = {row.charge_id: row for row in await taken.select_related("charge")}
    outside = Settlement.filter(channel=channel, charge_id__in=[id for id in theirs if id not in ours])
    ours |= {row.charge_id: row for row in await outside.select_related("charge")}
    if not sandboxes:
        played = {id for id, row in ours.items() if row.sandbox}
        ours, theirs = _without(played, ours), _without(played, theirs)
    within = {id: record for id, record in theirs.items() if id in ours or since <= record.at < until}
    differences = {id: found for id in {*ours, *within} if (found := _difference(ours.get(id), within.get(id)))}
    cases = {id: (*found, id in ours and ours[id].sandbox) for id, found in differences.items()}
    return await _note(channel, cases, agreeing=set(ours) - set(differences))


async def resolve_case(case_id: UUID, note: str, actor: Actor) -> ReconciliationCase:
    """Close a case with a note of what was found; closing it again changes nothing.

    Raises:
        NotFound: there is no such case.
        InvalidInput: the note is empty or too long.
    """
    case = await ReconciliationCase.filter(id=case_id).select_for_update().first()
    if case is None:
        raise NotFound(what="reconciliation case", path=("caseId",))
    if case.resolved_at is None:
        case.note, case.resolved_by, case.resolved_at = explanation(note, "note"), actor.label, clock.now()
        await case.save()
        await _tell_of_end(case, actor)
    return case


async def tell_of_case(case_id: UUID, channel: str, kind: CaseKind, sandbox: bool) -> None:
    """Record that a case waits for finance staff, in the surrounding transaction; play money waits for nobody."""
    if not sandbox:
        after = {"case": str(case_id), "caseKind": kind, "channel": channel}
        await record(None, clock.now(), "reconciliation.case_opened", SYSTEM, after=after)


async def _tell_of_end(case: ReconciliationCase, actor: Actor) -> None:
    """Record that nobody has to look into a case any more, in the surrounding transaction; of play money nobody had."""
    if not case.sandbox:
        about = {"case": str(case.id), "caseKind": case.kind, "channel": case.channel}
        await record(None, clock.now(), "reconciliation.case_resolved", actor, before=about, reason=case.note)


async def accounts_of(host: ChannelHost, cases: Sequence[ReconciliationCase]) -> dict[UUID, UUID]:
    """The key of the account of each case, where it is known: not of a charge that only the provider knows, nor of a
    top-up whose channel does not answer."""
    charges = Settlement.filter(charge_id__in=[case.charge_id for case in cases])
    owners = dict(await charges.values_list("charge_id", "account_id"))
    found = {case.id: owners[case.charge_id] for case in cases if case.charge_id in owners}
    for case in cases:
        if case.kind in ONLINE_PAYMENT:
            with suppress(ChannelRefusal, ChannelUnavailable):
                found[case.id] = (await top_up_of(host, case.channel, case.charge_id)).account_id
    return found


def _without(left_out: set[UUID], found: Mapping[UUID, T]) -> dict[UUID, T]:
    return {id: one for id, one in found.items() if id not in left_out}


def _difference(ours: Settlement | None, theirs: ProviderRecord | None) -> tuple[CaseKind, dict[str, Any]] | None:
    details = {
        "provider": theirs
        and {
            "reference": theirs.provider_reference,
            "units": theirs.units,
            "amountMinor": theirs.amount.minor,
            "currency": theirs.amount.currency,
        }
    }
    if ours is None:
        return CaseKind.UNKNOWN_CHARGE, details
    charge = ours.charge
    details["ours"] = {"state": ours.state, "units": charge.units, "amountMinor": charge.amount_minor}
    if theirs is None:
        return (CaseKind.MISSING_AT_PROVIDER, details) if ours.state == SettlementState.SETTLED else None
    if ours.state not in (SettlementState.SETTLED, SettlementState.ACCEPTED, SettlementState.PENDING):
        return CaseKind.NOT_SETTLED_HERE, details
    same = (theirs.units, theirs.amount.minor, theirs.amount.currency)
    return None if same == (charge.units, charge.amount_minor, charge.currency) else (CaseKind.AMOUNT_DIFFERS, details)


async def _note(
    channel: str, differences: Mapping[UUID, tuple[CaseKind, dict[str, Any], bool]], agreeing: set[UUID]
) -> Reconciled:
    async with in_transaction():
        now = clock.now()
        opened = 0
        for charge_id, (kind, details, sandbox) in differences.items():
            values = [uuid7(), channel, charge_id, kind, orjson.dumps(details).decode(), now, sandbox]
            for case in await OPEN.rows(*values):
                await tell_of_case(case["id"], channel, kind, sandbox)
                opened += 1
        open_ones = ReconciliationCase.filter(channel=channel, charge_id__in=list(agreeing), resolved_at__isnull=True)
        closed = await open_ones.order_by("id").select_for_update()
        for agreed in closed:
            agreed.resolved_at, agreed.resolved_by, agreed.note = now, "billing", "the records agree by now"
            await agreed.save(update_fields=["resolved_at", "resolved_by", "note"])
            await _tell_of_end(agreed, SYSTEM)
    return Reconciled(len(differences) + len(agreeing), opened, len(closed))

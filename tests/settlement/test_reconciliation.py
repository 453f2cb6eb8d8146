"""Comparing the provider's record with ours: which difference is which case, and what a case says."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from settlement_spec import Charge, Money, Outcome, ProviderRecord, SettlementResult

from app import clock
from app.api.node import encode_id
from app.bootstrap import Runtime
from app.errors import ChannelUnavailable
from app.settlement.host import ChannelHost
from app.settlement.models import ReconciliationCase, Settlement
from app.settlement.reconciliation import Reconciled, reconcile
from app.settlement.settling import settle_due
from tests.api.driver import Api
from tests.api.wallets import staff
from tests.conftest import TravellingClock
from tests.settlement.conftest import Owing, Plug, Scripted
from tests.settlement.sound import Sound

pytestmark = pytest.mark.parametrize("scripted", [None], indirect=True)
HOUR = timedelta(hours=1)
OPEN = "{ reconciliationCases { totalCount nodes { id kind account { id } } } }"


def record(charge_id: UUID, units: int = 20, minor: int = 10_000, currency: str = "CNY") -> ProviderRecord:
    """What the provider says of a charge."""
    return ProviderRecord(charge_id, "r", units, Money(minor, currency), clock.now())


async def around_now(runtime: Runtime) -> Reconciled:
    """Compare the hours about now."""
    return await reconcile(runtime.host, "scripted", clock.now() - HOUR, clock.now() + HOUR)


async def settled(runtime: Runtime) -> None:
    """Hand everything over."""
    while await settle_due(runtime.host):
        pass


async def handed_over(owing: Owing, runtime: Runtime) -> tuple[UUID, datetime]:
    """A charge, and when it was handed over."""
    await owing()
    await settled(runtime)
    settlement = await Settlement.get()
    assert settlement.handed_over_at is not None
    return settlement.charge_id, settlement.handed_over_at


def provider(units: int = 20, minor: int = 10_000, currency: str = "CNY") -> dict[str, object]:
    """What a case shows of the provider's record."""
    return {"reference": "r", "units": units, "amountMinor": minor, "currency": currency}


async def test_each_difference_is_a_case_until_it_is_gone_or_resolved(
    owing: Owing, scripted: Scripted, runtime: Runtime, api: Api, travelling_clock: TravellingClock
) -> None:
    _, account, _ = await owing(days=3)
    await settled(runtime)
    first, second, third = (charge.id for charge in scripted.handed)
    stranger = uuid4()
    scripted.records = [record(first), record(second, minor=9_000), record(stranger)]
    for opened in (3, 0):
        assert await around_now(runtime) == Reconciled(compared=4, opened=opened, closed=0)
    ours = {"state": "SETTLED", "units": 20, "amountMinor": 10_000}
    cases = {case.charge_id: (case.kind, case.details, case.opened_at) for case in await ReconciliationCase.all()}
    assert cases == {
        second: ("AMOUNT_DIFFERS", {"provider": provider(minor=9_000), "ours": ours}, clock.now()),
        third: ("MISSING_AT_PROVIDER", {"provider": None, "ours": ours}, clock.now()),
        stranger: ("UNKNOWN_CHARGE", {"provider": provider()}, clock.now()),
    }
    finance = await staff(api)
    listed = (await finance.data(OPEN))["reconciliationCases"]["nodes"]
    owners = {case["kind"]: case["account"] for case in listed}
    named = {"id": account}
    assert owners == {"AMOUNT_DIFFERS": named, "MISSING_AT_PROVIDER": named, "UNKNOWN_CHARGE": None}
    scripted.records = [record(first), record(second), record(third), record(stranger)]
    travelling_clock.forward(minutes=5)
    assert await around_now(runtime) == Reconciled(compared=4, opened=0, closed=2)
    closed = await ReconciliationCase.get(charge_id=second)
    assert (closed.resolved_by, closed.note, closed.resolved_at) == (
        "billing",
        "the records agree by now",
        clock.now(),
    )
    (left,) = (await finance.data(OPEN))["reconciliationCases"]["nodes"]
    assert left["kind"] == "UNKNOWN_CHARGE"
    for note in ("a test of the provider's", "another"):
        resolved = await finance.call(
            "resolveReconciliationCase", "case { note resolvedAt }", caseId=left["id"], note=note
        )
        assert resolved["case"]["note"] == "a test of the provider's"
    assert (await finance.data(OPEN))["reconciliationCases"]["totalCount"] == 0


async def test_what_somebody_resolved_stays_resolved_until_a_record_changes(
    owing: Owing, scripted: Scripted, runtime: Runtime, api: Api
) -> None:
    await owing()
    await settled(runtime)
    (charge,) = scripted.handed
    scripted.records = [record(charge.id, minor=9_000)]
    assert (await around_now(runtime)).opened == 1
    finance = await staff(api)
    (case,) = (await finance.data(OPEN))["reconciliationCases"]["nodes"]
    await finance.call("resolveReconciliationCase", "case { id }", caseId=case["id"], note="an agreed discount")
    for _ in range(2):
        assert (await around_now(runtime)).opened == 0
    scripted.records = [record(charge.id, minor=8_000)]
    assert (await around_now(runtime)).opened == 1
    assert await ReconciliationCase.filter(resolved_at=None).count() == 1


@pytest.mark.parametrize(("units", "minor", "currency"), [(19, 10_000, "CNY"), (20, 9_999, "CNY"), (20, 10_000, "USD")])
async def test_units_amount_and_currency_must_agree(
    owing: Owing, scripted: Scripted, runtime: Runtime, units: int, minor: int, currency: str
) -> None:
    await owing()
    await settled(runtime)
    (charge,) = scripted.handed
    scripted.records = [record(charge.id, units, minor, currency)]
    assert await around_now(runtime) == Reconciled(compared=1, opened=1, closed=0)
    case = await ReconciliationCase.get()
    assert (case.kind, case.details["provider"]) == ("AMOUNT_DIFFERS", provider(units, minor, currency))


@pytest.mark.parametrize(
    ("outcome", "known", "kind"),
    [
        (Outcome.REJECTED, True, "NOT_SETTLED_HERE"),
        (Outcome.REJECTED, False, None),
        (Outcome.ACCEPTED, True, None),
        (Outcome.ACCEPTED, False, None),
        (Outcome.UNKNOWN, True, None),
        (Outcome.UNKNOWN, False, None),
        (Outcome.SETTLED, True, None),
        (Outcome.SETTLED, False, "MISSING_AT_PROVIDER"),
    ],
)
async def test_what_is_not_settled_here_differs_only_if_it_needs_attention_and_was_collected(
    owing: Owing, scripted: Scripted, runtime: Runtime, outcome: Outcome, known: bool, kind: str | None
) -> None:
    await owing()

    def answer(charge: Charge) -> SettlementResult:
        return SettlementResult(charge.id, outcome, "r")

    scripted.answer = answer
    await settle_due(runtime.host)
    (charge,) = scripted.handed
    scripted.records = [record(charge.id)] if known else []
    found = await around_now(runtime)
    assert found == Reconciled(compared=1, opened=int(kind is not None), closed=0)
    assert [case.kind for case in await ReconciliationCase.all()] == [kind] * found.opened


async def test_a_window_has_what_was_handed_over_in_it_and_what_the_provider_knows_from_it(
    owing: Owing, scripted: Scripted, runtime: Runtime
) -> None:
    charge_id, handed = await handed_over(owing, runtime)
    windows = {
        (handed, handed + HOUR): 1,
        (handed - HOUR, handed): 0,
        (handed - HOUR, handed + timedelta(microseconds=1)): 1,
        (handed + timedelta(microseconds=1), handed + HOUR): 0,
    }
    for (since, until), compared in windows.items():
        assert (await reconcile(runtime.host, "scripted", since, until)).compared == compared
    assert (await ReconciliationCase.get()).kind == "MISSING_AT_PROVIDER"
    for at, opened in ((handed - timedelta(microseconds=1), 0), (handed + HOUR, 0), (handed, 1)):
        scripted.records = [record(charge_id), ProviderRecord(uuid4(), "r", 20, Money(1, "CNY"), at)]
        assert (await reconcile(runtime.host, "scripted", handed, handed + HOUR)).opened == opened
    assert [case.kind for case in await ReconciliationCase.filter(resolved_at__isnull=True)] == ["UNKNOWN_CHARGE"]


async def test_the_provider_is_asked_a_day_beyond_both_edges(
    owing: Owing, scripted: Scripted, runtime: Runtime
) -> None:
    """What was handed over just before an edge may stand just after it in the provider's record."""
    charge_id, handed = await handed_over(owing, runtime)
    for late in (timedelta(days=-1), timedelta(days=1)):
        scripted.records = [ProviderRecord(charge_id, "r", 20, Money(10_000, "CNY"), handed + late)]
        assert await reconcile(runtime.host, "scripted", handed, handed + HOUR) == Reconciled(1, 0, 0)


async def test_a_channel_that_cannot_tell_what_it_collected_says_so(plug: Plug, scripted: Scripted) -> None:
    host = ChannelHost([plug("sound", lambda: [Sound()])])
    with pytest.raises(ChannelUnavailable) as refused:
        await reconcile(host, "sound", clock.now() - HOUR, clock.now())
    assert refused.value.message("en").startswith("The settlement channel sound is unavailable: it cannot tell what")
    assert "无法提供收款记录" in refused.value.message("zh")
    assert refused.value.path == ("channel",)


async def test_a_case_that_is_not_there_and_a_note_that_is_none(owing: Owing, runtime: Runtime, api: Api) -> None:
    await owing()
    await settled(runtime)
    await around_now(runtime)
    finance = await staff(api)
    case = await ReconciliationCase.get()
    ids = {"there": encode_id("ReconciliationCase", case.id), "not": encode_id("ReconciliationCase", uuid4())}
    asked = {"there": ("InvalidInputError", ["note"]), "not": ("NotFoundError", ["caseId"])}
    for which, (refusal, path) in asked.items():
        answer = await finance.call("resolveReconciliationCase", "__typename", caseId=ids[which], note=" ")
        assert (answer["__typename"], answer["path"]) == (refusal, path)
    assert (await ReconciliationCase.get()).resolved_at is None

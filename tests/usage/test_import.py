"""Importing a file in pieces: any number of times, and with the file's own line numbers in errors."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from app.billing.models import Charge
from app.closing.day_status import day_status
from app.closing.days import close_due
from app.closing.retention import prune_usage
from app.errors import BulkRefused
from app.usage import importing
from app.usage.models import UsageHour
from tests.billing.factory import billed_account, hour_of, report
from tests.conftest import TravellingClock

YESTERDAY = date(2026, 3, 1)
HOUR = hour_of(YESTERDAY, 9).isoformat()


@pytest.mark.parametrize("form", ["csv", "ndjson"])
async def test_a_file_is_added_in_pieces_and_twice_is_once(
    database: str, travelling_clock: TravellingClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(importing, "PIECE", 300)
    deployment = await billed_account(YESTERDAY)
    path = tmp_path / f"usage.{form}"
    if form == "csv":
        rows = [f"{deployment.fingerprint},{HOUR},dk-{number}" for number in range(50)]
        path.write_text("\n".join(["deployment,hour,dataKit", *rows]))
    else:
        entries = [
            {"deployment": deployment.fingerprint, "hour": HOUR, "dataKits": [f"dk-{number}"]} for number in range(50)
        ]
        path.write_bytes(b"\n".join(map(orjson.dumps, entries)))
    done: list[int] = []
    for _ in range(2):
        added = await importing.import_usage(path, form, None, done.append)
        assert (added.lines, added.hours) == (50 + (form == "csv"), len(done))
        assert len(done) > 5
        assert done == sorted(set(done))
        assert done[-1] == path.stat().st_size
        done.clear()
    assert (await UsageHour.get()).quantity == 50


@pytest.mark.parametrize(
    ("form", "good"),
    [("csv", "{d},{h},dk"), ("ndjson", '{{"deployment":"{d}","hour":"{h}","dataKits":["dk"]}}')],
)
async def test_a_wrong_line_has_its_number_in_the_file(
    database: str,
    travelling_clock: TravellingClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    good: str,
) -> None:
    monkeypatch.setattr(importing, "PIECE", 300)
    deployment = await billed_account(YESTERDAY)
    lines = ["deployment,hour,dataKit"] if form == "csv" else []
    lines += [good.format(d=deployment.fingerprint, h=HOUR)] * 20 + ["wrong"]
    path = tmp_path / "usage"
    path.write_text("\n".join(lines))
    with pytest.raises(BulkRefused) as refused:
        await importing.import_usage(path, form, None)
    assert [line.line for line in refused.value.params["lines"]] == [len(lines)]


async def test_a_file_of_one_account_names_no_deployment_of_another(
    database: str, travelling_clock: TravellingClock, tmp_path: Path
) -> None:
    mine, theirs = await billed_account(YESTERDAY), await billed_account(YESTERDAY)
    path = tmp_path / "usage.csv"
    path.write_text(f"deployment,hour,dataKit\n{theirs.fingerprint},{HOUR},dk")
    with pytest.raises(BulkRefused, match="no such activated deployment"):
        await importing.import_usage(path, "csv", mine.account_id)


async def test_imported_usage_of_a_closed_day_adjusts_it_and_status_tells(
    database: str, travelling_clock: TravellingClock, tmp_path: Path
) -> None:
    deployment = await billed_account(YESTERDAY)
    assert (await day_status(2))[1].open == 1
    await close_due()
    path = tmp_path / "late.csv"
    rows = [f"{deployment.fingerprint},{HOUR},dk-{number}" for number in range(50)]
    path.write_text("\n".join(["deployment,hour,dataKit", *rows]))
    await importing.import_usage(path, "csv", deployment.account_id)
    assert (await day_status(2))[1].late == 1
    await close_due()
    assert [charge.amount_minor for charge in await Charge.all().order_by("sequence")] == [10_000, 15_000]
    status = (await day_status(2))[1]
    assert (status.open, status.closed, status.late, status.adjusted, status.unsettled) == (0, 1, 0, 1, 2)


async def test_old_detail_is_forgotten_and_counts_and_charges_stay(
    database: str, travelling_clock: TravellingClock
) -> None:
    deployment = await billed_account(YESTERDAY)
    await report(deployment, hour_of(YESTERDAY, 9), 30)
    travelling_clock.at = datetime(2026, 3, 2, 10, tzinfo=UTC) + timedelta(days=94)
    await report(deployment, hour_of(YESTERDAY + timedelta(days=60), 9), 2)
    assert await prune_usage(94) == 0
    await close_due()
    before = [(charge.day, charge.amount_minor) for charge in await Charge.all().order_by("day")]
    assert (await prune_usage(94), await prune_usage(94)) == (1, 0)
    old, recent = await UsageHour.all().order_by("hour")
    assert (old.ids, old.quantity) == (None, 30)
    assert (recent.ids, recent.quantity) == (["dk-0", "dk-1"], 2)
    assert (await close_due()).charges == 0
    assert [(charge.day, charge.amount_minor) for charge in await Charge.all().order_by("day")] == before

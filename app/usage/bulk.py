"""Usage in bulk: lines are copied to a temporary table as they come, then added in one statement, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app import clock
from app.accounts.models import Account
from app.catalog.models import Aggregation, Meter
from app.db.connection import driver
from app.db.locking import hold_for_usage
from app.db.published import in_force
from app.db.sql import statement
from app.deployments.queries import named_deployments
from app.errors import BulkRefused, InvalidInput
from app.usage.hours import IN_THE_FUTURE, TOO_OLD, reportable
from app.usage.lines import LineError, Lines, Parser, Reading

MOST_ERRORS = 100
COPIED = 10_000
COLUMNS = ("line", "deployment", "meter", "hour", "entry", "value")

STAGE = statement(__file__, "bulk_stage")
FINGERPRINTS = statement(__file__, "bulk_fingerprints")
RESOLVE = statement(__file__, "bulk_resolve")
CHECK = statement(__file__, "bulk_check")
LATE = statement(__file__, "bulk_late")
ADD = statement(__file__, "bulk_add")
END = statement(__file__, "bulk_end")

PROBLEMS = {
    "UNKNOWN_DEPLOYMENT": ("no such activated deployment", "没有已激活的此部署"),
    "SEVERAL_ACCOUNTS": ("several accounts have this deployment: name the account", "多个账户都有此部署：请指明账户"),
    "IN_THE_FUTURE": IN_THE_FUTURE,
    "TOO_OLD": TOO_OLD,
}


@dataclass(frozen=True)
class BulkResult:
    """How many lines were read, and how many hours of deployments they were of."""

    lines: int
    hours: int


class Bulk:
    """One bulk of usage, within a transaction of the caller: ``begin``, ``feed`` again and again, then ``add``."""

    def __init__(self, form: str, meters: dict[str, Aggregation], account_id: UUID | None, first_line: int = 0) -> None:
        self._lines = Lines(first_line)
        self._parser = Parser(form, meters)
        self._account_id = account_id
        self._records: list[Reading] = []
        self._errors: list[LineError] = []

    @classmethod
    async def begin(cls, form: str, account_id: UUID | None, first_line: int = 0) -> Bulk:
        """A bulk in the form ``ndjson`` or ``csv``, of an account's deployments or of any; lines count on from one."""
        meters = {meter.key: Aggregation(meter.aggregation) for meter in await in_force(Meter.all(), clock.now())}
        await STAGE.run()
        return cls(form, meters, account_id, first_line)

    async def feed(self, chunk: bytes) -> None:
        """Take in the next bytes.

        Raises:
            BulkRefused: 100 lines are wrong, or one is too long.
        """
        for number, line in self._lines.feed(chunk):
            self._take(number, line)
        if len(self._records) >= COPIED:
            await self._copy()

    async def add(self) -> BulkResult:
        """Add what was taken in. Adding it again changes nothing; a closed day's adjustment follows.

        Raises:
            BulkRefused: one line at least is wrong; nothing is written.
        """
        for number, line in self._lines.last():
            self._take(number, line)
        await self._copy()
        await self._resolve()
        for row in await CHECK.rows(MOST_ERRORS):
            self._errors.append(LineError(row["line"], InvalidInput.code, *PROBLEMS[row["problem"]]))
        if self._errors:
            self._refuse()
        await LATE.run()
        (added,) = await ADD.rows()
        await END.run()
        return BulkResult(self._lines.count, added["hours"])

    async def _resolve(self) -> None:
        """Find the deployments, and hold their accounts before their days are looked at."""
        fingerprints = [row["fingerprint"] for row in await FINGERPRINTS.rows()]
        named = await named_deployments(fingerprints, self._account_id)
        ids = {one.account_id for one in named if one.account_id is not None}
        await hold_for_usage(ids)
        nows = {account.id: account.now() for account in await Account.filter(id__in=list(ids))}
        bounds = [reportable(nows[one.account_id] if one.account_id else clock.now()) for one in named]
        await RESOLVE.run(
            [one.fingerprint for one in named],
            [one.found for one in named],
            [one.deployment_id for one in named],
            [one.account_id for one in named],
            [oldest for oldest, _ in bounds],
            [newest for _, newest in bounds],
        )

    def _take(self, number: int, line: bytes) -> None:
        try:
            self._records += self._parser.parse(number, line)
        except InvalidInput as error:
            self._errors.append(LineError(number, error.code, error.params["reason_en"], error.params["reason_zh"]))
            if len(self._errors) >= MOST_ERRORS:
                self._refuse()

    async def _copy(self) -> None:
        if self._records:
            await driver().copy_records_to_table("usage_stage", records=self._records, columns=COLUMNS)
            self._records.clear()

    def _refuse(self) -> None:
        wrong = sorted(self._errors, key=lambda error: error.line)[:MOST_ERRORS]
        first = wrong[0]
        raise BulkRefused(line=first.line, reason_en=first.en, reason_zh=first.zh, lines=wrong)

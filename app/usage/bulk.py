"""Usage in bulk: lines are copied to a temporary table as they come, then added in one statement, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tortoise.connection import get_connection

from app import clock
from app.catalog.models import Aggregation, Meter
from app.constants import REPORTABLE
from app.db.connection import driver
from app.errors import BulkRefused, InvalidInput
from app.usage.lines import LineError, Lines, Parser, Record

MOST_ERRORS = 100
COPIED = 10_000
COLUMNS = ("line", "deployment", "meter", "hour", "entry", "value")

STAGE_SQL = """
CREATE TEMP TABLE usage_stage (line bigint, deployment text, meter text, hour timestamptz, entry text COLLATE "C",
    value bigint) ON COMMIT DROP
"""
RESOLVE_SQL = """
CREATE TEMP TABLE usage_from ON COMMIT DROP AS
SELECT s.deployment AS fingerprint, count(d.id) AS found, (array_agg(d.id))[1] AS deployment_id,
    (array_agg(d.account_id))[1] AS account_id
FROM (SELECT DISTINCT deployment FROM usage_stage) AS s
LEFT JOIN deployment d ON d.fingerprint = s.deployment AND ($1::uuid IS NULL OR d.account_id = $1)
GROUP BY s.deployment
"""
HOLD_SQL = """
SELECT a.id FROM account a WHERE a.id IN (SELECT account_id FROM usage_from) ORDER BY a.id FOR KEY SHARE
"""
CHECK_SQL = """
SELECT * FROM (
    SELECT DISTINCT ON (s.line) s.line, CASE
        WHEN f.found = 0 THEN 'UNKNOWN_DEPLOYMENT'
        WHEN f.found > 1 THEN 'SEVERAL_ACCOUNTS'
        WHEN s.hour > now.at THEN 'IN_THE_FUTURE'
        WHEN s.hour < now.at - $2::interval THEN 'TOO_OLD' END AS problem
    FROM usage_stage s JOIN usage_from f ON f.fingerprint = s.deployment LEFT JOIN account a ON a.id = f.account_id
    CROSS JOIN LATERAL (SELECT $1::timestamptz + make_interval(secs => coalesce(a.clock_offset_seconds, 0)) AS at)
        AS now
) AS looked WHERE problem IS NOT NULL ORDER BY line LIMIT $3
"""
ADD_SQL = """
WITH added AS (
INSERT INTO usage_hour AS kept (id, account_id, deployment_id, meter, hour, ids, quantity)
SELECT uuid7(), f.account_id, f.deployment_id, s.meter, s.hour,
    array_agg(DISTINCT s.entry) FILTER (WHERE s.entry IS NOT NULL), coalesce(max(s.value), count(DISTINCT s.entry))
FROM usage_stage s JOIN usage_from f ON f.fingerprint = s.deployment
GROUP BY f.account_id, f.deployment_id, s.meter, s.hour ORDER BY f.deployment_id, s.meter, s.hour
ON CONFLICT (deployment_id, meter, hour)
DO UPDATE SET (ids, quantity) = (SELECT m.ids, m.quantity FROM merged(kept, excluded) AS m)
RETURNING kept.id) SELECT count(*) AS hours FROM added
"""
LATE_SQL = """
UPDATE billing_day d SET late = true
FROM (SELECT DISTINCT f.account_id, s.hour FROM usage_stage s JOIN usage_from f ON f.fingerprint = s.deployment) AS r
WHERE d.account_id = r.account_id AND NOT d.late AND d.begins_at <= r.hour AND d.ends_at > r.hour
  AND d.day BETWEEN r.hour::date - 1 AND r.hour::date + 1
"""
PROBLEMS = {
    "UNKNOWN_DEPLOYMENT": ("no such activated deployment", "没有已激活的此部署"),
    "SEVERAL_ACCOUNTS": ("several accounts have this deployment: name the account", "多个账户都有此部署:请指明账户"),
    "IN_THE_FUTURE": ("hour must not lie in the future", "hour 不得晚于当前时间"),
    "TOO_OLD": (f"hour must not be older than {REPORTABLE.days} days", f"hour 不得早于 {REPORTABLE.days} 天前"),
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
        self._records: list[Record] = []
        self._errors: list[LineError] = []

    @classmethod
    async def begin(cls, form: str, account_id: UUID | None, first_line: int = 0) -> Bulk:
        """A bulk in the form ``ndjson`` or ``csv``, of an account's deployments or of any; lines count on from one."""
        meters = {meter.key: Aggregation(meter.aggregation) for meter in await Meter.all()}
        await get_connection("default").execute_query(STAGE_SQL)
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
        connection = get_connection("default")
        await connection.execute_query(RESOLVE_SQL, [self._account_id])
        await connection.execute_query(HOLD_SQL)
        for row in await connection.execute_query_dict(CHECK_SQL, [clock.now(), REPORTABLE, MOST_ERRORS]):
            self._errors.append(LineError(row["line"], InvalidInput.code, *PROBLEMS[row["problem"]]))
        if self._errors:
            self._refuse()
        await connection.execute_query(LATE_SQL)
        (added,) = await connection.execute_query_dict(ADD_SQL)
        await connection.execute_query("DROP TABLE usage_stage, usage_from")
        return BulkResult(self._lines.count, added["hours"])

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

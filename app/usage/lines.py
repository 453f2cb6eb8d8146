"""Usage as lines of text, NDJSON or CSV: read piece by piece, so that a file of any length takes little memory."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from app.catalog.models import DATA_KITS, Aggregation
from app.constants import MOST_IDS
from app.errors import InvalidInput
from app.usage.checks import check_id, check_meter
from app.usage.hours import is_whole

LONGEST_LINE = 1024 * 1024
COLUMNS = ("deployment", "hour", "dataKit", "meter", "value")
Reading = tuple[int, str, str, datetime, str | None, int | None]


@dataclass(frozen=True)
class LineError:
    """What is wrong with a line, counted from 1."""

    line: int
    code: str
    en: str
    zh: str

    def as_json(self, locale: str) -> dict[str, int | str]:
        """The line, the code, and the message in ``zh`` or ``en``."""
        return {"line": self.line, "code": self.code, "message": self.zh if locale == "zh" else self.en}


class Lines:
    """Cuts a stream of bytes into lines."""

    def __init__(self, count: int = 0) -> None:
        self.count = count
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> Iterator[tuple[int, bytes]]:
        """The lines that are complete now, with their numbers.

        Raises:
            InvalidInput: a line is longer than 1 MiB.
        """
        first, *others = chunk.split(b"\n")
        self._rest += first
        for part in others:
            yield self._next()
            self._rest += part
        if len(self._rest) > LONGEST_LINE:
            raise InvalidInput(
                reason_en=f"line {self.count + 1} is longer than {LONGEST_LINE} bytes",
                reason_zh=f"第 {self.count + 1} 行超过 {LONGEST_LINE} 字节",
            )

    def last(self) -> Iterator[tuple[int, bytes]]:
        """What is left when the stream ends without a newline."""
        if self._rest:
            yield self._next()

    def _next(self) -> tuple[int, bytes]:
        self.count += 1
        line = bytes(self._rest)
        self._rest.clear()
        if self.count == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        return self.count, line


class Parser:
    """Makes records ``(line, deployment, meter, hour, id, value)`` of lines; a record for each id of a line."""

    def __init__(self, form: str, meters: dict[str, Aggregation]) -> None:
        self._csv = form == "csv"
        self._meters = meters
        self._columns: list[str] | None = None
        self._hours: dict[str, datetime] = {}

    def parse(self, number: int, line: bytes) -> list[Reading]:
        """The records of one line; none of an empty one, and of the CSV header.

        Raises:
            InvalidInput: the line is not what docs/usage.md says.
        """
        text = _text(line)
        if not text:
            return []
        if not self._csv:
            return self._record(number, _object(text))
        cells = _cells(text)
        if self._columns is None:
            if not {"deployment", "hour"} <= set(cells) <= set(COLUMNS):
                raise InvalidInput(
                    reason_en=f"the first line of CSV names its columns, out of {', '.join(COLUMNS)}",
                    reason_zh=f"CSV 首行须为列名，可用的有 {', '.join(COLUMNS)}",
                )
            self._columns = cells
            return []
        if len(cells) != len(self._columns):
            raise InvalidInput(
                reason_en=f"{len(cells)} cells for the {len(self._columns)} columns of the first line",
                reason_zh=f"该行有 {len(cells)} 个单元格，而首行有 {len(self._columns)} 列",
            )
        row: dict[str, Any] = {name: cell for name, cell in zip(self._columns, cells, strict=True) if cell}
        if "dataKit" in row:
            row["dataKits"] = [row.pop("dataKit")]
        if "value" in row:
            row["value"] = _number(row["value"])
        return self._record(number, row)

    def _record(self, number: int, row: dict[str, Any]) -> list[Reading]:
        unknown = set(row) - {"deployment", "hour", "dataKits", "meter", "value"}
        if unknown:
            raise InvalidInput(
                reason_en=f"there is no member {min(unknown)[:40]!r}", reason_zh=f"没有成员 {min(unknown)[:40]!r}"
            )
        deployment, meter, value = row.get("deployment"), row.get("meter", DATA_KITS), row.get("value")
        ids: Sequence[str] = row.get("dataKits", ())
        if not isinstance(deployment, str) or not 0 < len(deployment) <= 128:
            raise InvalidInput(
                reason_en="deployment must be the fingerprint of a deployment", reason_zh="deployment 必须是部署的指纹"
            )
        if not isinstance(meter, str) or (value is not None and type(value) is not int):
            raise InvalidInput(
                reason_en="meter must be text, and value a whole number", reason_zh="meter 必须是文本，value 必须是整数"
            )
        if not isinstance(ids, list | tuple) or not all(isinstance(id_, str) for id_ in ids):
            raise InvalidInput(reason_en="dataKits must be a list of ids", reason_zh="dataKits 必须是 ID 列表")
        _refuse_nul(deployment)
        check_meter(self._meters, meter, value, bool(ids), ())
        hour = self._hour(row.get("hour"))
        if value is not None:
            return [(number, deployment, meter, hour, None, value)]
        if not 0 < len(ids) <= MOST_IDS:
            raise InvalidInput(
                reason_en=f"a line has 1 to {MOST_IDS} DataKits",
                reason_zh=f"每行须有 1 到 {MOST_IDS} 个 DataKit",
            )
        for id_ in ids:
            check_id(id_, ())
        return [(number, deployment, meter, hour, id_, None) for id_ in ids]

    def _hour(self, text: object) -> datetime:
        known = self._hours.get(text) if isinstance(text, str) else None
        if known is not None:
            return known
        try:
            hour: datetime | None = datetime.fromisoformat(str(text))
        except ValueError:
            hour = None
        if hour is None or not is_whole(hour):
            raise InvalidInput(
                reason_en="hour must be the start of a whole hour with its offset, ISO 8601",
                reason_zh="hour 必须是带时区偏移的整点时刻（ISO 8601）",
            )
        if len(self._hours) > 10_000:
            self._hours.clear()
        return self._hours.setdefault(str(text), hour)


def _text(line: bytes) -> str:
    try:
        text = line.decode().strip()
    except UnicodeDecodeError:
        raise InvalidInput(reason_en="the line is not UTF-8", reason_zh="该行不是 UTF-8") from None
    _refuse_nul(text)
    return text


def _refuse_nul(text: str) -> None:
    """PostgreSQL keeps no text with it."""
    if "\0" in text:
        raise InvalidInput(reason_en="the line has the character U+0000 in it", reason_zh="该行含有字符 U+0000")


def _object(text: str) -> dict[str, Any]:
    try:
        row = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise InvalidInput(reason_en="the line is not JSON", reason_zh="该行不是 JSON") from None
    if not isinstance(row, dict):
        raise InvalidInput(reason_en="the line is not a JSON object", reason_zh="该行不是 JSON 对象")
    return row


def _cells(text: str) -> list[str]:
    try:
        (cells,) = csv.reader([text], strict=True)
    except (csv.Error, ValueError):
        raise InvalidInput(reason_en="the line is not CSV", reason_zh="该行不是 CSV") from None
    return cells


def _number(cell: str) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) <= 18):
        raise InvalidInput(reason_en="value must be a whole number", reason_zh="value 必须是整数")
    return int(cell)

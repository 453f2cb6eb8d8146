"""A line of bulk usage: what is read of it, and what is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from app.catalog.models import DATA_KITS, Aggregation
from app.constants import MOST_IDS
from app.errors import InvalidInput
from app.usage.checks import LONGEST_ID, MOST_VALUE
from app.usage.lines import LONGEST_LINE, LineError, Lines, Parser

METERS = {DATA_KITS: Aggregation.LARGEST_HOUR, "log_gb": Aggregation.SUM}
HOUR = "2026-03-02T09:00:00+00:00"
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
COLUMNS = b"deployment,hour,dataKit,meter,value"


def object_with(**values: Any) -> bytes:
    """A line of NDJSON."""
    return orjson.dumps({"deployment": "d", "hour": HOUR, **values})


def refusal(form: str, *lines: bytes) -> str:
    """What is wrong with the last of these lines."""
    parser = Parser(form, METERS)
    for line in lines[:-1]:
        parser.parse(1, line)
    with pytest.raises(InvalidInput) as refused:
        parser.parse(len(lines), lines[-1])
    return str(refused.value.params["reason_en"])


def test_a_line_has_a_record_for_each_id_or_one_with_a_value() -> None:
    parser = Parser("ndjson", METERS)
    assert parser.parse(1, b"  \r") == []
    assert parser.parse(7, object_with(dataKits=["a", "b"])) == [
        (7, "d", DATA_KITS, AT, "a", None),
        (7, "d", DATA_KITS, AT, "b", None),
    ]
    assert parser.parse(8, object_with(meter="log_gb", value=5)) == [(8, "d", "log_gb", AT, None, 5)]


def test_rows_have_their_columns_in_any_order_and_empty_cells_say_nothing() -> None:
    parser = Parser("csv", METERS)
    assert parser.parse(1, b"meter,value,hour,dataKit,deployment") == []
    assert parser.parse(2, f'"log_gb","5",{HOUR},,d'.encode()) == [(2, "d", "log_gb", AT, None, 5)]
    assert parser.parse(3, f',,{HOUR},"a,""b""",d\r'.encode()) == [(3, "d", DATA_KITS, AT, 'a,"b"', None)]
    assert Parser("csv", METERS).parse(1, b"hour,deployment") == []


@pytest.mark.parametrize(
    "values",
    [
        {"dataKits": ["x"] * MOST_IDS},
        {"dataKits": ["x" * LONGEST_ID]},
        {"dataKits": ["x"], "deployment": "d" * 128},
        {"meter": "log_gb", "value": 0},
        {"meter": "log_gb", "value": MOST_VALUE},
    ],
)
def test_the_most_that_is_taken(values: dict[str, Any]) -> None:
    assert Parser("ndjson", METERS).parse(1, object_with(**values))


FINGERPRINT = "deployment must be the fingerprint of a deployment"
WHOLE_HOUR = "hour must be the start of a whole hour with its offset, ISO 8601"
KINDS = "meter must be text, and value a whole number"
ID = "a DataKit id must have 1 to 128 characters, none of them a control character"
IDS = "a line has 1 to 5000 DataKits"
VALUE = "value must be 0 to 1000000000000, without dataKits"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"zebra": 1, "apple": 2}, "there is no member 'apple'"),
        ({"z" * 41: 1}, f"there is no member {'z' * 40!r}"),
        ({"deployment": None}, FINGERPRINT),
        ({"deployment": ""}, FINGERPRINT),
        ({"deployment": "d" * 129}, FINGERPRINT),
        ({"deployment": 7}, FINGERPRINT),
        ({"meter": 7}, KINDS),
        ({"meter": "log_gb", "value": "5"}, KINDS),
        ({"meter": "log_gb", "value": 5.0}, KINDS),
        ({"meter": "log_gb", "value": True}, KINDS),
        ({"dataKits": "abc"}, "dataKits must be a list of ids"),
        ({"dataKits": [1]}, "dataKits must be a list of ids"),
        ({"dataKits": {"a": 1}}, "dataKits must be a list of ids"),
        ({"meter": "z" * 41}, f"there is no meter {'z' * 40!r}"),
        ({"value": 5}, "the meter datakit takes ids in dataKits, not a value"),
        ({"meter": "log_gb", "dataKits": ["a"]}, "the meter log_gb takes a value, not ids"),
        ({"meter": "log_gb", "value": 5, "dataKits": ["a"]}, VALUE),
        ({"meter": "log_gb", "value": -1}, VALUE),
        ({"meter": "log_gb", "value": MOST_VALUE + 1}, VALUE),
        ({}, IDS),
        ({"dataKits": []}, IDS),
        ({"dataKits": ["x"] * (MOST_IDS + 1)}, IDS),
        ({"dataKits": ["a", ""]}, ID),
        ({"dataKits": ["a", "b\t"]}, ID),
        ({"dataKits": ["a", "x" * (LONGEST_ID + 1)]}, ID),
        ({"dataKits": ["a"], "hour": None}, WHOLE_HOUR),
        ({"dataKits": ["a"], "hour": 5}, WHOLE_HOUR),
        ({"dataKits": ["a"], "hour": "2026-03-02T09:30:00Z"}, WHOLE_HOUR),
        ({"dataKits": ["a"], "hour": "2026-03-02T09:00:01Z"}, WHOLE_HOUR),
        ({"dataKits": ["a"], "hour": "2026-03-02T09:00:00"}, WHOLE_HOUR),
        ({"dataKits": ["a"], "hour": "0001-01-01T00:00:00+14:00"}, WHOLE_HOUR),
        ({"dataKits": ["a"], "hour": "tomorrow"}, WHOLE_HOUR),
    ],
)
def test_what_an_object_must_not_say(values: dict[str, Any], reason: str) -> None:
    assert refusal("ndjson", object_with(**values)) == reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\xff", "the line is not UTF-8"),
        (b"a\0b", "the line has the character U+0000 in it"),
        (b"not json", "the line is not JSON"),
        (b"[1]", "the line is not a JSON object"),
        (b"5", "the line is not a JSON object"),
    ],
)
def test_what_is_no_object(line: bytes, reason: str) -> None:
    assert refusal("ndjson", line) == reason


NAMES = "the first line of CSV names its columns, out of deployment, hour, dataKit, meter, value"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([b"deployment,dataKit"], NAMES),
        ([b"deployment,hour,dataKits"], NAMES),
        ([b"deployment,hour", b"d"], "1 cells for the 2 columns of the first line"),
        ([b"deployment,hour", b"d,h,x"], "3 cells for the 2 columns of the first line"),
        ([b"deployment,hour", b'"d"x,h'], "the line is not CSV"),
        ([b"deployment,hour", b'd,"h'], "the line is not CSV"),
        ([b"deployment,hour", b"d\rd,h"], "the line is not CSV"),
    ],
)
def test_what_is_no_row(lines: list[bytes], reason: str) -> None:
    assert refusal("csv", *lines) == reason


@pytest.mark.parametrize("cell", ["x", "-1", "1.0", "1_0", " 1", "１", "9" * 19])
def test_a_value_in_a_cell_is_a_whole_number(cell: str) -> None:
    assert refusal("csv", COLUMNS, f"d,{HOUR},,log_gb,{cell}".encode()) == "value must be a whole number"


def test_a_value_in_a_cell_has_the_bounds_of_any() -> None:
    assert refusal("csv", COLUMNS, f"d,{HOUR},,log_gb,{'9' * 18}".encode()) == VALUE


def test_a_wrong_line_is_told_in_the_callers_language() -> None:
    wrong = LineError(3, "INVALID_INPUT", "not CSV", "不是 CSV")
    assert wrong.as_json("en") == {"line": 3, "code": "INVALID_INPUT", "message": "not CSV"}
    assert wrong.as_json("zh") == {"line": 3, "code": "INVALID_INPUT", "message": "不是 CSV"}


def test_a_stream_is_cut_where_its_lines_end() -> None:
    lines = Lines(4)
    assert list(lines.feed(b"a\n\nb")) == [(5, b"a"), (6, b"")]
    assert list(lines.feed(b"c\nd")) == [(7, b"bc")]
    assert list(lines.last()) == [(8, b"d")]
    assert list(lines.last()) == []
    assert lines.count == 8


def test_a_line_has_a_length() -> None:
    lines = Lines()
    assert list(lines.feed(b"x" * LONGEST_LINE)) == []
    with pytest.raises(InvalidInput) as refused:
        list(lines.feed(b"x"))
    assert refused.value.params["reason_en"] == "line 1 is longer than 1048576 bytes"


def test_a_byte_order_mark_at_the_beginning_is_passed_over() -> None:
    lines = Lines()
    found = [*lines.feed(b"\xef\xbb\xbf" + COLUMNS + b"\n\xef\xbb\xbf\n")]
    assert found == [(1, COLUMNS), (2, b"\xef\xbb\xbf")]

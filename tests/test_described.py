"""Enums with descriptions are their values in every other respect."""

from __future__ import annotations

import pickle
from copy import deepcopy

import orjson
import pytest

from app.catalog.keys import EditionKey

KEY = EditionKey.PAY_AS_YOU_GO


def test_a_member_is_its_value() -> None:
    assert KEY == "PAY_AS_YOU_GO"
    assert f"{KEY}" == KEY.value == "PAY_AS_YOU_GO"
    assert orjson.dumps(KEY) == b'"PAY_AS_YOU_GO"'


def test_a_member_is_found_by_its_value() -> None:
    assert EditionKey("PAY_AS_YOU_GO") is KEY
    assert pickle.loads(pickle.dumps(KEY)) is KEY
    assert deepcopy(KEY) is KEY
    with pytest.raises(ValueError, match="PREPAID"):
        EditionKey("PREPAID")


def test_a_member_says_what_it_means() -> None:
    assert KEY.description == "商业版-按量付费版: billed by DataKits and day."

"""Why a check is skipped: the channel rules it out, or the harness does not make it possible."""

from __future__ import annotations

from typing import NoReturn

import pytest

DOES_NOT_APPLY = "does not apply: "
NOT_TRIED = "not tried: "


def does_not_apply(why: str) -> NoReturn:
    """Skip a check that the channel's own description rules out."""
    pytest.skip(DOES_NOT_APPLY + why)


def not_tried(why: str) -> NoReturn:
    """Skip a check that the harness does not make possible; the summary says so."""
    pytest.skip(NOT_TRIED + why)

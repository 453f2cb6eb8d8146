"""The console's own texts, so that a test presses what the person reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

LOCALES = Path(__file__).parents[2] / "web" / "console" / "src" / "locales"


@cache
def texts(language: str) -> Callable[[str], str]:
    """``texts("zh")("account.home")``: the text of a key of the console's, ``<file>.<key>``."""
    files = {path.stem: json.loads(path.read_text()) for path in (LOCALES / language).glob("*.json")}

    def text(key: str) -> str:
        found: object = files
        for name in key.split("."):
            assert isinstance(found, dict)
            found = found[name]
        return str(found)

    return text

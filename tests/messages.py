"""What may stand in a text that people read: no name of a mutation or of an enum's value, and Chinese punctuation."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from graphql import GraphQLEnumType, build_schema

SCHEMA = Path(__file__).parents[1] / "schema.graphql"
CHINESE = "\u3400-\u9fff"
HALF_WIDTH = re.compile(rf"[{CHINESE}”」）][,;:?!()]|[,;:?!()][{CHINESE}“「（]")
WORDS = frozenset({"JSON", "HTTP", "LAST", "LARGEST_HOUR"})
"""Values of enums that are words of a sentence, or that a person types into a command."""


@cache
def mutations() -> frozenset[str]:
    """The names of the API's mutations."""
    kind = build_schema(SCHEMA.read_text()).mutation_type
    assert kind is not None
    return frozenset(kind.fields)


@cache
def _names() -> frozenset[str]:
    kinds = build_schema(SCHEMA.read_text()).type_map.values()
    values = {value for kind in kinds if isinstance(kind, GraphQLEnumType) for value in kind.values if "_" in value}
    return frozenset((values | {name for name in mutations() if not name.islower()}) - WORDS)


def unreadable(text: str, locale: str = "zh") -> list[str]:
    """What is wrong with a text that people read; in an English one, what is called something Chinese may be named."""
    found = [f"{name} in {text!r}" for name in re.findall(r"\w+", text, re.ASCII) if name in _names()]
    if locale == "zh" and HALF_WIDTH.search(text):
        found.append(f"half-width punctuation in {text!r}")
    return found

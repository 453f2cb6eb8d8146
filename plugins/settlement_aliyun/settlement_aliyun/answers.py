"""Records as the marketplace takes them, and what its answers mean for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any
from urllib.parse import quote

from settlement_aliyun.models import Record

MOST_RECORDS = 100
MOST_QUERY = 7_000
"""The metering data is part of the URL, which servers commonly limit to 8 kB."""


class Answer(Enum):
    """Whether the marketplace has the records: yes; no, try later; no, and never like this; nobody knows."""

    TAKEN = auto()
    LATER = auto()
    REFUSED = auto()
    LOST = auto()


@dataclass(frozen=True)
class Pushed:
    """The answer to a request, with the provider's id of it or its reason."""

    answer: Answer
    request_id: str | None = None
    reason: str | None = None


class Unanswered(Exception):
    """The marketplace did not answer, or refused to: why."""


@dataclass(frozen=True)
class Notification:
    """A call that the seller did not answer with success, however often it was repeated; ``message`` is JSON."""

    id: str
    action: str
    message: str


@dataclass(frozen=True)
class Sold:
    """What the marketplace says of an instance: OPENING, OPENED, EXPIRED or CLOSED, and until when it runs."""

    status: str
    ends_at: datetime | None


def metering(records: Sequence[Record]) -> str:
    """The ``Metering`` parameter: JSON, strings throughout as in the provider's example."""
    return json.dumps([_entry(record) for record in records], separators=(",", ":"))


def requests(records: Sequence[Record]) -> list[list[Record]]:
    """Records of one product, split into requests; one that spoiled a request before goes by itself."""
    made: list[list[Record]] = [[record] for record in records if record.alone]
    together: list[Record] = []
    for record in records:
        if record.alone:
            continue
        longer = [*together, record]
        if together and (len(longer) > MOST_RECORDS or len(quote(metering(longer))) > MOST_QUERY):
            made.append(together)
            longer = [record]
        together = longer
    return [*made, together] if together else made


def _entry(record: Record) -> dict[str, Any]:
    entity = {"Key": record.key, "Value": str(record.value)}
    if record.metering_item:
        entity["meteringAssit"] = record.metering_item
    return {
        "InstanceId": record.instance_id,
        "StartTime": str(record.start_time),
        "EndTime": str(record.end_time),
        "Entities": [entity],
    }

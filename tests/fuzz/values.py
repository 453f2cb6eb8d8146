"""Values for arguments: what fits, what was answered before, and what is at the edge or beyond it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from graphql import (
    EnumValueNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    ListValueNode,
    NameNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    ValueNode,
    is_required_input_field,
)
from graphql.language import parse_value

from app.api.node import encode_id, split_id
from app.clock import now
from app.errors import InvalidInput
from tests.api.driver import GATEWAY, literal

STRANGE = (
    "",
    " ",
    "\0",
    "a\nb",
    "\u202e\u200b",
    "e\u0301",
    "𠮷🎈",
    "x" * 300,
    "=1+1",
    "%s{0}{}",
    "' OR 1=1 --",
    "../../etc/passwd",
    "null",
    "-1",
    "９",
    "9" * 40,
    "1e400",
    "NaN",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "2026-02-30",
    "{}",
    "[" * 200,
)
"""Texts that something somewhere may choke on."""
NUMBERS = (0, -1, 1, 2, 3, 7, 20, 30, 100, 101, 2**31 - 1, -(2**31), 2**31, 2**53, 2**63 - 1, 2**63)
AMOUNTS = ("0", "0.01", "10.00", "100.00", "-1.00", "0.001", "1000000.00", "99999999999999.99", "1e3", "1" * 40)
PLAUSIBLE: dict[str, tuple[Any, ...]] = {
    "amount": ("1.00", "10.00", "100.00"),
    "amountOff": ("1.00",),
    "baseFee": ("0", "10.00"),
    "bySeconds": (1, 3_600, 86_400),
    "channel": ("guance", "aws", "aliyun"),
    "configuration": ({},),
    "contactEmail": ("li@example.com",),
    "count": (1, 2),
    "country": ("CN", "US"),
    "currency": ("CNY", "USD", "JPY"),
    "dataGatewayUrl": (GATEWAY,),
    "days": (1, 30),
    "dkLimit": (50,),
    "email": ("a@example.com", "b@example.com"),
    "expectedDataKits": (20,),
    "features": (),
    "first": (1, 2, 3),
    "flat": ("0", "1.00"),
    "freePeriodSeconds": (604_800,),
    "freeQuantity": (0, 10),
    "group": ("partners", "friends"),
    "last": (1, 2, 3),
    "leastTermMonths": (1, 12),
    "licenseDays": (30, 365),
    "maxRedemptions": (1, 10),
    "meter": ("datakit", "log_gb"),
    "minimumQuantity": (1, 20),
    "month": ("2026-03", "2026-04"),
    "months": ("2026-03", "2026-04"),
    "newPassword": ("a long password",),
    "note": ("a note",),
    "overlapHours": (0, 24),
    "password": ("a long password",),
    "currentPassword": ("a long password",),
    "percentOff": (5, 100),
    "price": ("1000.00",),
    "productVersion": ("1.92.3", "1.93.0"),
    "quantity": (1, 20, 150),
    "receivedAmount": ("10.00", "1.00", "100.00"),
    "redeemBy": (),
    "scopes": (),
    "secondFactor": ("123456",),
    "taxNumber": ("91350100M000100Y43",),
    "termMonths": (12,),
    "termStepMonths": (1,),
    "thresholds": (80, 100),
    "timeZone": ("Asia/Shanghai",),
    "unit": ("GB",),
    "unitPrice": ("5.00",),
    "unitsPerPrice": (1,),
    "upTo": (100,),
    "url": ("https://hooks.example.com/x", "https://hooks.example.org/y"),
    "value": (1, 500),
    "version": ("1.92.3", "1.93.0"),
    "within": (30,),
}
"""What an argument of this name is given as a rule."""
ALSO = {
    "code": ("invitationCode", "codes", "code"),
    "license": ("text",),
    "fingerprint": ("fingerprint",),
    "toFingerprint": ("fingerprint",),
    "bankReference": ("reference",),
    "providerReference": ("reference",),
    "search": ("name", "email"),
    "after": ("endCursor", "cursor"),
    "before": ("startCursor", "cursor"),
}
"""Under which names an answer has what such an argument takes."""
ALL_OF = {"Decimal", "BigInt", "Date", "DateTime", "DataKitIds", "JSON", "Boolean", "Int", "String", "ID"}
MOST_KEPT = 60


def _kept() -> dict[str, deque[Any]]:
    return defaultdict(lambda: deque(maxlen=MOST_KEPT))


@dataclass
class Pool:
    """What is known to be there: ids by kind, and what answers said, by the name that they said it under."""

    mine: Mapping[str, list[str]]
    others: Mapping[str, list[str]]
    said: dict[str, deque[Any]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=MOST_KEPT)))
    found: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=MOST_KEPT)))

    records: dict[str, deque[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=MOST_KEPT))
    )

    def known(self, kind: str, *members: str) -> dict[str, Any] | None:
        """The last object of a kind of which these members were answered."""
        has = (one for one in reversed(self.records[kind]) if all(one.get(member) for member in members))
        return next(has, None)

    def last(self, name: str) -> Any:
        """What was answered last under a name."""
        return self.said[name][-1] if self.said[name] else None

    def learn(self, answer: Any, name: str = "") -> None:
        """Keep what an answer says."""
        if isinstance(answer, dict):
            if "id" in answer and "__typename" in answer:
                self.records[answer["__typename"]].append(answer)
            for key, value in answer.items():
                self.learn(value, key)
        elif isinstance(answer, list):
            for one in answer:
                self.learn(one, name)
        elif name == "id" and isinstance(answer, str):
            with suppress(InvalidInput):
                self.found[split_id(answer)[0]].append(answer)
        elif isinstance(answer, (str, int)) and not isinstance(answer, bool) and name not in {"message", "__typename"}:
            self.said[name].append(answer)


@dataclass
class Values:
    """Draws values for arguments; ``kinds`` says which kind an id is of: by operation and argument, or the latter."""

    random: Random
    pool: Pool
    kinds: Mapping[tuple[str, str], str]
    strangeness: float = 0.0

    def value(self, operation: str, name: str, kind: Any) -> Any:
        """A value, or ``None`` for none, for an argument or an input field of this type."""
        if isinstance(kind, GraphQLNonNull):
            found = self.value(operation, name, kind.of_type)
            return self._fitting(operation, name, kind.of_type) if found is None else found
        if self.random.random() < self.strangeness:
            return self._strange(kind)
        return self._fitting(operation, name, kind)

    def _fitting(self, operation: str, name: str, kind: Any) -> Any:
        random = self.random
        if isinstance(kind, GraphQLList):
            return [self.value(operation, name, kind.of_type) for _ in range(random.choice((0, 1, 1, 1, 2, 3)))]
        if isinstance(kind, GraphQLEnumType):
            return EnumValueNode(value=random.choice(list(kind.values)))
        if isinstance(kind, GraphQLInputObjectType):
            return {
                key: self.value(operation, key, about.type)
                for key, about in kind.fields.items()
                if is_required_input_field(about) or random.random() < 0.5
            }
        if kind.name == "ID":
            return self.id(operation, name)
        if name == "idempotencyKey":
            return f"k-{random.randrange(10**9)}" if random.random() < 0.8 else random.choice(("k-1", "k-2"))
        heard = [one for other in ALSO.get(name, (name,)) for one in self.pool.said.get(other, ())]
        usual = PLAUSIBLE.get(name, ())
        if heard and (not usual or random.random() < 0.5) and kind.name == "String":
            return str(random.choice(heard))
        if usual and random.random() < 0.9:
            return random.choice(usual)
        return self._of_kind(kind.name)

    def _of_kind(self, kind: str) -> Any:
        random = self.random
        at = now() + timedelta(minutes=random.choice((-43_200, -1_440, -60, 1, 60, 1_440, 43_200, 500_000)))
        match kind:
            case "Boolean":
                return random.random() < 0.5
            case "Int" | "BigInt":
                return random.choice((1, 2, 10, 30, 100))
            case "Decimal":
                return random.choice(AMOUNTS[:4])
            case "Date":
                return at.date().isoformat()
            case "DateTime":
                return at.replace(minute=0, second=0, microsecond=0).isoformat()
            case "DataKitIds":
                return [f"dk-{random.randrange(40)}" for _ in range(random.randrange(4))]
            case "JSON":
                return random.choice(({}, {"instanceId": "i-1"}, {"a": [1, {"b": None}]}))
            case _:
                return random.choice(("Acme", "text", "li@example.com", f"x-{random.randrange(10**6)}"))

    def id(self, operation: str, name: str) -> str:
        """A global id: as a rule of what there is, of the kind that is asked for."""
        random, pool = self.random, self.pool
        kind = self.kinds.get((operation, name)) or self.kinds.get(("", name)) or random.choice(list(pool.mine))
        ids: Iterable[str] = random.choice((pool.mine, pool.mine, pool.mine, pool.found, pool.others)).get(kind, ())
        if random.random() < 0.05:
            kind = random.choice(list(pool.mine))
        return random.choice([*ids] or [str(encode_id(kind, UUID(int=random.getrandbits(128))))])

    def _strange(self, kind: Any) -> Any:
        random = self.random
        if isinstance(kind, GraphQLList):
            return random.choice(([], [None], [[]], None, "x", list(range(200))))
        if isinstance(kind, (GraphQLEnumType, GraphQLInputObjectType)):
            return random.choice((None, {}, "x", EnumValueNode(value="NO_SUCH")))
        if kind.name in {"Int", "BigInt"}:
            return random.choice(NUMBERS)
        if kind.name == "Decimal":
            return random.choice((*AMOUNTS, *STRANGE))
        return random.choice((*STRANGE, *STRANGE, 5, None, True, 1.5, {"a": 1}, [[]]))


def as_literal(value: Any) -> ValueNode:
    """A value as a GraphQL literal."""
    if isinstance(value, ValueNode):
        return value
    if value is None:
        return NullValueNode()
    if isinstance(value, list):
        return ListValueNode(values=tuple(map(as_literal, value)))
    if isinstance(value, dict):
        fields = [ObjectFieldNode(name=NameNode(value=key), value=as_literal(one)) for key, one in value.items()]
        return ObjectValueNode(fields=tuple(fields))
    return parse_value(str(value) if isinstance(value, float) else literal(value))

"""How every mutation runs: one transaction, typed errors, idempotency keys."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated, Any, cast
from uuid import uuid4

import pytest
import strawberry
from strawberry.scalars import JSON

from app import clock
from app.accounts.models import AccessToken
from app.accounts.models import Account as AccountRow
from app.accounts.models import User as UserRow
from app.accounts.tokens import Viewer
from app.api.context import Info
from app.api.errors import ERROR_TYPES
from app.api.fields import argument
from app.api.mutation import mutation
from app.api.users import User
from app.errors import EmailTaken
from app.events.recording import SYSTEM, Actor
from app.idempotency.models import IdempotencyKey


@dataclass
class Asking:
    """A context: who asks, in which language, and what resolvers did."""

    locale: str = "en"
    who: str = "user:1"
    signed_in: bool = False
    runs: int = 0
    acted_on: None = None
    address: str = ""
    request_id: str = "1"
    named: str = ""
    done: set[str] = field(default_factory=set)

    async def scope(self, sent: bytes) -> str:
        return self.who

    def ask_anew(self) -> None:
        return None

    def actor(self, viewer: Viewer) -> Actor:
        return SYSTEM

    async def viewer(self) -> Viewer | None:
        return Viewer(AccessToken(user_id=uuid4())) if self.signed_in else None

    async def may_see(self, account_id: object) -> bool:
        return False


@strawberry.input
class Details:
    nick_names: list[str]


@strawberry.type
class HireSuccess:
    user: User
    secret: str


@strawberry.type
class RepeatSuccess:
    runs: int


@strawberry.type
class SealSuccess:
    secret: str

    @strawberry.field
    def length(self) -> int:
        return len(self.secret)


@strawberry.type
class Mutation:
    @mutation(EmailTaken, description="Make a user.")
    async def hire(
        self,
        info: Info,
        email_address: str,
        details: Details | None = None,
        extra: JSON | None = None,
    ) -> HireSuccess:
        cast(Asking, info.context).runs += 1
        if await UserRow.exists(email=email_address):
            raise EmailTaken(path=("emailAddress",))
        row = await UserRow.create(email=email_address, name="N", password_hash="x", created_at=clock.now())
        if email_address.startswith("taken"):
            raise EmailTaken(path=("emailAddress",))
        if email_address.startswith("broken"):
            raise RuntimeError("broken")
        return HireSuccess(user=User.of(row), secret=uuid4().hex)

    @mutation(description="Do it again.", rerun=True)
    async def repeat(self, info: Info) -> RepeatSuccess:
        asking = cast(Asking, info.context)
        asking.runs += 1
        return RepeatSuccess(runs=asking.runs)

    @mutation(description="Make a secret.")
    async def seal(self) -> SealSuccess:
        return SealSuccess(secret=uuid4().hex)

    @mutation(
        description="Make a user, and say how many there are.",
        done="Made.",
        answers={"user": (User, "The user."), "former": (User | None, "None."), "count": (int, "How many.")},
    )
    async def declare(self, info: Info, email: Annotated[str, argument("An address.")]) -> tuple[UserRow, None, int]:
        cast(Asking, info.context).runs += 1
        row = await UserRow.create(email=email, name="N", password_hash="x", created_at=clock.now())
        return row, None, await UserRow.all().count()


@strawberry.type
class Query:
    ok: bool = True


SCHEMA = strawberry.Schema(Query, Mutation, types=list(ERROR_TYPES.values()))
HIRE = """
    mutation ($email: String!, $key: String, $details: Details, $extra: JSON) {
      hire(emailAddress: $email, idempotencyKey: $key, details: $details, extra: $extra) {
        __typename
        ... on HireSuccess { user { id email } secret }
        ... on Error { code message path }
      }
    }
"""


async def _hire(asking: Asking, email: str, key: str | None = None, **others: Any) -> dict[str, Any]:
    result = await SCHEMA.execute(
        HIRE, variable_values={"email": email, "key": key, **others}, context_value=cast(Any, asking)
    )
    assert result.errors is None, result.errors
    assert result.data is not None
    return cast(dict[str, Any], result.data["hire"])


def test_the_union_has_the_success_its_errors_and_the_common_ones() -> None:
    union = SCHEMA.as_str().split("union HirePayload = ")[1].split("\n")[0]
    assert union.split(" | ") == [
        "HireSuccess",
        "EmailTakenError",
        "UnauthenticatedError",
        "PermissionDeniedError",
        "AccountSuspendedError",
        "NotFoundError",
        "InvalidInputError",
        "IdempotencyConflictError",
        "SecondFactorRequiredError",
        "RateLimitedError",
        "OverloadedError",
    ]


async def test_success(database: str) -> None:
    answer = await _hire(Asking(), "a@example.com")
    assert answer["__typename"] == "HireSuccess"
    assert answer["user"]["email"] == "a@example.com"


@pytest.mark.parametrize("key", [None, "k"])
async def test_a_refusal_is_typed_and_leaves_nothing_behind(database: str, key: str | None) -> None:
    answer = await _hire(Asking(), "taken@example.com", key)
    assert answer == {
        "__typename": "EmailTakenError",
        "code": "EMAIL_TAKEN",
        "message": "This e-mail address is registered already. Sign in, or use another.",
        "path": ["emailAddress"],
    }
    assert not await UserRow.exists(email="taken@example.com")
    assert not await IdempotencyKey.exists(key="k")


async def test_a_refusal_speaks_chinese(database: str) -> None:
    assert "邮箱" in (await _hire(Asking(locale="zh"), "taken@example.com"))["message"]


async def test_a_failure_leaves_nothing_behind(database: str) -> None:
    variables = {"email": "broken@example.com", "key": "k"}
    result = await SCHEMA.execute(HIRE, variable_values=variables, context_value=cast(Any, Asking()))
    assert result.errors is not None
    assert not await UserRow.exists(email="broken@example.com")
    assert not await IdempotencyKey.exists(key="k")


async def test_the_same_key_with_the_same_input_answers_the_same(database: str) -> None:
    asking = Asking()
    first = await _hire(asking, "a@example.com", "k", extra={"b": 1, "a": [2]})
    assert await _hire(asking, "a@example.com", "k", extra={"a": [2], "b": 1}) == first
    assert asking.runs == 1


async def test_secrets_are_kept_encrypted(database: str) -> None:
    answer = await _hire(Asking(), "a@example.com", "k")
    assert answer["secret"] not in str((await IdempotencyKey.get(key="k")).result_encrypted)


async def test_the_same_key_with_another_input_is_a_conflict(database: str) -> None:
    asking = Asking()
    await _hire(asking, "a@example.com", "k")
    answer = await _hire(asking, "b@example.com", "k")
    assert (answer["code"], answer["path"]) == ("IDEMPOTENCY_CONFLICT", ["idempotencyKey"])
    assert asking.runs == 1


async def test_somebody_elses_key_is_another_key(database: str) -> None:
    await _hire(Asking(who="user:1"), "a@example.com", "k")
    answer = await _hire(Asking(who="user:2"), "b@example.com", "k")
    assert answer["user"]["email"] == "b@example.com"


async def test_who_may_no_longer_see_the_answer_does_not_get_it_again(database: str) -> None:
    await _hire(Asking(), "a@example.com", "k")

    answer = await _hire(Asking(signed_in=True), "a@example.com", "k")
    assert answer["code"] == "NOT_FOUND"


async def test_concurrent_repeats_do_the_work_once(database: str) -> None:
    asking = Asking()
    answers = await asyncio.gather(*(_hire(asking, "a@example.com", "k") for _ in range(6)))
    assert answers[1:] == answers[:-1]
    assert asking.runs == 1


async def test_a_refused_request_may_be_sent_again_with_its_key(database: str) -> None:
    asking = Asking()
    await _hire(asking, "taken@example.com", "k")
    assert (await _hire(asking, "a@example.com", "k"))["__typename"] == "HireSuccess"


async def test_work_that_is_idempotent_by_itself_runs_again(database: str) -> None:
    asking = Asking()
    for runs in (1, 2, 3):
        result = await SCHEMA.execute(
            'mutation { repeat(idempotencyKey: "k") { ... on RepeatSuccess { runs } } }',
            context_value=cast(Any, asking),
        )
        assert result.data == {"repeat": {"runs": runs}}


def test_nobody_gets_an_account_without_saying_for_whom_it_is() -> None:
    async def change(self: object, account: AccountRow) -> RepeatSuccess:
        return RepeatSuccess(runs=1)

    with pytest.raises(TypeError, match="account"):
        mutation(description="Change it.")(change)


async def test_what_a_resolver_of_the_answer_makes_is_made_again(database: str) -> None:
    document = 'mutation { seal(idempotencyKey: "k") { ... on SealSuccess { secret length } } }'
    answers = [await SCHEMA.execute(document, context_value=cast(Any, Asking())) for _ in range(2)]
    assert [answer.errors for answer in answers] == [None, None]
    assert answers[0].data == answers[1].data
    assert answers[0].data is not None
    assert answers[0].data["seal"]["length"] == 32


async def test_a_declared_answer_shows_rows_as_their_views(database: str) -> None:
    asking = Asking()
    document = """mutation { declare(email: "a@example.com", idempotencyKey: "k") {
        __typename ... on DeclareSuccess { user { email } former { email } count } } }"""
    for _ in range(2):
        result = await SCHEMA.execute(document, context_value=cast(Any, asking))
        assert result.errors is None
        assert result.data == {
            "declare": {
                "__typename": "DeclareSuccess",
                "user": {"email": "a@example.com"},
                "former": None,
                "count": 1,
            }
        }
    assert asking.runs == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb"])
async def test_a_key_of_another_form_is_refused(database: str, key: str) -> None:
    answer = await _hire(Asking(), "a@example.com", key)
    assert (answer["code"], answer["path"]) == ("INVALID_INPUT", ["idempotencyKey"])


def _nested(depth: int) -> Any:
    return [_nested(depth - 1)] if depth else []


@pytest.mark.parametrize(
    ("others", "path"),
    [
        ({"email": "a\0@example.com"}, ["emailAddress"]),
        ({"email": "a@example.com", "details": {"nickNames": ["a", "\0"]}}, ["details", "nickNames", "1"]),
        ({"email": "a@example.com", "extra": {"a_b": "\0"}}, ["extra", "a_b"]),
        ({"email": "a@example.com", "extra": {"\0": "a"}}, ["extra"]),
        ({"email": "a@example.com", "extra": _nested(100)}, ["extra"]),
        ({"email": "a@example.com", "key": "\0"}, ["idempotencyKey"]),
    ],
)
async def test_what_the_database_cannot_keep_is_refused(database: str, others: dict[str, Any], path: list[str]) -> None:
    answer = await _hire(Asking(), **others)
    assert (answer["code"], answer["path"]) == ("INVALID_INPUT", path)

"""What is logged says who did what, and nothing that they sent."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import GraphQLError, Source
from tortoise.exceptions import DBConnectionError

from app.api.schema import schema
from app.errors import NotFound
from app.logs import about, configure, note
from tests.serving import serving

SECRET = "MY-SECRET-7391"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """What was logged since, as JSON; the loggers are as they were in the end."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure("json", "INFO")
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    root.handlers[:] = before
    root.setLevel(level)


def test_a_line_has_what_is_known_and_a_traceback_has_no_words(lines: Any) -> None:
    log = logging.getLogger("somewhere")
    with about(request="r-1"):
        note(account="a-1")
        try:
            try:
                int(SECRET)
            except ValueError as error:
                raise KeyError(SECRET) from error
        except KeyError:
            log.exception("it failed", extra={"duration_ms": 3.5})
    log.info("later")
    first, second = lines()
    assert {**first, "time": "", "exception": ""} == {
        "event": "it failed",
        "level": "error",
        "logger": "somewhere",
        "request": "r-1",
        "account": "a-1",
        "duration_ms": 3.5,
        "error": "KeyError",
        "time": "",
        "exception": "",
    }
    assert "ValueError\n" in first["exception"]
    assert __file__ in first["exception"]
    assert SECRET not in first["exception"]
    assert "account" not in second


@pytest.mark.parametrize(
    "said",
    [
        f"postgresql://billing:{SECRET}@db.example/billing does not answer",
        f"Authorization: Bearer {SECRET}",
        f'{{"password": "{SECRET}"}}',
        f"password={SECRET}",
        f"the token ses_{SECRET}",
        f"the key whsec_{SECRET}==",
    ],
)
def test_what_looks_like_a_secret_is_starred(lines: Any, said: str) -> None:
    logging.getLogger("a.library").warning("said: %s", said)
    (line,) = lines()
    assert SECRET not in line["event"]
    assert "***" in line["event"]


def test_for_people_a_line_is_read_at_a_glance(capsys: pytest.CaptureFixture[str], lines: Any) -> None:
    configure("text", "INFO")
    with about(account="a-1"):
        logging.getLogger("somewhere").info("done", extra={"duration_ms": 2.5})
    said = capsys.readouterr().err
    assert "done" in said
    assert "account=a-1" in said
    assert "duration_ms=2.5" in said


def test_our_faults_are_logged_and_what_clients_got_wrong_is_not(lines: Any) -> None:
    wrong = GraphQLError(f"Unknown argument in {SECRET}", source=Source(SECRET), positions=[0])
    refused = GraphQLError("refused", original_error=NotFound(what="account"))
    gone = GraphQLError(SECRET, original_error=DBConnectionError(SECRET))
    ours = GraphQLError(SECRET, source=Source(SECRET), positions=[0], original_error=ValueError(SECRET))
    schema.process_errors([wrong, refused, gone, ours])
    logged = lines()
    assert [(line["level"], line.get("error")) for line in logged] == [("warning", None), ("error", "ValueError")]
    assert SECRET not in json.dumps(logged)


@pytest.mark.slow
def test_a_server_logs_each_request_once_and_nothing_that_was_sent(database_url: str, tmp_path: Path) -> None:
    wrong = f'mutation {{ signIn(email: "b@example.com", password: "{SECRET}", remember: true) {{ __typename }} }}'
    right = 'mutation ($password: String!) { signIn(email: "b@example.com", password: $password) { __typename } }'
    with serving(tmp_path, database_url, settings={"BILLING_LOG_FORMAT": "json"}) as server:
        token = json.loads((server.data / "demo-tokens.json").read_text())["administrator"]
        bearer = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=server.base) as http:
            asked = [
                http.post("/graphql", json={"query": wrong}),
                http.post("/graphql", json={"query": right, "variables": {"password": SECRET}}),
                http.post("/graphql", json={"query": right, "variables": {"password": {"a": SECRET}}}),
                http.post("/graphql", content=f'{{"query": "{SECRET}'),
                http.get(f"/nowhere/{SECRET}?token={SECRET}"),
                http.post(
                    "/graphql",
                    json={"query": "query Q { me: viewer { accounts { nodes { id } } } }"},
                    headers=bearer,
                ),
            ]
            me = asked[-1].json()["data"]["me"]["accounts"]["nodes"][0]["id"]
            asked.append(
                http.post(
                    "/graphql",
                    json={"query": "query ($id: ID!) { account(id: $id) { name } }", "variables": {"id": me}},
                    headers=bearer,
                )
            )
    text = (tmp_path / "serve.log").read_text()
    found = map(json.loads, filter(lambda line: line[0] == "{", text.splitlines()))
    logged = {line["request"]: line for line in found if "request" in line}
    mine = [logged[answer.headers["x-request-id"]] for answer in asked]
    assert [(line["operation"], line["outcome"]) for line in mine] == [
        ("mutation signIn", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation signIn", "INVALID_CREDENTIALS"),
        ("mutation signIn", "BAD_USER_INPUT"),
        ("/graphql", "415"),
        ("/{path:path}", "404"),
        ("query viewer", "OK"),
        ("query account", "OK"),
    ]
    assert all(line["duration_ms"] > 0 and line["time"] and line["level"] == "info" for line in mine)
    assert mine[-1]["viewer"].startswith("user:")
    assert len(mine[-1]["account"]) == 36
    assert SECRET not in text
    assert sum(token in line for line in text.splitlines()) == 1  # printed for whoever started it, and never logged

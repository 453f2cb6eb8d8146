"""GraphQL is served over HTTP as its specification says: the audits of its working group find nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.api.driver import URL, Api
from tests.serving import ROOT, Server

RESPONSE_JSON = "application/graphql-response+json"


def test_the_audits_find_nothing_but_that_gets_are_not_served(server: Server) -> None:
    path = f"{os.environ['PATH']}:{Path(sys.executable).parent}"
    node = shutil.which("node", path=path)
    assert node, "make test installs it"
    command = [node, str(ROOT / "web" / "audit.mjs"), server.url]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line for line in found if not (line.startswith("notice: MAY") and "GET" in line)] == []
    assert len(found) == 3


@pytest.mark.parametrize(
    ("accept", "document", "status", "kind"),
    [
        ("*/*", "{ nothing }", 200, "application/json"),
        ("application/json", "{", 200, "application/json"),
        (RESPONSE_JSON, "{", 400, RESPONSE_JSON),
        (RESPONSE_JSON, "{ nothing }", 400, RESPONSE_JSON),
        (RESPONSE_JSON, "{ __typename }", 200, RESPONSE_JSON),
        (f"{RESPONSE_JSON}, application/json;q=0.9", "{ nothing }", 400, RESPONSE_JSON),
        (f"{RESPONSE_JSON};q=0.5, application/json", "{ nothing }", 200, "application/json"),
        (f"{RESPONSE_JSON};q=x", "{ nothing }", 200, "application/json"),
        (RESPONSE_JSON, '{ account(id: "x") { id } }', 200, RESPONSE_JSON),
    ],
)
async def test_who_accepts_the_media_type_of_graphql_gets_it(
    api: Api, accept: str, document: str, status: int, kind: str
) -> None:
    answer = await api.http.post(URL, json={"query": document}, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (status, kind)
    assert "Accept" in answer.headers["vary"]
    body: dict[str, Any] = answer.json()
    assert ("data" in body) is (status == 200)

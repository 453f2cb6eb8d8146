"""Users who sign in."""

from __future__ import annotations

from typing import Any

import orjson

from tests.api.driver import Api

PASSWORD, NEW = "a long password", "another long password"


async def address(mine: Api) -> str:
    return str((await mine.data("{ viewer { user { email } } }"))["viewer"]["user"]["email"])


async def signed_in(api: Api, email: str, password: str = PASSWORD) -> Any:
    return await api.call("signIn", "token", email=email, password=password)


async def works(token: str, api: Api) -> bool:
    """Whether a token is somebody's; one that does not work is refused whatever it is sent with."""
    answer = await Api(api.http, token).answer("{ viewer { user { id } } }")
    if "data" in answer:
        return answer["data"]["viewer"] is not None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"], answer
    return False


async def rows_about(client: Api) -> list[dict[str, Any]]:
    """What the person gets to take along."""
    headers = {"Authorization": f"Bearer {client.token}"}
    answer = await client.http.get("http://test/personal-data.ndjson", headers=headers)
    assert answer.status_code == 200
    return [orjson.loads(line) for line in answer.text.splitlines()]

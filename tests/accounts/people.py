"""Users who sign in."""

from __future__ import annotations

from typing import Any

import orjson
import pyotp

from tests.accounts.authenticator import Authenticator
from tests.api.driver import Api
from tests.conftest import TravellingClock

PASSWORD, NEW = "a long password", "another long password"
ORIGIN = "https://billing.example.com"


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


async def added(client: Api, device: Authenticator, name: str = "phone") -> Any:
    """What adding a device's passkey answers."""
    begun = await client.call("beginPasskeyRegistration", "options")
    made = device.make(begun["options"])
    return await client.call("completePasskeyRegistration", "passkey { id name }", credential=made, name=name)


def code(secret: str, clock: TravellingClock, steps: int = 0) -> str:
    """A one-time code, as many half minutes away."""
    return pyotp.TOTP(secret).at(int(clock.at.timestamp()) + 30 * steps)


async def begun(mine: Api) -> str:
    """The secret of a second factor that is to be confirmed."""
    made = await mine.call("beginSecondFactor", "secret uri")
    assert made["uri"].startswith("otpauth://totp/Edition%20Billing:")
    assert made["secret"] in made["uri"]
    return str(made["secret"])


async def set_up(mine: Api, clock: TravellingClock) -> tuple[str, list[str]]:
    """A second factor that counts: its secret, and the recovery codes."""
    secret = await begun(mine)
    made = await mine.call("confirmSecondFactor", "recoveryCodes", code=code(secret, clock, -1))
    return secret, made["recoveryCodes"]

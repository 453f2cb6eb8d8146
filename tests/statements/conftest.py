"""An account that is billed, and finance staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx
import pytest

from app.accounts.models import Account, StaffAssignment, StaffRole, User
from app.api.node import decode_id
from app.bootstrap import Runtime
from app.settlement.settling import settle_due
from app.statements.issuing import issue_due
from tests.api.driver import Api, activate, advance, license_and_key, registered, upgraded
from tests.conftest import TravellingClock


@dataclass
class Billed:
    """A sandbox account whose license is active, billed from 2026-03-10 on."""

    api: Api
    account: str
    ak: str
    sk: str
    runtime: Runtime
    fingerprint: str = "fingerprint-1"

    @property
    def key(self) -> UUID:
        return decode_id(self.account, "Account", "id")

    async def row(self) -> Account:
        return await Account.get(id=self.key)

    async def travel(self, to: str) -> None:
        """Advance the account's clock to an instant in Shanghai."""
        at = datetime.fromisoformat(f"{to}+08:00")
        await advance(self.api, self.account, int((at - (await self.row()).now()).total_seconds()))

    async def report(self, hour: str, count: int, prefix: str = "dk") -> None:
        """Report DataKits for an hour in Shanghai."""
        reports = [{"hour": f"{hour}+08:00", "dataKits": [f"{prefix}-{n}" for n in range(count)]}]
        sent = await self.api.call(
            "reportUsage",
            "accepted { count }",
            (self.ak, self.sk),
            fingerprint=self.fingerprint,
            reports=reports,
        )
        assert sent["__typename"] == "ReportUsageSuccess", sent

    async def settle(self) -> None:
        """Hand over what is due, and issue the statements that waited for it, as the worker does."""
        while await settle_due(self.runtime.host):
            pass
        await issue_due(sandboxes=True)

    async def statement(self, month: str, fields: str) -> dict[str, object]:
        found = await self.api.account(self.account, f'statement(month: "{month}") {{ {fields} }}')
        return dict(found["statement"])

    async def download(self, month: str, form: str, **headers: str) -> httpx.Response:
        url = f"http://billing.test/statements/{self.account}/{month}.{form}"
        return await self.api.http.get(url, headers={"Authorization": f"Bearer {self.api.token}", **headers})


@pytest.fixture
async def billed(api: Api, travelling_clock: TravellingClock, runtime: Runtime) -> Billed:
    """A billed account."""
    mine, account = await upgraded(api)
    text, ak, sk = await license_and_key(mine, account)
    await activate(mine, text, ak, sk)
    return Billed(mine, account, ak, sk, runtime)


@pytest.fixture
async def finance(api: Api) -> Api:
    """Somebody of the finance staff."""
    mine, _ = await registered(api)
    email = (await mine.data("{ viewer { user { email } } }"))["viewer"]["user"]["email"]
    await StaffAssignment.create(user_id=(await User.get(email=email)).id, role=StaffRole.FINANCE)
    return mine

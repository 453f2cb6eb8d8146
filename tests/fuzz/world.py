"""Who sends what to a running server: two customers with something of every kind, and everybody who may ask."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import httpx
import orjson
from tortoise.connection import get_connection

from app.accounts.models import AccessToken, Role, StaffRole
from app.api.listening import listen, server
from app.api.node import Node
from app.bootstrap import Runtime
from app.clock import now
from app.main import create_app
from app.protocol.signing import sign_request
from tests.accounts.people import address
from tests.api.driver import Api, Enum, joined, registered
from tests.api.tenant import Tenant, tenant, vendor
from tests.api.wallets import staff
from tests.fuzz.operations import Request, roots
from tests.fuzz.values import Pool
from tests.serving import free_port

KEPT = ("access_token", "membership", "staff_assignment", "user_account", "second_factor", "access_key")
"""Tables that are put back now and then, so that those who ask are not locked out by what they did themselves."""
UNMARKED = ("audit_entry", "audit_seal", "throttle", "access_token", "nonce", "worker", "fuzz_change")
"""Tables that a refused mutation may write: who tried what, when a token was used, which nonce came."""
KINDS = {
    "addressId": "InvoiceAddress",
    "agreementId": "AgreementVersion",
    "batchId": "VoucherBatch",
    "caseId": "ReconciliationCase",
    "cardIds": "Fund",
    "endpointId": "WebhookEndpoint",
    "shareId": "WalletShare",
    "titleId": "InvoiceTitle",
    "verificationId": "CompanyVerification",
    "voucherId": "Fund",
    "after": "Event",
}
MARK = """
CREATE UNLOGGED TABLE fuzz_change (at bigint GENERATED ALWAYS AS IDENTITY, changed text);
CREATE FUNCTION fuzz_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO fuzz_change (changed) VALUES (TG_TABLE_NAME); RETURN NULL; END $$;
"""
log = logging.getLogger(__name__)


@dataclass
class Asker:
    """Somebody who may send requests: with a bearer token, or a deployment's key to sign them, or neither."""

    name: str
    token: str | None = None
    key: tuple[str, str] | None = None

    def headers(self, url: str, body: bytes) -> dict[str, str]:
        """The headers of a request of theirs."""
        headers = {"Content-Type": "application/json", "Accept-Language": "zh" if len(body) % 2 else "en"}
        if self.key:
            headers |= sign_request(*self.key, "POST", url, body, datetime.now(UTC))
        return headers | ({"Authorization": f"Bearer {self.token}"} if self.token else {})


class Faults(logging.Handler):
    """Keeps what the server logs as a fault of its own."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.seen.append(logging.Formatter("%(name)s %(message)s").format(record)[-1500:])


@dataclass
class World:
    """A server with what is in it, and who asks."""

    base: str
    askers: list[Asker]
    pool: Pool
    kinds: Mapping[tuple[str, str], str]
    faults: Faults

    async def mark(self) -> int:
        """A number that is another one after whatever was committed since."""
        (row,) = await get_connection("default").execute_query_dict(
            "SELECT coalesce(max(at), 0) AS at FROM fuzz_change"
        )
        return int(row["at"])

    async def changed(self, since: int) -> list[str]:
        """The tables in which something was committed since a mark."""
        rows = await get_connection("default").execute_query_dict(
            "SELECT DISTINCT changed FROM fuzz_change WHERE at > $1 ORDER BY 1", [since]
        )
        return [row["changed"] for row in rows]

    async def restore(self) -> None:
        """Give everybody back who they are, and forget what they tried."""
        connection = get_connection("default")
        await connection.execute_script("TRUNCATE throttle; TRUNCATE fuzz_change")
        for table in KEPT:
            columns = await connection.execute_query_dict(
                "SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1", [table]
            )
            taken = ", ".join(f'"{one["name"]}" = EXCLUDED."{one["name"]}"' for one in columns if one["name"] != "id")
            await connection.execute_script(
                f"INSERT INTO {table} SELECT * FROM fuzz_kept_{table} ON CONFLICT (id) DO UPDATE SET {taken}"
            )


@asynccontextmanager
async def world(api: Api, runtime: Runtime, random: Random) -> AsyncIterator[World]:
    """A running server, filled."""
    helped_by = await vendor(api)
    first, second = await tenant(api, runtime, helped_by), await tenant(api, runtime, helped_by)
    askers = await _askers(api, first, second)
    await _marked()
    pool = Pool(first.ids, second.ids)
    pool.learn({"email": [await address(first.client), await address(second.client)]})
    pool.learn(dict(zip(("ak", "sk"), askers[-1].key or (), strict=False)) | {"fingerprint": askers[-1].name})
    faults = Faults()
    logging.getLogger().addHandler(faults)
    sockets = listen("127.0.0.1", port := free_port())
    running = server(create_app(runtime), runtime.settings)
    serving = asyncio.create_task(running.serve(sockets))
    try:
        while not running.started:
            await asyncio.sleep(0.01)
        yield World(f"http://127.0.0.1:{port}", askers, pool, _kinds(), faults)
    finally:
        running.stop()
        await asyncio.wait_for(serving, 30)
        logging.getLogger().removeHandler(faults)


async def _askers(api: Api, first: Tenant, second: Tenant) -> list[Asker]:
    """Nobody, both owners, members and staff with each role, tokens of each kind, and tokens that ended."""
    found = {"nobody": None, "owner": first.client.token, "another owner": second.client.token}
    accounts = [
        one["id"]
        for one in (await first.client.data("{ viewer { accounts { nodes { id } } } }"))["viewer"]["accounts"]["nodes"]
    ]
    for role in Role:
        member, _ = await registered(api)
        for account in accounts:
            await joined(first.client, account, member, role)
        found[f"member {role}"] = member.token
    for staff_role in StaffRole:
        found[f"staff {staff_role}"] = (await staff(api, [staff_role])).token
    everything = await staff(api, list(StaffRole))
    found["staff of every role"] = everything.token
    email = await address(first.client)
    for name, scopes in (("token without scopes", None), ("token for money", [Enum("MONEY")])):
        made = await first.client.call("createPersonalAccessToken", "token", name=name, scopes=scopes)
        found[name] = made["token"]
    made = await first.client.call(
        "createServiceToken", "token", accountId=first.account, name="ci", role=Enum("ADMIN"), scopes=[Enum("ACCOUNT")]
    )
    found["service token"] = made["token"]
    for name in ("revoked token", "expired token"):
        signed = await api.call("signIn", "token", email=email, password="a long password")
        found[name] = signed["token"]
    await Api(api.http, found["revoked token"]).call("signOut", "user { id }")
    expired = await first.client.call(
        "createPersonalAccessToken", "token", name="expired", expiresAt=(now() + timedelta(days=1)).isoformat()
    )
    found["expired token"] = expired["token"]
    await AccessToken.filter(name="expired").update(expires_at=now() - timedelta(seconds=1))
    made = await first.client.call("createAccessKey", "accessKey { ak } sk", accountId=first.account, label="x")
    (deployed, *_) = (await first.client.account(first.account, "deployments { nodes { fingerprint } }"))[
        "deployments"
    ]["nodes"]
    return [
        *(Asker(name, token) for name, token in found.items()),
        Asker(deployed["fingerprint"], key=(made["accessKey"]["ak"], made["sk"])),
    ]


async def _marked() -> None:
    connection = get_connection("default")
    await connection.execute_script(MARK)
    tables = await connection.execute_query_dict(
        "SELECT c.relname AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    )
    for name in sorted(one["name"] for one in tables if one["name"] not in UNMARKED):
        await connection.execute_script(
            f'CREATE TRIGGER zz_fuzz AFTER INSERT OR UPDATE OR DELETE ON "{name}" '
            "FOR EACH ROW EXECUTE FUNCTION fuzz_mark()"
        )
    for table in KEPT:
        await connection.execute_script(f"CREATE TABLE fuzz_kept_{table} AS TABLE {table}")


def _kinds() -> dict[tuple[str, str], str]:
    """Which kind an argument takes the id of: by its name, and for ``id`` by what is done with it."""
    found = {("", name): kind for name, kind in KINDS.items()}
    for kind in sorted(Node.kinds, key=len):
        name = kind[0].lower() + kind[1:]
        found.setdefault(("", f"{name}Id"), kind)
        found.setdefault(("", f"{name}Ids"), kind)
        found |= {(operation, "id"): kind for _, operation in roots() if operation.lower().endswith(kind.lower())}
    return found


def request_body(asked: Request) -> bytes:
    """The body of a request."""
    return orjson.dumps({"query": asked.document, "variables": asked.variables})


async def posted(http: httpx.AsyncClient, url: str, asker: Asker, body: bytes) -> httpx.Response:
    """The answer to an operation."""
    return await http.post(url, content=body, headers=asker.headers(url, body))

"""Providers that answer at once, each in a process of its own, and the bare way to have charges collected by them."""

from __future__ import annotations

import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import boto3
import httpx
from alibabacloud_market20151101.client import Client
from alibabacloud_market20151101.models import PushMeteringDataRequest
from alibabacloud_tea_openapi.utils_models import Config
from settlement_aliyun.answers import metering, requests
from settlement_aliyun.models import Record
from settlement_aws.hours import open_hours, timestamp_of
from settlement_aws.metering import MOST_RECORDS
from settlement_aws.models import SubscriptionState

from app.billing.models import Charge, ChargeKind
from app.db.connection import credentials
from tests.conformance import around_aliyun, around_aws
from tests.serving import free_port
from tests.settlement.debts import raise_charges
from tests.standins import aliyun, aws

Owed = Sequence[tuple[Charge, str]]
"""Charges, each of another account, and the name that its payer has in the provider's book."""
OPEN_WALLET = (
    "INSERT INTO guance_wallet (account_id, opened_at, cash_minor) VALUES ($1, now(), 0) ON CONFLICT DO NOTHING"
)
LOCK_WALLET = "SELECT cash_minor FROM guance_wallet WHERE account_id = $1 FOR UPDATE"
MOVE = (
    "INSERT INTO guance_transaction (id, account_id, kind, reference, at, units, collected_at) "
    "VALUES ($1, $2, 'CHARGE', $1, now(), $3, now())"
)
ENTER = (
    "INSERT INTO guance_entry (id, transaction_id, account_id, place, amount_minor, currency) "
    "SELECT gen_random_uuid(), $1, $2, place, sign * $3, 'CNY' "
    "FROM (VALUES ('CASH', -1), ('VENDOR', 1)) AS side(place, sign)"
)
BOOK = (
    "SELECT t.reference, e.amount_minor FROM guance_transaction t "
    "JOIN guance_entry e ON e.transaction_id = t.id AND e.place = 'VENDOR' WHERE t.kind = 'CHARGE'"
)


class Provider(ABC):
    """What collects charges, told from the outside; ``settings`` point a channel to it."""

    key: str
    settings: Mapping[str, str] = {}

    @abstractmethod
    async def owe(self, charges: int) -> Owed:
        """Accounts that owe one charge each, in the database that is connected."""

    @abstractmethod
    def expected(self, owed: Owed) -> list[tuple[str, int]]:
        """What the book says when everything was collected once."""

    @contextmanager
    def running(self, owed: Owed) -> Iterator[None]:
        """Nothing was collected yet, and everybody who owes is known."""
        yield

    @abstractmethod
    async def book(self, database: str) -> list[tuple[str, int]]:
        """Who paid how much: minor units of money, or units of usage."""

    @abstractmethod
    async def bare(self, owed: Owed, database: str) -> None:
        """Have it collected, and keep no books."""


class Wallets(Provider):
    """The enterprise account, which is a part of the same database."""

    key = "guance"

    async def owe(self, charges: int) -> Owed:
        """Wallets with neither cash nor vouchers."""
        return [(charge, str(charge.id)) for charge in await raise_charges(self.key, [""] * charges)]

    def expected(self, owed: Owed) -> list[tuple[str, int]]:
        """Fen by charge."""
        return sorted((name, charge.amount_minor) for charge, name in owed)

    async def book(self, database: str) -> list[tuple[str, int]]:
        """What the wallets paid to the vendor."""
        connection = await asyncpg.connect(**credentials(database))
        try:
            return sorted((str(row[0]), row[1]) for row in await connection.fetch(BOOK))
        finally:
            await connection.close()

    async def bare(self, owed: Owed, database: str) -> None:
        """The statements of a deduction from cash, a transaction for each charge."""
        connection = await asyncpg.connect(**credentials(database))
        try:
            for charge, _ in owed:
                async with connection.transaction():
                    await connection.execute(OPEN_WALLET, charge.account_id)
                    await connection.fetchval(LOCK_WALLET, charge.account_id)
                    await connection.execute(MOVE, charge.id, charge.account_id, charge.units)
                    await connection.execute(ENTER, charge.id, charge.account_id, charge.amount_minor)
        finally:
            await connection.close()


class Cloud(Provider):
    """A marketplace's stand-in, which takes usage in units."""

    command: tuple[str, ...]

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def expected(self, owed: Owed) -> list[tuple[str, int]]:
        """Units by customer."""
        return sorted((name, charge.units) for charge, name in owed)

    @contextmanager
    def running(self, owed: Owed) -> Iterator[None]:
        """A new process of the stand-in, with these customers."""
        process = subprocess.Popen([sys.executable, "-m", *self.command, "--port", str(self.port)])
        try:
            with httpx.Client(base_url=self.url) as http:
                _wait_for(http)
                for _, name in owed:
                    path, told = self.known(name)
                    http.post(path, json=told).raise_for_status()
            yield
        finally:
            process.terminate()
            process.wait()

    @abstractmethod
    def known(self, name: str) -> tuple[str, Any]:
        """How the stand-in learns of a customer."""

    @abstractmethod
    def entry(self, booked: Any) -> tuple[str, int]:
        """One record of the stand-in's book."""

    async def book(self, database: str) -> list[tuple[str, int]]:
        """The stand-in's records."""
        async with httpx.AsyncClient() as http:
            shown = (await http.get(f"{self.url}/_book")).json()
        return sorted(self.entry(booked) for booked in (shown["book"] if isinstance(shown, dict) else shown))


class Aws(Cloud):
    """AWS Marketplace, which takes 25 records a request."""

    key = "aws"
    command = ("tests.standins.aws", "--rate", "100000")

    def __init__(self) -> None:
        super().__init__()
        standin = aws.Aws()
        standin.url = self.url
        self.settings = standin.settings()

    async def owe(self, charges: int) -> Owed:
        """A subscription for each account."""
        now = datetime.now(UTC)
        buyers = [around_aws.subscription(n, now, SubscriptionState.SUBSCRIBED) for n in range(charges)]
        return await around_aws.raise_charges_of(buyers, charges)

    def known(self, name: str) -> tuple[str, Any]:
        """A buyer with a license."""
        account, _, license_arn = name.partition("/")
        return "/_customers", {"account": account, "license_arn": license_arn}

    def entry(self, booked: Any) -> tuple[str, int]:
        """The quantity of a customer's license."""
        return f"{booked['customer']}/{booked['product']}", booked["record"]["Quantity"]

    async def bare(self, owed: Owed, database: str) -> None:
        """The SDK in a loop, one request after another."""
        client = boto3.client(
            "meteringmarketplace",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=aws.ACCESS_KEY,
            aws_secret_access_key=aws.SECRET_KEY,
        )
        at = timestamp_of(open_hours(datetime.now(UTC))[0])
        records: list[Any] = [
            {
                "Timestamp": at,
                "Dimension": aws.DIMENSION,
                "Quantity": charge.units,
                "CustomerAWSAccountId": name.partition("/")[0],
                "LicenseArn": name.partition("/")[2],
            }
            for charge, name in owed
        ]
        for start in range(0, len(records), MOST_RECORDS):
            answer = client.batch_meter_usage(UsageRecords=records[start : start + MOST_RECORDS])
            if answer["UnprocessedRecords"]:
                raise RuntimeError("AWS left records out")


class Aliyun(Cloud):
    """Alibaba Cloud Marketplace, which takes as many records a request as fit into a URL."""

    key = "aliyun"
    command = ("tests.standins.aliyun",)

    def __init__(self) -> None:
        super().__init__()
        standin = aliyun.Standin()
        standin.url = self.url.removeprefix("http://")
        self.settings = standin.settings()

    async def owe(self, charges: int) -> Owed:
        """An instance for each account."""
        names = [f"i-{n}" for n in range(charges)]
        sold = [aliyun.Instance(name, aliyun.PRODUCT) for name in names]
        await around_aliyun.create_instances(sold, datetime.now(UTC))
        return list(zip(await raise_charges(self.key, names, ChargeKind.DAILY), names, strict=True))

    def known(self, name: str) -> tuple[str, Any]:
        """An instance that was sold."""
        return "/_instances", {"id": name}

    def entry(self, booked: Any) -> tuple[str, int]:
        """The value of an instance's record."""
        return booked["instance_id"], booked["value"]

    async def bare(self, owed: Owed, database: str) -> None:
        """The SDK in a loop, one request after another."""
        client = Client(
            Config(
                access_key_id=aliyun.ACCESS_KEY_ID,
                access_key_secret=aliyun.ACCESS_KEY_SECRET,
                endpoint=self.settings["endpoint"],
                protocol="http",
            )
        )
        midnight = int(time.time() + aliyun.CHINA_OFFSET) // aliyun.DAY * aliyun.DAY - aliyun.CHINA_OFFSET
        begun = midnight - aliyun.DAY
        records: list[Any] = [
            Record(id=uuid4(), instance_id=name, start_time=begun, end_time=begun + 600, key="Unit", value=charge.units)
            for charge, name in owed
        ]
        for together in requests(records):
            answer = await client.push_metering_data_async(PushMeteringDataRequest(metering=metering(together)))
            if not answer.body.success:
                raise RuntimeError("the marketplace refused records")


def _wait_for(http: httpx.Client) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            http.get("/_book")
            return
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)

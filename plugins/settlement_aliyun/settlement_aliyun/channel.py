"""Alibaba Cloud Marketplace (云市场): an instance that the marketplace sold pays for accounts, by metering records."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from settlement_spec import (
    IN_CHINESE,
    BindRequest,
    BindResult,
    BindState,
    Capability,
    ChannelDescription,
    ChannelRefusal,
    ChargeBatch,
    Health,
    HealthStatus,
    HostServices,
    Limits,
    Money,
    ProviderRecord,
    Reconciliation,
    SettlementChannel,
    SettlementResult,
    TortoiseApp,
)
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tortoise.transactions import in_transaction

from settlement_aliyun import metering
from settlement_aliyun.models import Instance, InstanceState, Link
from settlement_aliyun.settings import NotConfigured, Settings, read
from settlement_aliyun.spi import INSTANCE_ID, Spi, binding_code
from settlement_aliyun.watching import Watch

if TYPE_CHECKING:
    from settlement_aliyun.client import Marketplace

UID = re.compile(r"[0-9]{16}", re.ASCII)
RETRY_AFTER = timedelta(minutes=10)

METER = "datakit"


class AlibabaCloudMarketplace(SettlementChannel, Reconciliation):
    """PushMeteringData takes 100 records a request, until the end of the day after (provider's documentation).

    ``now`` dates what the marketplace's own calls bring.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._problem = "the channel is not started"
        self._settings: Settings | None = None
        self._marketplace: Marketplace | None = None
        self._spi: Spi | None = None
        self._watch: Watch | None = None

    def describe(self) -> ChannelDescription:
        """External subscription, metered push, reconciliation, CNY."""
        return ChannelDescription(
            key="aliyun",
            display_name={"zh": "阿里云账户", "en": "Alibaba Cloud account"},
            currencies=frozenset({metering.CURRENCY}),
            capabilities=frozenset({Capability.EXTERNAL_SUBSCRIPTION, Capability.METERED_PUSH}),
            limits=Limits(batch_size=100, push_within=timedelta(days=1)),
            configuration_schema={
                "type": "object",
                "properties": {
                    "aliyunUid": {
                        "type": "string",
                        "title": "Alibaba Cloud user id",
                        "description": "UID of the main account, 16 digits (also for a RAM user)",
                        IN_CHINESE: {
                            "title": "阿里云账号 UID",
                            "description": "主账号 UID，16 位数字（RAM 用户也填写其主账号的 UID）",
                        },
                    },
                    "instanceId": {
                        "type": "string",
                        "title": "Instance id",
                        "description": "Of the service that was bought; see the marketplace's console",
                        IN_CHINESE: {"title": "实例 ID", "description": "所购服务的实例 ID，可在云市场控制台查看"},
                    },
                    "bindingCode": {
                        "type": "string",
                        "title": "Binding code",
                        "description": "Shown with the instance in the marketplace's console; needed to pay for a "
                        "further account with an instance that pays for one already",
                        IN_CHINESE: {
                            "title": "绑定码",
                            "description": "仅在以已为其他账户付款的实例为本账户付款时填写，"
                            "可在云市场控制台的该实例中查看",
                        },
                    },
                },
                "required": ["aliyunUid", "instanceId"],
                "additionalProperties": False,
            },
            meters=frozenset({METER}),
            tortoise_app=TortoiseApp("settlement_aliyun", "settlement_aliyun.models", "settlement_aliyun.migrations"),
        )

    async def purchase_url(self) -> str | None:
        """The product's page at the marketplace, if the operator named it."""
        return self._settings.purchase_url if self._settings else None

    async def start(self, host: HostServices) -> None:
        """Reads the settings; without them the channel is there, but not configured."""
        try:
            self._settings = read(host.settings)
        except NotConfigured as problem:
            self._problem = str(problem)
            return
        from settlement_aliyun.client import Marketplace

        self._marketplace = Marketplace(self._settings)
        self._spi = Spi(self._settings, host, self._now)
        self._watch = Watch(self._marketplace, self._spi, host)

    async def tick(self, now: datetime) -> None:
        """Fetches calls that failed, asks daily what became of linked instances, and meets known expiries in time."""
        if self._watch is not None:
            await self._watch.round(now)

    async def health(self) -> Health:
        """Not configured, with what to set, or healthy; the marketplace is not called."""
        if self._settings is None:
            return Health(HealthStatus.NOT_CONFIGURED, self._problem)
        return Health(HealthStatus.HEALTHY)

    def routes(self) -> Sequence[Any]:
        """The one URL of the marketplace's calls."""
        return [Route("/", self._call, methods=["GET"])]

    async def _call(self, request: Request) -> JSONResponse:
        if self._spi is None:
            return JSONResponse({"success": "false", "message": "the channel is not configured"}, 503)
        return await self._spi(request)

    async def bind(self, request: BindRequest) -> BindResult:
        """Links the account to an instance that the marketplace created for this UID.

        The first account needs to know the UID and the instance id; further ones the binding code besides, so that
        nobody has another's instance pay by guessing or overhearing the two.
        """
        uid = str(request.configuration.get("aliyunUid", ""))
        id = str(request.configuration.get("instanceId", ""))
        code = str(request.configuration.get("bindingCode", ""))
        _check_form(uid, id)
        if self._settings is None:
            raise ChannelRefusal(
                "aliyunUid",
                "The user id cannot be checked: this installation is not connected to Alibaba Cloud Marketplace.",
                "无法核对账号 UID：本系统尚未接入阿里云云市场。",
            )
        async with in_transaction():
            instance = await Instance.filter(id=id, aliyun_uid=uid).select_for_update().first()
            _check_instance(instance)
            expected = binding_code(id, self._settings.isv_key)
            known = hmac.compare_digest(code.strip().upper().encode(), expected.encode())
            if not known and (
                code or await Link.filter(instance_id=id).exclude(account_id=request.account_id).exists()
            ):
                raise ChannelRefusal(
                    "bindingCode",
                    "The instance pays for another account already. To pay for this one too, give the binding code "
                    "(bindingCode) that is shown with the instance in the Alibaba Cloud Marketplace console.",
                    "该实例已用于其他账户。如需同时支付本账户，请填写云市场控制台中该实例所示的绑定码（bindingCode）。",
                )
            await Link.update_or_create({"instance_id": id, "linked_at": request.now}, account_id=request.account_id)
        return BindResult(BindState.BOUND, external_reference=id)

    async def unbind(self, account_id: UUID) -> None:
        """Forgets the link; the subscription goes on at the marketplace until the customer ends it there."""
        await Link.filter(account_id=account_id).delete()

    async def settle(self, batch: ChargeBatch) -> Sequence[SettlementResult]:
        """Pushes the charges as metering records."""
        if self._settings is None or self._marketplace is None:
            return await metering.wait(batch, batch.now + RETRY_AFTER, self._problem)
        return await metering.settle(batch, self._settings, self._marketplace)

    async def reconcile(self, since: datetime, until: datetime) -> Sequence[ProviderRecord]:
        """What the marketplace confirmed when it was pushed; it lists no metering records afterwards."""
        return [
            ProviderRecord(
                charge_id=row.charge_id,
                provider_reference=metering.reference(record),
                units=row.units,
                amount=Money(row.amount_minor, row.currency),
                at=record.confirmed_at,
            )
            for row, record in await metering.taken_between(since, until)
            if record.confirmed_at is not None
        ]


def _check_form(uid: str, instance_id: str) -> None:
    if not UID.fullmatch(uid):
        raise ChannelRefusal(
            "aliyunUid",
            "The user id must be the 16-digit UID of the Alibaba Cloud main account.",
            "账号 UID 须为阿里云主账号的 16 位数字 UID。",
        )
    if not INSTANCE_ID.fullmatch(instance_id):
        raise ChannelRefusal(
            "instanceId",
            "The instance id must be that of the purchased service (letters, digits, - and _).",
            "实例 ID 须为所购服务的实例 ID（字母、数字、- 与 _）。",
        )


def _check_instance(instance: Instance | None) -> None:
    if instance is None:
        raise ChannelRefusal(
            "instanceId",
            "The Alibaba Cloud account has no such instance. Subscribe in Alibaba Cloud Marketplace first; the UID and "
            "the instance id are shown there.",
            "该阿里云账号下没有此实例。请先在阿里云云市场订购，UID 与实例 ID 可在云市场查看。",
        )
    if instance.trial:
        raise ChannelRefusal(
            "instanceId",
            "The instance is a trial, which pays for nothing. Buy the service in Alibaba Cloud Marketplace first.",
            "该实例为试用，不能用于支付。请先在阿里云云市场正式购买。",
        )
    if instance.state != InstanceState.ACTIVE:
        raise ChannelRefusal(
            "instanceId",
            "The instance is expired or released. Renew or subscribe in Alibaba Cloud Marketplace first.",
            "该实例已过期或已释放。请先在阿里云云市场续费或重新订购。",
        )

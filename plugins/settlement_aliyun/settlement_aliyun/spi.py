"""What the marketplace calls: one URL, GET, ``action`` says what happened; every parameter is under the token."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta, timezone

from settlement_spec import BindingEnd, HostServices
from starlette.requests import Request
from starlette.responses import JSONResponse
from tortoise.transactions import in_transaction

from settlement_aliyun.models import Announcement, Instance, InstanceState, Link
from settlement_aliyun.settings import Settings

log = logging.getLogger(__name__)
CHINA = timezone(timedelta(hours=8))
EARLY = timedelta(hours=1)
"""How long before its date an expiry is believed: an older one, replayed after a renewal, is not."""
INSTANCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
ALREADY_TRUE = frozenset({"upgradeInstance", "bindDomain", "verify"})
"""Acknowledged, and nothing changes: what is pushed does not depend on the version or domain that was bought."""


ENDED = {
    InstanceState.EXPIRED: "the subscription expired at Alibaba Cloud Marketplace",
    InstanceState.RELEASED: "the instance was released at Alibaba Cloud Marketplace",
}


class CallRefused(Exception):
    """The call is wrong: what is, and the HTTP status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def token_of(parameters: Mapping[str, str], key: str) -> str:
    """The token of a call: MD5 over every parameter but the token, sorted by name, and the seller's key.

    Source: the marketplace's SPI security scheme.
    """
    text = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()) if name != "token")
    return hashlib.md5(f"{text}&key={key}".encode(), usedforsecurity=False).hexdigest()


def binding_code(instance_id: str, key: str) -> str:
    """What proves that the buyer's console was seen: shown there, and derived, so that it need not be stored."""
    digest = hmac.digest(key.encode(), f"binding code of {instance_id}".encode(), "sha256")
    return base64.b32encode(digest[:10]).decode()


class Outdated(CallRefused):
    """The call was true once, and something else is now."""


class Spi:
    """The seller's side of the marketplace's calls; a repeated call changes nothing and answers the same."""

    def __init__(self, settings: Settings, host: HostServices, now: Callable[[], datetime]) -> None:
        self._settings, self._host, self._now = settings, host, now
        self._actions: dict[str, Callable[[Mapping[str, str]], Awaitable[dict[str, object]]]] = {
            "createInstance": self._create,
            "renewInstance": self._renew,
            "expiredInstance": self._expire,
            "releaseInstance": self._release,
        }

    async def __call__(self, request: Request) -> JSONResponse:
        """Answer one call: 403 for a wrong token, 400 for a call that cannot be understood or carried out."""
        try:
            return JSONResponse(await self._answer(request))
        except CallRefused as refusal:
            return JSONResponse({"success": "false", "message": str(refusal)}, refusal.status)

    async def _answer(self, request: Request) -> dict[str, object]:
        parameters = dict(request.query_params)
        expected = token_of(parameters, self._settings.isv_key)
        if not hmac.compare_digest(expected.encode(), parameters.get("token", "").lower().encode()):
            raise CallRefused("the token is wrong", 403)
        if len(parameters) != len(request.query_params.multi_items()):
            raise CallRefused("a parameter is given twice")
        if any("\x00" in value for value in parameters.values()):
            raise CallRefused("a parameter has a NUL character")
        return await self.carry_out(parameters.get("action", ""), parameters, expected)

    async def carry_out(self, action: str, parameters: Mapping[str, str], token: str) -> dict[str, object]:
        """Do what an authentic call says, known by its token; what to answer.

        Raises:
            CallRefused: it cannot be understood or carried out.
        """
        if action in ALREADY_TRUE:
            return {"success": "true"}
        if action not in self._actions:
            return await self._record(token, action, parameters)
        return await self._actions[action](parameters)

    async def _record(self, token: str, action: str, parameters: Mapping[str, str]) -> dict[str, object]:
        """Keep what is announced of something else: the marketplace repeats, for days, what is not answered so."""
        if not 0 < len(action) <= 64:
            raise CallRefused("action must have 1 to 64 characters")
        known = {name: value for name, value in parameters.items() if name != "token"}
        announced = Announcement(token=token, action=action, parameters=known, received_at=self._now())
        await Announcement.bulk_create([announced], ignore_conflicts=True)
        log.warning("Alibaba Cloud Marketplace announced %s, which is recorded and changes nothing", action)
        return {"success": True}

    async def _create(self, parameters: Mapping[str, str]) -> dict[str, object]:
        id = _text(parameters, "orderBizId")
        if not INSTANCE_ID.fullmatch(id):
            raise CallRefused("orderBizId must be letters, digits, - and _")
        product = _text(parameters, "productCode")
        if product not in self._settings.product_codes:
            raise CallRefused(f"the product {product} is not sold here: see BILLING_CHANNEL_ALIYUN_PRODUCT_CODES")
        await Instance.bulk_create(
            [
                Instance(
                    id=id,
                    aliyun_uid=_text(parameters, "aliUid", 32),
                    order_id=_text(parameters, "orderId"),
                    product_code=product,
                    sku_id=_text(parameters, "skuId"),
                    trial=parameters.get("trial", "").lower() == "true",
                    state=InstanceState.ACTIVE,
                    expires_at=_time(parameters["expiredOn"]) if parameters.get("expiredOn") else None,
                    created_at=self._now(),
                )
            ],
            ignore_conflicts=True,
        )
        instance = await Instance.get(id=id)
        if (instance.aliyun_uid, instance.product_code) != (parameters["aliUid"], product):
            raise CallRefused(f"instance {id} belongs to another user or product")
        code = binding_code(id, self._settings.isv_key)
        answer: dict[str, object] = {
            "instanceId": id,
            "info": {"aliyunUid": instance.aliyun_uid, "instanceId": id, "bindingCode": code},
        }
        if self._settings.front_end_url:
            answer["appInfo"] = {"frontEndUrl": self._settings.front_end_url}
        return answer

    async def _renew(self, parameters: Mapping[str, str]) -> dict[str, object]:
        until = _time(_text(parameters, "expiredOn"))
        async with in_transaction():
            instance = await _locked(parameters)
            if instance.state == InstanceState.RELEASED:
                raise Outdated(f"instance {instance.id} is released")
            if instance.expires_at is None or until > instance.expires_at:
                instance.expires_at = until
            if until > self._now():
                instance.state, instance.trial = InstanceState.ACTIVE, False
            await instance.save(update_fields=["state", "trial", "expires_at"])
        return {"success": "true"}

    async def _expire(self, parameters: Mapping[str, str]) -> dict[str, object]:
        async with in_transaction():
            instance = await _locked(parameters)
            if instance.expires_at is not None and instance.expires_at > self._now() + EARLY:
                raise Outdated(f"instance {instance.id} does not expire before {instance.expires_at.isoformat()}")
            await _note(instance.id, InstanceState.EXPIRED)
        await self._end_links(instance.id, InstanceState.EXPIRED)
        return {"success": "true"}

    async def _release(self, parameters: Mapping[str, str]) -> dict[str, object]:
        async with in_transaction():
            instance = await _locked(parameters)
            await _note(instance.id, InstanceState.RELEASED)
        await self._end_links(instance.id, InstanceState.RELEASED)
        return {"success": "true"}

    async def end(self, instance_id: str, state: InstanceState) -> None:
        """The marketplace says that an instance has expired, or is released: its links end."""
        await _note(instance_id, state)
        await self._end_links(instance_id, state)

    async def _end_links(self, instance_id: str, state: InstanceState) -> None:
        """Tell the host of every account; a link is forgotten only then, so that a repeated call finishes the work."""
        for link in await Link.filter(instance_id=instance_id):
            await self._host.binding_ended(link.account_id, instance_id, BindingEnd.UNSUBSCRIBED, ENDED[state])
            await Link.filter(account_id=link.account_id, instance_id=instance_id).delete()


async def _note(instance_id: str, state: InstanceState) -> None:
    """An instance is over; what is released does not expire any more."""
    await Instance.filter(id=instance_id).exclude(state=InstanceState.RELEASED).update(state=state)


async def _locked(parameters: Mapping[str, str]) -> Instance:
    id = _text(parameters, "instanceId")
    instance = await Instance.filter(id=id).select_for_update().first()
    if instance is None:
        raise CallRefused(f"there is no instance {id}")
    return instance


def _text(parameters: Mapping[str, str], name: str, longest: int = 64) -> str:
    value = parameters.get(name, "")
    if not 0 < len(value) <= longest:
        raise CallRefused(f"{name} must have 1 to {longest} characters")
    return value


def _time(value: str) -> datetime:
    """A time of the marketplace's: ``yyyy-MM-dd HH:mm:ss``, in China."""
    try:
        return datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        raise CallRefused(f"{value[:32]!r} is no time of the form yyyy-MM-dd HH:mm:ss") from None

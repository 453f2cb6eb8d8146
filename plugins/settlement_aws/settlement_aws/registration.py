"""The fulfilment URL: AWS Marketplace's "Set up your account" brings the buyer here with a registration token."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse

from settlement_aws.client import AnswerLost, MarketplaceClient, ProviderError
from settlement_aws.configuration import Configuration
from settlement_aws.notifications import Notifications
from settlement_aws.subscriptions import register

FIELD = "x-amzn-marketplace-token"
MOST_BYTES = 16_384
MOST_WAITING = 10
AGAIN = (
    "Go back to AWS Marketplace and choose 'Set up your account' again. / "
    "请返回 AWS Marketplace 重新选择“设置您的账户”。"
)
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>AWS Marketplace</title>
<h1>{title}</h1>{body}</html>"""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Registration:
    """Turns a registration token into a subscription and a claim code that the buyer is shown once."""

    def __init__(
        self,
        configuration: Configuration,
        client: MarketplaceClient,
        notifications: Notifications,
        clock: Callable[[], datetime],
    ) -> None:
        self._configuration = configuration
        self._client = client
        self._notifications = notifications
        self._clock = clock
        self._waiting = asyncio.Semaphore(MOST_WAITING)

    async def page(self, request: Request) -> HTMLResponse:
        """The claim code, or what is wrong: 400 for the token, 503 when AWS or this channel is not ready.

        Anybody may send tokens: while 10 wait for AWS, others are asked to try again.
        """
        token = await _token(request)
        if token is None:
            return _trouble(400, f"The form has no {FIELD}. {AGAIN}")
        if self._configuration.problems:
            return _trouble(
                503, "This seller is not ready for AWS Marketplace yet. / 卖家尚未完成 AWS Marketplace 配置。"
            )
        if self._waiting.locked():
            return _not_now("Too many buyers register at this moment.", "当前注册人数过多")
        try:
            async with self._waiting:
                customer = await self._client.resolve_customer(token)
        except ProviderError as error:
            if error.code in {"InvalidTokenException", "ExpiredTokenException"}:
                return _trouble(400, f"AWS Marketplace says that the registration token is not valid any more. {AGAIN}")
            return _not_now()
        except AnswerLost:
            return _not_now()
        if customer.product_code not in self._configuration.product_codes:
            return _trouble(400, "This registration is for another product. / 此注册属于其他产品。")
        try:
            subscription, code = await register(customer, self._clock())
        except ValueError:
            return _not_now()
        await self._notifications.catch_up(subscription)
        return _page(200, "One more step / 还差一步", self._next_step(code))

    def _next_step(self, code: str) -> str:
        console = self._configuration.console_url
        link = f'<p><a href="{escape(console)}#claimCode={code}">Continue / 继续</a></p>' if console else ""
        return (
            "<p>Choose AWS as your settlement channel in the billing console, with this claim code. It works once, "
            "within 24 hours. / 请在计费控制台选择亚马逊云账户作为结算方式，并填写以下认领码"
            "（24 小时内有效，仅可使用一次）。</p>"
            f"<p><code>{code}</code></p>{link}"
        )


async def _token(request: Request) -> str | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    try:
        form = parse_qs(body.decode("ascii"), max_num_fields=50)
    except ValueError:
        return None
    return form.get(FIELD, [""])[0] or None


def _not_now(en: str = "AWS Marketplace does not answer now.", zh: str = "AWS Marketplace 暂无响应") -> HTMLResponse:
    answer = _trouble(503, f"{en} Try again in a minute. / {zh}，请稍后重试。")
    answer.headers["Retry-After"] = "60"
    return answer


def _trouble(status: int, text: str) -> HTMLResponse:
    return _page(status, "Not registered / 注册未完成", f"<p>{escape(text)}</p>")


def _page(status: int, title: str, body: str) -> HTMLResponse:
    return HTMLResponse(PAGE.format(title=title, body=body), status, headers=HEADERS)

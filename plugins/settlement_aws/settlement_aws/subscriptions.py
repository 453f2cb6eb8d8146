"""Who subscribed, and which accounts a subscription pays for.

An account is linked by a claim code, which only the buyer who came from AWS with a registration token was shown: an AWS
account id or license ARN typed in proves nothing (AWS: do not take an account id from buyers, it cannot be verified).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from settlement_spec import ChannelRefusal
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from settlement_aws.client import Customer
from settlement_aws.models import ClaimCode, Link, Subscription, SubscriptionState

CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 20
CODE_LASTS = timedelta(hours=24)
ENDED = (SubscriptionState.LEAVING, SubscriptionState.UNSUBSCRIBED, SubscriptionState.REFUSED)


def payer_of(product_code: str, customer: str, license_arn: str | None) -> str:
    """Whom AWS bills for a record: an account by its license, or a customer of a product."""
    return f"{customer}/{license_arn}" if license_arn else f"{product_code}/{customer}"


def reference_of(customer: Customer) -> tuple[str, str] | None:
    """How metering names the buyer, and the subscription's reference; ``None`` if AWS named neither.

    Products from June 2026 are metered by account and license, older ones by product and account, or by product and
    CustomerIdentifier where AWS gives no account (BatchMeterUsage's documentation).
    """
    name = customer.customer_aws_account_id or customer.customer_identifier
    license_arn = customer.license_arn if customer.customer_aws_account_id else None
    return (name, payer_of(customer.product_code, name, license_arn)) if name else None


async def register(customer: Customer, now: datetime) -> tuple[Subscription, str]:
    """Keep a resolved subscription, and a new claim code for it; an ended one may begin again.

    Raises:
        ValueError: AWS named no buyer.
    """
    named = reference_of(customer)
    if named is None:
        raise ValueError("AWS Marketplace named neither an account nor a customer")
    name, reference = named
    if followed := await Subscription.filter(
        license_arn=customer.license_arn, customer=name, license_arn__isnull=False
    ).first():
        reference = followed.reference
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    async with in_transaction():
        await get_connection("default").execute_query(
            "INSERT INTO aws_subscription (id, reference, customer, product_code, customer_aws_account_id, "
            "license_arn, customer_identifier, agreement_id, state, registered_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
            "ON CONFLICT (reference) DO UPDATE SET "
            "customer_identifier = coalesce(EXCLUDED.customer_identifier, aws_subscription.customer_identifier), "
            "agreement_id = coalesce(EXCLUDED.agreement_id, aws_subscription.agreement_id)",
            [
                uuid7(),
                reference,
                name,
                customer.product_code,
                customer.customer_aws_account_id,
                customer.license_arn,
                customer.customer_identifier,
                customer.agreement_id,
                SubscriptionState.REGISTERED.value,
                now,
            ],
        )
        subscription = await Subscription.filter(reference=reference).select_for_update().get()
        if subscription.state in (SubscriptionState.UNSUBSCRIBED, SubscriptionState.REFUSED):
            subscription.state = SubscriptionState.REGISTERED
            await subscription.save(update_fields=["state"])
        await ClaimCode.create(code_hash=_hash(code), subscription_id=subscription.id, expires_at=now + CODE_LASTS)
    return subscription, code


async def claim(account_id: UUID, code: str, now: datetime) -> Subscription:
    """Link an account by a claim code, which is used up; the same account may repeat it.

    Raises:
        ChannelRefusal: the code is unknown, used by another account or expired, or the subscription has ended.
    """
    async with in_transaction():
        kept = await ClaimCode.filter(code_hash=_hash(code)).select_for_update().first()
        fresh = kept is not None and kept.account_id is None and now < kept.expires_at
        if kept is None or not (fresh or kept.account_id == account_id):
            raise ChannelRefusal(
                "claimCode",
                "This claim code is unknown, used or expired. "
                "Choose 'Set up your account' at AWS Marketplace for a new one.",
                "此领取码不存在、已被使用或已过期。请在 AWS Marketplace 重新选择“设置您的账户”以获取新的领取码。",
            )
        subscription = await _locked(kept.subscription_id, "claimCode")
        kept.account_id = account_id
        await kept.save(update_fields=["account_id"])
        await _link(subscription, account_id, now)
    return subscription


async def relink(account_id: UUID, customer_aws_account_id: str, license_arn: str, now: datetime) -> Subscription:
    """Link an account once more to a subscription that it claimed by a code before.

    Raises:
        ChannelRefusal: it never did, or the subscription has ended.
    """
    async with in_transaction():
        known = await Link.get_or_none(
            account_id=account_id,
            subscription__customer_aws_account_id=customer_aws_account_id,
            subscription__license_arn=license_arn,
        )
        if known is None:
            raise ChannelRefusal(
                "customerAWSAccountId",
                "This account has not claimed that subscription: the first time, the AWS account id is not enough. "
                "Choose 'Set up your account' at AWS Marketplace, and give the claim code shown there.",
                "本账户尚未认领该订阅，首次绑定仅凭 AWS 账户 ID 不足以证明。"
                "请在 AWS Marketplace 选择“设置您的账户”，并填写页面显示的领取码。",
            )
        subscription = await _locked(known.subscription_id, "customerAWSAccountId")
        await _link(subscription, account_id, now)
    return subscription


async def linked_accounts(subscription_id: UUID) -> Sequence[UUID]:
    """The accounts that a subscription pays for now."""
    links = await Link.filter(subscription_id=subscription_id, ended_at=None).order_by("id")
    return [link.account_id for link in links]


async def end_links(now: datetime, subscription_id: UUID | None = None, account_id: UUID | None = None) -> None:
    """End the links of a subscription, or of an account."""
    asked = {"subscription_id": subscription_id, "account_id": account_id}
    links = Link.filter(ended_at=None, **{name: value for name, value in asked.items() if value is not None})
    await links.update(ended_at=now)


async def _locked(subscription_id: UUID, field: str) -> Subscription:
    subscription = await Subscription.filter(id=subscription_id).select_for_update().get()
    if subscription.state in ENDED:
        raise ChannelRefusal(
            field,
            "That subscription has ended. Subscribe at AWS Marketplace again.",
            "该订阅已结束。请在 AWS Marketplace 重新订阅。",
        )
    return subscription


async def _link(subscription: Subscription, account_id: UUID, now: datetime) -> None:
    await get_connection("default").execute_query(
        "INSERT INTO aws_link (id, subscription_id, account_id, linked_at) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (subscription_id, account_id) DO UPDATE SET ended_at = NULL",
        [uuid7(), subscription.id, account_id, now],
    )


def _hash(code: str) -> str:
    return sha256(code.strip().upper().replace("-", "").encode()).hexdigest()

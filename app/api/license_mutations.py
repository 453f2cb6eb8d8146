"""Licenses and what deployments do with them: activate, report, and both by file."""

from __future__ import annotations

from typing import Annotated

import strawberry

from app.accounts.models import Account as AccountRow
from app.api.accounts import Account
from app.api.licenses import Deployment, License, Receipt, receipt_of
from app.api.mutation import mutation
from app.api.node import AccountID, Info, decode_id
from app.deployments.checks import check_fingerprint
from app.errors import (
    InvalidCredentials,
    InvalidDocument,
    InvalidGatewayUrl,
    InvalidLicense,
    LicenseLimit,
    NotFound,
    StepOutOfOrder,
)
from app.events.recording import Actor
from app.journey.activation import activate_by_challenge, activate_license, challenge_key
from app.journey.licensing import create_community_license, create_license
from app.licenses.changing import rename_license, revoke_license, rotate_license, transfer_license
from app.licenses.queries import find_license

LicenseID = Annotated[strawberry.ID, strawberry.argument(description="The license's global id.")]
Label = Annotated[str, strawberry.argument(description="What to call it, 1 to 200 characters.")]


@strawberry.type(description="The license is made.")
class CreateLicenseSuccess:
    """Success."""

    account: Account = strawberry.field(description="The account.")
    license: License = strawberry.field(description="The license, with the line to copy.")


@strawberry.type(description="The free license is made.")
class CreateCommunityLicenseSuccess:
    """Success."""

    account: Account = strawberry.field(description="The account.")
    license: License = strawberry.field(description="The license, with the line to copy.")


@strawberry.type(description="The license has its label.")
class RenameLicenseSuccess:
    """Success."""

    license: License = strawberry.field(description="The license.")


@strawberry.type(description="There is a new license; the old one is valid until its revokeAt.")
class RotateLicenseSuccess:
    """Success."""

    license: License = strawberry.field(description="The new license, with the line to copy.")
    replaced: License = strawberry.field(description="The old license.")


@strawberry.type(description="The license waits for its new deployment; the former one is deactivated.")
class TransferLicenseSuccess:
    """Success."""

    license: License = strawberry.field(description="The license.")


@strawberry.type(description="The license is revoked.")
class RevokeLicenseSuccess:
    """Success."""

    license: License = strawberry.field(description="The license.")


@strawberry.type(description="The license is active on the deployment.")
class ActivateLicenseSuccess:
    """Success."""

    account: Account = strawberry.field(description="The account.")
    deployment: Deployment = strawberry.field(description="The deployment.")

    @strawberry.field(description="What the deployment may do, and for how long without a renewal. To be kept there.")
    async def receipt(self) -> Receipt | None:
        return await receipt_of(self.deployment.record)


@strawberry.type(description="The license is active on the deployment that the challenge came from.")
class ActivateOfflineSuccess:
    """Success."""

    account: Account = strawberry.field(description="The account.")
    deployment: Deployment = strawberry.field(description="The deployment.")
    nonce: str = strawberry.field(description="The challenge's nonce, which the receipt repeats.")

    @strawberry.field(description="The receipt to carry back: its text as a file.")
    async def receipt(self) -> Receipt | None:
        return await receipt_of(self.deployment.record, self.nonce)


@strawberry.type
class LicenseMutations:
    """Licenses, from their making to their end."""

    @mutation(
        StepOutOfOrder, LicenseLimit, description="Make a license of the contract, or of the edition upgraded to."
    )
    async def create_license(
        self,
        info: Info,
        account_id: AccountID,
        label: Label,
        fingerprint: Annotated[
            str | None,
            strawberry.argument(description="Binds the license's text to the deployment known by this."),
        ] = None,
        contract_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Of which contract; by default the one in force, else none for an account that was "
                "upgraded, else the next."
            ),
        ] = None,
    ) -> CreateLicenseSuccess:
        if fingerprint is not None:
            check_fingerprint(fingerprint)
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        contract = decode_id(contract_id, "Contract", "contractId") if contract_id else None
        made = await create_license(account, label, actor, fingerprint, contract)
        return CreateLicenseSuccess(account=Account.of(account), license=License.of(made))

    @mutation(
        LicenseLimit,
        description="Make a free license of the community edition: no agreement, no settlement channel. It is renewed "
        "by making another within its last 30 days.",
    )
    async def create_community_license(
        self,
        info: Info,
        account_id: AccountID,
        label: Label = "community",
    ) -> CreateCommunityLicenseSuccess:
        account, actor = await info.context.member(decode_id(account_id, "Account", "accountId"))
        made = await create_community_license(account, label, actor)
        return CreateCommunityLicenseSuccess(account=Account.of(account), license=License.of(made))

    @mutation(description="Give a license another label.")
    async def rename_license(self, info: Info, license_id: LicenseID, label: Label) -> RenameLicenseSuccess:
        account, actor = await _holder(info, license_id)
        key = decode_id(license_id, "License", "licenseId")
        return RenameLicenseSuccess(license=License.of(await rename_license(account, key, label, actor)))

    @mutation(
        InvalidLicense,
        description="Make a new license on the terms of an old one, which is revoked by itself after a grace period. "
        "Rotating again within it answers the same.",
    )
    async def rotate_license(self, info: Info, license_id: LicenseID) -> RotateLicenseSuccess:
        account, actor = await _holder(info, license_id)
        key = decode_id(license_id, "License", "licenseId")
        made = await rotate_license(account, key, actor)
        old = await find_license(account, key)
        return RotateLicenseSuccess(license=License.of(made), replaced=License.of(old))

    @mutation(
        InvalidLicense,
        description="Take a license from its deployment for another one to activate. The former deployment's receipt "
        "is not renewed, and it cannot activate the license again.",
    )
    async def transfer_license(
        self,
        info: Info,
        license_id: LicenseID,
        to_fingerprint: Annotated[str, strawberry.argument(description="What the other deployment is known by.")],
    ) -> TransferLicenseSuccess:
        check_fingerprint(to_fingerprint, "toFingerprint")
        account, actor = await _holder(info, license_id)
        key = decode_id(license_id, "License", "licenseId")
        moved = await transfer_license(account, key, to_fingerprint, actor)
        return TransferLicenseSuccess(license=License.of(moved))

    @mutation(description="Revoke a license for good. The next revocation list has it.")
    async def revoke_license(
        self,
        info: Info,
        license_id: LicenseID,
        reason: Annotated[str, strawberry.argument(description="Why, 1 to 500 characters.")],
    ) -> RevokeLicenseSuccess:
        account, actor = await _holder(info, license_id)
        key = decode_id(license_id, "License", "licenseId")
        return RevokeLicenseSuccess(license=License.of(await revoke_license(account, key, reason, actor)))

    @mutation(
        InvalidLicense,
        InvalidCredentials,
        InvalidGatewayUrl,
        StepOutOfOrder,
        description="Activate a license on a deployment, as its Launcher does: no bearer token, AK/SK instead. "
        "After the free period ended this upgrades the account again, and bills from this day on.",
    )
    async def activate_license(
        self,
        info: Info,
        license: Annotated[str, strawberry.argument(description="The license's line of text, as it was copied.")],
        ak: Annotated[str, strawberry.argument(description="The access key id.")],
        sk: Annotated[str, strawberry.argument(description="The secret key.")],
        data_gateway_url: Annotated[
            str,
            strawberry.argument(
                description="Such as https://gateway.example.com?token={} with that literal placeholder."
            ),
        ],
        fingerprint: Annotated[
            str, strawberry.argument(description="What the deployment is known by: 8 to 128 visible ASCII characters.")
        ],
        dialing_test: Annotated[bool, strawberry.argument(description="Whether dialing tests are on.")] = False,
    ) -> ActivateLicenseSuccess:
        deployment = await activate_license(
            license, ak, sk, data_gateway_url, fingerprint, dialing_test, info.context.address
        )
        account = await AccountRow.get(id=deployment.account_id)
        return ActivateLicenseSuccess(account=Account.of(account), deployment=Deployment.of(deployment))

    @mutation(
        InvalidDocument,
        InvalidLicense,
        InvalidGatewayUrl,
        StepOutOfOrder,
        description="Activate a deployment without a network: a member brings its challenge here, and carries the "
        "receipt back. A challenge is good for 7 days, and once.",
    )
    async def activate_offline(
        self,
        info: Info,
        challenge: Annotated[str, strawberry.argument(description="The text of the challenge file.")],
    ) -> ActivateOfflineSuccess:
        await info.context.signed_in()
        key = await challenge_key(challenge)
        account, _ = await info.context.member(key.account_id, path=("challenge",))
        deployment, nonce = await activate_by_challenge(account, key, challenge, info.context.address)
        found = await AccountRow.get(id=account.id)
        return ActivateOfflineSuccess(account=Account.of(found), deployment=Deployment.of(deployment), nonce=nonce)


async def _holder(info: Info, license_id: str) -> tuple[AccountRow, Actor]:
    found = await License.load(info.context, decode_id(license_id, "License", "licenseId"))
    if found is None:
        raise NotFound(what="license", path=("licenseId",))
    return await info.context.member(found.record.account_id, path=("licenseId",))

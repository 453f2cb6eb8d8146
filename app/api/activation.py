"""What deployments do with a license: activate it, online or by file."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from app.accounts.models import ADMINISTRATORS
from app.accounts.models import Account as AccountRow
from app.api.context import Info
from app.api.deployments import Deployment
from app.api.fields import View, argument, column
from app.api.mutation import mutation
from app.api.owned import LazyAccount, shown_account
from app.api.throttles import keys
from app.deployments.models import Deployment as DeploymentRow
from app.errors import (
    DeploymentDenied,
    InvalidCredentials,
    InvalidDocument,
    InvalidGatewayUrl,
    InvalidLicense,
    StepOutOfOrder,
)
from app.journey.activation import activate_by_challenge, activate_license, challenge_key
from app.licenses.receipts import IssuedReceipt, issue_receipt


@strawberry.type(description="A deployment's lease, signed: what it may do, and for how long without a renewal.")
class Receipt(View):
    """A receipt as it was just issued."""

    row: strawberry.Private[IssuedReceipt]

    text: str = column("The one line to keep on the deployment: a JWS in compact form (docs/licenses.md).")
    valid_until: datetime = column("Until then the deployment needs no renewal.", "receipt.valid_until")
    warning_until: datetime = column(
        "Until then it goes on with a warning; after that with the community's limits.", "receipt.warning_until"
    )


async def receipt_of(deployment: DeploymentRow, nonce: str | None = None) -> Receipt | None:
    """The renewed receipt of a deployment; ``None`` when no license is active on it."""
    account = await AccountRow.get(id=deployment.account_id)
    return Receipt.maybe(await issue_receipt(account, deployment, nonce))


@strawberry.type(description="The license is active on the deployment.")
class ActivateLicenseSuccess:
    """Success, with a receipt made when it is asked for."""

    account: LazyAccount = strawberry.field(description="The account.")
    deployment: Deployment = strawberry.field(description="The deployment.")

    @strawberry.field(description="What the deployment may do, and for how long without a renewal. To be kept there.")
    async def receipt(self) -> Receipt | None:
        return await receipt_of(self.deployment.row)


@strawberry.type(description="The license is active on the deployment that the challenge came from.")
class ActivateOfflineSuccess:
    """Success, with a receipt made when it is asked for."""

    account: LazyAccount = strawberry.field(description="The account.")
    deployment: Deployment = strawberry.field(description="The deployment.")
    nonce: str = strawberry.field(description="The challenge's nonce, which the receipt repeats.")

    @strawberry.field(description="The receipt to carry back: its text as a file.")
    async def receipt(self) -> Receipt | None:
        return await receipt_of(self.deployment.row, self.nonce)


@strawberry.type
class ActivationMutations:
    """For deployments, and for members who carry their files."""

    @mutation(
        DeploymentDenied,
        InvalidLicense,
        InvalidCredentials,
        InvalidGatewayUrl,
        StepOutOfOrder,
        description="Activate a license on a deployment, as its Launcher does: no bearer token, AK/SK instead. "
        "After the free period ended this upgrades the account again, and bills from this day on.",
        throttled=keys,
        deployment=True,
    )
    async def activate_license(
        self,
        info: Info,
        license: Annotated[
            str, argument("The license's text as it was copied; line breaks, blanks and quotes are no harm.")
        ],
        ak: Annotated[str, argument("The access key id.")],
        sk: Annotated[str, argument("The secret key.")],
        data_gateway_url: Annotated[
            str,
            strawberry.argument(
                description="Such as https://gateway.example.com?token={} with that literal placeholder; other "
                "parameters may stand beside it."
            ),
        ],
        fingerprint: Annotated[str, argument("What the deployment is known by: 8 to 128 visible ASCII characters.")],
        dialing_test: Annotated[bool, argument("Whether dialing tests are on.")] = False,
    ) -> ActivateLicenseSuccess:
        deployment = await activate_license(
            info.context.host, license, ak, sk, data_gateway_url, fingerprint, dialing_test, info.context.address
        )
        info.context.acted_on = deployment.account_id
        account = await AccountRow.get(id=deployment.account_id)
        return ActivateLicenseSuccess(account=shown_account(account), deployment=Deployment.of(deployment))

    @mutation(
        InvalidDocument,
        InvalidLicense,
        InvalidGatewayUrl,
        StepOutOfOrder,
        description="Activate a deployment without a network: a member brings its challenge here, and carries the "
        "receipt back. A challenge is good for 7 days, and once.",
    )
    async def activate_offline(
        self, info: Info, challenge: Annotated[str, argument("The text of the challenge file.")]
    ) -> ActivateOfflineSuccess:
        await info.context.signed_in()
        key = await challenge_key(challenge)
        account, _ = await info.context.member(key.account_id, ADMINISTRATORS, ("challenge",))
        deployment, nonce = await activate_by_challenge(
            info.context.host, account, key, challenge, info.context.address
        )
        found = await AccountRow.get(id=account.id)
        return ActivateOfflineSuccess(account=shown_account(found), deployment=Deployment.of(deployment), nonce=nonce)

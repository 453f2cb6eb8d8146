"""Real names (实名认证): the organisation behind an account, by name and tax number, verified by finance staff."""

from __future__ import annotations

from uuid import UUID

from app.accounts.models import Account
from app.accounts.queries import lock_account
from app.errors import NotFound, VerificationConflict, VerificationRequired
from app.events.recording import Actor, record
from app.inputs import explanation, text
from app.invoices.models import CompanyVerification, InvoiceTitle, VerificationState
from app.invoices.tax_numbers import check_tax_number


async def submit_verification(
    account: Account, name: str, country: str, tax_number: str, actor: Actor
) -> CompanyVerification:
    """Say which organisation a locked account is of. What was verified counts until staff verify another.

    Raises:
        InvalidInput: the name or tax number has a form that is not allowed.
        VerificationConflict: a submission is with finance staff.
    """
    name, tax_number = text(name, "name", 200), check_tax_number(country, tax_number)
    if await CompanyVerification.exists(account_id=account.id, state=VerificationState.SUBMITTED):
        raise VerificationConflict(
            reason_en="finance staff are still to decide on what was submitted",
            reason_zh="已提交的信息正在等待财务人员审核",
        )
    made = await CompanyVerification.create(
        account_id=account.id,
        state=VerificationState.SUBMITTED,
        name=name,
        country=country,
        tax_number=tax_number,
        submitted_by=actor.label,
        submitted_at=account.now(),
    )
    await _noted(account, made, "company.submitted", actor)
    return made


async def verify_company(verification_id: UUID, actor: Actor) -> CompanyVerification:
    """Note that the organisation is who it says; verifying it again changes nothing.

    Raises:
        NotFound: there is no such submission.
        VerificationConflict: it was rejected.
    """
    made, account = await _locked(verification_id)
    if made.state == VerificationState.VERIFIED:
        return made
    return await _decided(account, made, VerificationState.VERIFIED, "company.verified", actor)


async def reject_company(verification_id: UUID, reason: str, actor: Actor) -> CompanyVerification:
    """Refuse a submission, and say why; another can be submitted.

    Raises:
        NotFound: there is no such submission.
        VerificationConflict: it was decided on.
        InvalidInput: the reason is empty or too long.
    """
    reason = explanation(reason)
    made, account = await _locked(verification_id)
    made.reason = reason
    return await _decided(account, made, VerificationState.REJECTED, "company.rejected", actor)


async def verified_company(account_id: UUID) -> CompanyVerification | None:
    """Whom staff verified last."""
    found = CompanyVerification.filter(account_id=account_id, state=VerificationState.VERIFIED)
    return await found.order_by("-decided_at", "-id").first()


async def check_verified(account: Account, title: InvoiceTitle) -> None:
    """Refuse a title of anybody but the organisation that staff verified.

    Raises:
        VerificationRequired: nobody was verified, or somebody else.
    """
    verified = await verified_company(account.id)
    if verified is None:
        raise VerificationRequired(
            reason_en="no organisation is verified yet: submit yours first",
            reason_zh="尚未完成企业实名认证：请先提交认证",
            operations=("submitCompanyVerification",),
        )
    if (title.name, title.country, title.tax_number) != (verified.name, verified.country, verified.tax_number):
        raise VerificationRequired(
            reason_en=f"the title must be that of {verified.name}, {verified.tax_number}",
            reason_zh=f"发票抬头须与已认证的企业一致：{verified.name}，{verified.tax_number}",
            path=("titleId",),
        )


async def _locked(verification_id: UUID) -> tuple[CompanyVerification, Account]:
    found = await CompanyVerification.get_or_none(id=verification_id)
    if found is None:
        raise NotFound(what="company verification", path=("verificationId",))
    account = await lock_account(found.account_id)
    return await CompanyVerification.get(id=verification_id), account


async def _decided(
    account: Account, made: CompanyVerification, state: VerificationState, type: str, actor: Actor
) -> CompanyVerification:
    if made.state != VerificationState.SUBMITTED:
        raise VerificationConflict(
            reason_en=f"it is {made.state.en} already",
            reason_zh=f"其状态已为“{made.state.zh}”",
            path=("verificationId",),
        )
    made.state, made.decided_by, made.decided_at = state, actor.label, account.now()
    await made.save()
    await _noted(account, made, type, actor)
    return made


async def _noted(account: Account, made: CompanyVerification, type: str, actor: Actor) -> None:
    after = {"company": made.name, "taxNumber": made.tax_number}
    await record(account.id, account.now(), type, actor, after=after, reason=made.reason)

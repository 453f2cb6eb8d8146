"""What accounts and users are called, and what they say of themselves."""

from __future__ import annotations

from app.accounts.models import Account, Language, User
from app.events.recording import Actor, record
from app.inputs import optional, phone_number, text

SHOWN = {"industry": "industry", "contact_name": "contactName", "contact_phone": "contactPhone"}


async def rename_account(account: Account, name: str, actor: Actor) -> Account:
    """Call a locked account something else. Statements and invoices that were issued keep the name that they have.

    Raises:
        InvalidInput: the name is empty or longer than 200 characters.
    """
    former, account.name = account.name, text(name, "name", 200)
    if account.name != former:
        await account.save(update_fields=["name"])
        about = {"before": {"name": former}, "after": {"name": account.name}}
        await record(account.id, account.now(), "account.renamed", actor, **about)  # type: ignore[arg-type]
    return account


async def set_profile(
    account: Account, industry: str | None, contact_name: str | None, contact_phone: str | None, actor: Actor
) -> Account:
    """Say in which industry a locked account is, and whom to talk to; what is left out is not known any more.

    Raises:
        InvalidInput: a text is too long, or the phone number is none.
    """
    profile = {
        "industry": optional(text, industry, "industry", 100),
        "contact_name": optional(text, contact_name, "contactName", 100),
        "contact_phone": optional(phone_number, contact_phone, "contactPhone"),
    }
    changed = [name for name, value in profile.items() if getattr(account, name) != value]
    if changed:
        await account.update_from_dict(profile).save(update_fields=changed)
        after = {"changed": [SHOWN[name] for name in changed]}
        await record(account.id, account.now(), "account.profile_changed", actor, after=after)
    return account


async def rename_user(user: User, name: str) -> User:
    """Call a user something else.

    Raises:
        InvalidInput: the name is empty or longer than 200 characters.
    """
    user.name = text(name, "name", 200)
    await user.save(update_fields=["name"])
    return user


async def set_user_profile(user: User, language: Language | None, phone: str | None) -> User:
    """Say in which language a user reads, and where to call; what is left out is not known any more.

    Raises:
        InvalidInput: the phone number is none.
    """
    said = {"language": language, "phone": optional(phone_number, phone, "phone")}
    await user.update_from_dict(said).save(update_fields=[*said])
    return user

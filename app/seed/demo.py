"""Demo users of a local server: an administrator with a sandbox account, and staff."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from tortoise.transactions import in_transaction

from app import clock
from app.accounts.members import create_account
from app.accounts.models import AccessToken, StaffAssignment, StaffRole, User
from app.accounts.passwords import hash_password
from app.accounts.registration import make_user
from app.accounts.tokens import authenticate, create_personal_access_token
from app.events.models import ActorKind
from app.events.recording import Actor
from app.settings import get_settings

ADMIN = "admin@demo.example"
STAFF = "staff@demo.example"
FILE = "demo-tokens.json"
DEMO_LOCK = 7_305_003


async def demo_tokens(data_dir: Path) -> dict[str, str]:
    """The bearer tokens of the demo administrator and of demo staff, made once and kept in ``demo-tokens.json``.

    They are of this data folder: where the file is not, new ones are made, and those that were made elsewhere, before
    the database was moved here, end.
    """
    path = data_dir / FILE
    if path.exists():
        kept = dict(json.loads(path.read_text()))
        if all([await authenticate(token) for token in kept.values()]):
            return kept
    async with in_transaction() as connection:
        await connection.execute_query("SELECT pg_advisory_xact_lock($1)", [DEMO_LOCK])
        await _end()
        tokens = {
            "administrator": await _token(ADMIN, "Demo administrator"),
            "staff": await _token(STAFF, "Demo staff"),
        }
        staff = await User.get(email=STAFF)
        for role in StaffRole:
            await StaffAssignment.get_or_create(user_id=staff.id, role=role)
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(tokens))
    draft.replace(path)
    return tokens


async def end_demo(data_dir: Path) -> None:
    """End what demo users there are: their tokens, sessions, passwords and staff roles. Their accounts stay."""
    (data_dir / FILE).unlink(missing_ok=True)
    async with in_transaction():
        await _end()


async def _end() -> None:
    users = await User.filter(email__in=(ADMIN, STAFF)).order_by("id").select_for_update()
    keys = [user.id for user in users]
    ended = await AccessToken.filter(user_id__in=keys, revoked_at=None).update(revoked_at=clock.now())
    roles = await StaffAssignment.filter(user_id__in=keys).delete()
    for user in users if ended or roles else ():
        user.password_hash = await hash_password(secrets.token_urlsafe(24))
        await user.save(update_fields=["password_hash"])


async def _token(email: str, name: str) -> str:
    user = await User.get_or_none(email=email)
    if user is None:
        user = await make_user(email, secrets.token_urlsafe(24), name, clock.now())
        if email == ADMIN and get_settings().sandbox:
            actor = Actor(kind=ActorKind.MEMBER, label=email, id=user.id)
            await create_account(user, "Demo company", sandbox=True, actor=actor)
    _, secret = await create_personal_access_token(user, "demo", None)
    return secret

"""Demo users of a local server: an administrator with a sandbox account, and staff."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from tortoise.transactions import in_transaction

from app import clock
from app.accounts.members import create_account
from app.accounts.models import StaffAssignment, StaffRole, User
from app.accounts.registration import make_user
from app.accounts.tokens import create_personal_access_token
from app.events.recording import Actor
from app.settings import get_settings

ADMIN = "admin@demo.example"
STAFF = "staff@demo.example"
DEMO_LOCK = 7_305_003


async def demo_tokens(data_dir: Path) -> dict[str, str]:
    """The bearer tokens of the demo administrator and of demo staff, made once and kept in ``demo-tokens.json``."""
    path = data_dir / "demo-tokens.json"
    if path.exists() and await User.exists(email=ADMIN):
        return dict(json.loads(path.read_text()))
    async with in_transaction() as connection:
        await connection.execute_query("SELECT pg_advisory_xact_lock($1)", [DEMO_LOCK])
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


async def _token(email: str, name: str) -> str:
    user = await User.get_or_none(email=email)
    if user is None:
        user = await make_user(email, secrets.token_urlsafe(24), name, clock.now())
        if email == ADMIN and get_settings().sandbox:
            actor = Actor(kind="MEMBER", label=email, id=user.id)
            await create_account(user, "Demo company", sandbox=True, actor=actor)
    _, secret = await create_personal_access_token(user, "demo", None)
    return secret

"""``billing staff``: who is the vendor's staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.running import console, looking, stop, table, with_runtime

if TYPE_CHECKING:
    from app.bootstrap import Runtime

staff = typer.Typer(no_args_is_help=True, help="The vendor's staff: who has which role.")
Email = Annotated[str, typer.Argument(help="The user's e-mail address.")]
Role = Annotated[str, typer.Option(help="ACCOUNT_MANAGER, FINANCE, OPERATOR or AUDITOR.")]


@staff.command("grant")
def staff_grant(email: Email, role: Role) -> None:
    """Give a user a staff role, from the next request on; who did not confirm that address is invited, and accepts."""

    async def grant(runtime: Runtime) -> None:
        from app.accounts.staff import MAILED, grant

        code = await grant(email, role)
        if code is None:
            console.print(f"{email} has the role {role.upper()}")
        elif code == MAILED:
            console.print(f"{email} is invited by mail, and will have the role {role.upper()} on accepting")
        else:
            console.print(
                f"{email} is invited: hand over the code {code}, for the mutation acceptInvitation, within 7 days",
                highlight=False,
            )

    with_runtime(grant)


@staff.command("revoke")
def staff_revoke(email: Email, role: Role) -> None:
    """Take a staff role from a user, from the next request on. Revoking it again changes nothing."""

    async def revoke(runtime: Runtime) -> None:
        from app.accounts.staff import revoke

        await revoke(email, role)
        console.print(f"{email} does not have the role {role.upper()}")

    with_runtime(revoke)


@staff.command("forget-second-factor")
def forget_second_factor(email: Email) -> None:
    """Remove the second factor of a user, staff or not, who lost it and all recovery codes: see who asks first."""

    async def work(runtime: Runtime) -> None:
        from app.accounts.queries import find_user
        from app.accounts.second_factor import forget

        user = await find_user(email)
        if user is None:
            stop(f"nobody has registered as {email}")
        await forget(user)
        console.print(f"{user.email} signs in with the password alone")

    with_runtime(work)


@staff.command("list")
def staff_list() -> None:
    """List everybody who has a staff role."""

    async def show(runtime: Runtime) -> None:
        from app.accounts.staff import everybody

        shown = table("e-mail", "roles")
        for email, roles in (await everybody()).items():
            shown.add_row(email, ", ".join(roles))
        console.print(shown)

    looking(show)

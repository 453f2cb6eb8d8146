"""``billing secret``: the key that secrets are sealed with is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.running import console, stop, with_runtime

if TYPE_CHECKING:
    from app.bootstrap import Runtime

secret = typer.Typer(no_args_is_help=True, help="The key that secrets in the database are sealed with.")


@secret.command("new")
def new() -> None:
    """Make a key. In secret.key it becomes the first line, which seals from the next start on; where
    BILLING_SECRET_KEY names the keys, it is printed, to be put before the others with a comma.
    """
    from cryptography.fernet import Fernet

    from app.settings import get_settings

    settings, made = get_settings(), Fernet.generate_key()
    if settings.secret:
        console.print(made.decode(), highlight=False, soft_wrap=True)
        return
    settings.keep_secret_keys(made, *settings.secret_keys)
    console.print(f"{settings.secret_file} has a new key: restart every process, then: billing secret rotate")


@secret.command("rotate")
def rotate(
    forget: Annotated[
        bool, typer.Option("--forget", help="Then take the older keys out of secret.key; every process knows the new.")
    ] = False,
) -> None:
    """Seal every secret in the database with the newest key. Once more changes nothing; neither does a crash."""

    async def work(runtime: Runtime) -> None:
        from cryptography.fernet import InvalidToken

        from app.db.resealing import reseal

        try:
            done = await reseal()
        except InvalidToken:
            stop("a secret is sealed with none of the keys: put the one back that is missing")
        console.print(f"{done.secrets} secrets, {done.changed} of them sealed anew", highlight=False)
        settings = runtime.settings
        if settings.secret or not forget:
            console.print("the older keys are needed no more, once every process seals with the new one")
        else:
            settings.keep_secret_keys(settings.secret_key)
            console.print(f"{settings.secret_file} has the newest key alone")

    with_runtime(work)

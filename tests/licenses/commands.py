"""Running `billing` in this process."""

from __future__ import annotations

from typer.testing import CliRunner

from app.cli import app


def run(*arguments: object, stdin: str | bytes | None = None) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin, env={"COLUMNS": "200"})
    return done.exit_code, " ".join(done.output.split())

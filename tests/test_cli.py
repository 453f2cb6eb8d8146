"""The command line teaches, and does what it says."""

from __future__ import annotations

import asyncio
import io
import re
import subprocess
from datetime import timedelta
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console
from rich.table import Column
from typer.testing import CliRunner

from app import clock
from app.accounts.models import User
from app.cli import app
from app.closing.days import close_due
from app.commands.running import table
from app.errors import CannotStart
from app.licenses.models import SigningKey
from app.settings import Settings, get_settings
from app.settlement.host import ENTRY_POINT_GROUP, ChannelHost
from app.settlement.links import check_named_channels
from app.statements.models import Statement
from tests.api.driver import Api, registered
from tests.billing.factory import billed_account
from tests.serving import BILLING, ROOT, environment


def _run(arguments: str, data: Path, database: str | None, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BILLING), *arguments.split()],
        env={**environment(data, database), "COLUMNS": "160", **settings},
        capture_output=True,
        text=True,
        timeout=60,
    )


def _commands(group: Any, name: str = "") -> list[str]:
    inside: dict[str, Any] = getattr(group, "commands", {})
    return [name.strip(), *(found for key, command in inside.items() for found in _commands(command, f"{name} {key}"))]


AGREEMENT = '[title]\nzh = "一"\nen = "One"\n[text]\nzh = "一。"\nen = "One."'
COMMANDS = _commands(typer.main.get_command(app))


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches(command: str) -> None:
    said = CliRunner().invoke(app, [*command.split(), "--help"])
    assert said.exit_code == 0
    assert "Usage: " in said.output
    assert len(re.findall(r"[a-z]+", said.output)) > 15


async def test_what_must_be_copied_is_never_cut(database: str, tmp_path: Path) -> None:
    key = await SigningKey.get()
    shown = await asyncio.to_thread(_run, "license keys", tmp_path, database, COLUMNS="40")
    assert key.kid in shown.stdout
    listed = await asyncio.to_thread(_run, "channels list", tmp_path, database, COLUMNS="40")
    assert "BILLING_CHANNEL_ALIYUN_ACCESS_KEY_SECRET" in listed.stdout
    terminal = Console(width=80, file=io.StringIO())
    made = table(Column("kid", no_wrap=True), "since", "signs", "private half", "live licenses")
    made.add_row(key.kid, "2026-03-02", "yes", "in the database, encrypted", "1")
    made.add_row("short", "2026-03-02", "yes", "ten" * 10, "1")
    terminal.print(made)
    said = terminal.file.getvalue()  # type: ignore[attr-defined]
    assert key.kid in said
    assert "…" not in said


def test_channels_that_nobody_configured_are_no_failure(database_url: str, tmp_path: Path) -> None:
    checked = _run("channels check", tmp_path, database_url)
    assert (checked.returncode, "aws: NOT_CONFIGURED" in checked.stdout) == (0, True), checked.stdout
    assert _run("channels check guance", tmp_path, database_url).returncode == 0
    assert _run("channels check aws", tmp_path, database_url).returncode == 1


def test_schema_print(tmp_path: Path) -> None:
    assert _run("schema print", tmp_path, None).stdout == (ROOT / "schema.graphql").read_text()


def test_checks_and_lists(database_url: str, tmp_path: Path) -> None:
    checked = _run("db check", tmp_path, database_url)
    assert (checked.returncode, "answers" in checked.stdout) == (0, True), checked.stderr
    listed = _run("channels list", tmp_path, database_url)
    assert all(channel in listed.stdout for channel in ("guance", "aliyun", "aws"))
    closed = _run("day close --day 2026-01-31", tmp_path, database_url)
    assert "0 accounts were due, 0 charges raised" in closed.stdout
    assert "the books are right" in _run("ledger check", tmp_path, database_url).stdout


async def test_the_trial_balance_and_statements(database: str, tmp_path: Path) -> None:
    today = clock.local_day(clock.now(), "Asia/Shanghai")
    first = (today - timedelta(days=40)).replace(day=1)
    await billed_account(first)
    days = (await close_due()).charges
    assert days == (today - first).days
    shown = await asyncio.to_thread(_run, "ledger trial-balance", tmp_path, database)
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in shown.stdout.splitlines() if "│" in line]
    assert rows == [
        ["receivable", "CNY", f"{days}00.00", "0.00", f"{days}00.00"],
        ["revenue", "CNY", "0.00", f"{days}00.00", f"-{days}00.00"],
        ["0-7", "guance", "CNY", str(days), f"{days}00.00"],
    ], shown
    reported = await asyncio.to_thread(_run, f"report revenue --month {first:%Y-%m} --csv", tmp_path, database)
    head, row = reported.stdout.splitlines()
    assert head == "month,edition,account_id,account,channel,currency,revenue,discounts,net"
    assert row.startswith(f"{first:%Y-%m},PAY_AS_YOU_GO,")
    earned = sum((first + timedelta(days=number)).month == first.month for number in range(days)) * 100
    assert row.endswith(f",guance,CNY,{earned}.00,0.00,{earned}.00")
    for name in ("arrears", "contracts-ending", "deferred"):
        assert (await asyncio.to_thread(_run, f"report {name}", tmp_path, database)).returncode == 0
    earlier = await asyncio.to_thread(_run, f"ledger trial-balance --until {first}", tmp_path, database)
    assert "revenue" not in earlier.stdout
    months = {first.strftime("%Y-%m"), (first + timedelta(days=31)).strftime("%Y-%m")} - {today.strftime("%Y-%m")}
    months -= {(today - timedelta(days=2)).replace(day=1).strftime("%Y-%m")} if today.day < 3 else set()
    for issued in (len(months), 0):
        said = await asyncio.to_thread(_run, "statements issue", tmp_path, database)
        assert f"{issued} statements issued" in said.stdout, said.stderr
    assert {f"{one.month:%Y-%m}" for one in await Statement.all()} == months


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://nobody@127.0.0.1:9/none", "does not answer"),
        ("mysql://localhost/x", "postgresql://user:password@host:5432/name"),
    ],
)
def test_a_database_that_is_not_there_is_said_in_a_sentence(tmp_path: Path, url: str, said: str) -> None:
    done = _run("db check", tmp_path, url)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


async def test_the_operator_says_who_is_staff(api: Api, database: str, tmp_path: Path) -> None:
    async def run(arguments: str) -> tuple[int, str]:
        done = await asyncio.to_thread(_run, f"staff {arguments}", tmp_path, database)
        return done.returncode, done.stdout

    li, _ = await registered(api)
    email = (await li.data("{ viewer { user { email } } }"))["viewer"]["user"]["email"]
    asked = "{ accounts(first: 1) { edges { node { id } } } }"
    (refused,) = (await li.answer(asked))["errors"]
    assert "the operator of the service" in refused["message"]
    assert "an owner" not in refused["message"]
    li.locale = "zh"
    assert "系统运维人员" in (await li.answer(asked))["errors"][0]["message"]
    _, invited = await run(f"grant {email} --role operator")
    (code,) = re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", invited)
    assert (await li.data("{ viewer { staffRoles } }"))["viewer"]["staffRoles"] == []
    accepted = await li.call("acceptInvitation", "staffRole membership { id }", code=code)
    assert (accepted["staffRole"], accepted["membership"]) == ("OPERATOR", None)
    await run(f"revoke {email} --role OPERATOR")
    await User.all().update(confirmed_at=clock.now())
    for _ in range(2):
        assert await run(f"grant {email.upper()} --role finance") == (0, f"{email.upper()} has the role FINANCE\n")
    assert (await li.data("{ viewer { staffRoles } }"))["viewer"]["staffRoles"] == ["FINANCE"]
    assert (await run("list"))[1].count(email) == 1
    for who, role, said in (
        ("no@[example.com", "FINANCE", "must be an e-mail address"),
        (email, "KING", "account_manager, finance"),
    ):
        code, words = await run(f"grant {who} --role {role}")
        assert (code, said in words) == (1, True), words
    for _ in range(2):
        assert (await run(f"revoke {email} --role FINANCE"))[0] == 0
    assert (await li.data("{ viewer { staffRoles } }"))["viewer"]["staffRoles"] == []


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("BILLING_PORT", "abc", "must be a valid integer"),
        ("BILLING_PORT", "70000", "must be less than or equal to 65535"),
        ("BILLING_USAGE_RETENTION_DAYS", "10", "must be greater than or equal to 94"),
        ("BILLING_CLOSERS", "0", "must be greater than or equal to 1"),
        ("BILLING_SMTP_URL", "hunter2", "must be of the form smtp://user:password@host:587"),
        ("BILLING_SMTP_URL", "smtp://ming:hunter2@", "must be of the form smtp://user:password@host:587"),
        ("BILLING_FALLBACK_CHANNEL", "nope", "must be one of "),
    ],
)
def test_a_wrong_setting_is_said_in_a_sentence(
    database_url: str, tmp_path: Path, variable: str, value: str, said: str
) -> None:
    done = _run("serve", tmp_path, database_url, **{variable: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"billing cannot start: {variable} {said}"), done.stderr
    assert done.stderr.count("\n") == 1
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    "url", ["smtp://h", "smtps://h:465/", "smtp://u%40x:p@ss/@mail.example.com:587", "smtp://[::1]:25"]
)
def test_addresses_of_mail_servers(url: str) -> None:
    assert Settings(smtp_url=url).smtp_url == url


@pytest.mark.parametrize(
    ("written", "since", "said"),
    [
        ("[title]", None, "refused: Invalid input: an agreement must have text"),
        ("[title]\n[text]", None, "refused: Invalid input: title must have a zh and an en"),
        (AGREEMENT, "tomorrow", "--from must be a day or time such as 2027-01-01"),
        ("not TOML", None, "is not TOML"),
        (AGREEMENT, "2020-01-02", "in force from now on at the earliest"),
    ],
)
def test_an_agreement_that_cannot_be_published(
    database_url: str, tmp_path: Path, written: str, since: str | None, said: str
) -> None:
    (tmp_path / "agreement.toml").write_text(written)
    begin = f" --from {since}" if since else ""
    done = _run(f"agreement publish PAY_AS_YOU_GO {tmp_path}/agreement.toml{begin}", tmp_path, database_url)
    assert (done.returncode, said in done.stdout, done.stderr) == (1, True, ""), done


def test_waiting_migrations_are_named(server_url: str, tmp_path: Path) -> None:
    checked = _run("db check", tmp_path, server_url)
    assert checked.returncode == 1
    assert "waiting: app.0001_initial\n" in checked.stdout


def test_a_worker_says_that_it_runs_and_nothing_of_shutdowns(database_url: str, tmp_path: Path) -> None:
    assert "shutdown" not in _run("worker --once", tmp_path, database_url).stderr
    env = environment(tmp_path, database_url)
    with subprocess.Popen([BILLING, "worker"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"worker running; stop it with Ctrl-C\n"
        worker.terminate()


def test_a_fallback_whose_plugin_failed_lets_the_service_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(get_settings(), "fallback_channel", "elsewhere")
    with pytest.raises(CannotStart, match="BILLING_FALLBACK_CHANNEL"):
        check_named_channels(ChannelHost())
    broken = EntryPoint("broken", "no.such.module", ENTRY_POINT_GROUP)
    check_named_channels(ChannelHost([*entry_points(group=ENTRY_POINT_GROUP), broken]))


def test_another_secret_key_is_said_in_a_sentence(database_url: str, tmp_path: Path) -> None:
    other = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
    for key, said in ((other, "BILLING_SECRET_KEY"), ("nonsense", "BILLING_SECRET_KEY")):
        done = _run("db migrate", tmp_path, database_url, BILLING_SECRET_KEY=key)
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr

"""The pytest plugin: ``--settlement-channel NAME`` adds the kit's checks to the run."""

from __future__ import annotations

from collections import Counter

import pytest

CHECKS = "settlement_spec.conformance.checks"
NAMES = pytest.StashKey[dict[str, str | None]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option."""
    parser.getgroup("settlement channels").addoption(
        "--settlement-channel",
        action="append",
        default=[],
        metavar="NAME",
        help="check the installed settlement channel NAME (repeatable); without paths nothing else is run",
    )


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """The hook of the harness."""
    from settlement_spec.conformance import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    """With the option: bring the fixtures, and add the checks to what is collected, from whatever folder."""
    config.stash[NAMES] = {}
    if not config.getoption("settlement_channel"):
        return
    from settlement_spec.conformance.loading import NoSuchChannel, load_channel

    for name in config.getoption("settlement_channel"):
        try:
            load_channel(name)
        except NoSuchChannel as error:
            raise pytest.UsageError(str(error)) from error
    pytest.register_assert_rewrite("settlement_spec.conformance")
    from settlement_spec.conformance import fixtures

    config.pluginmanager.register(fixtures, "settlement-conformance-fixtures")
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args[:] = []
    config.args.append(CHECKS)
    config.option.pyargs = True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Remember which channel each check is of."""
    for item in items:
        if isinstance(item, pytest.Function) and (call := getattr(item, "callspec", None)):
            config.stash[NAMES][item.nodeid] = call.params.get("settlement_channel_name")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line for each channel: how many checks passed, failed, did not apply, and were not tried, and why."""
    from settlement_spec.conformance.skipping import DOES_NOT_APPLY, NOT_TRIED

    for name in config.getoption("settlement_channel"):
        reports = [
            (kind, report)
            for kind in ("passed", "failed", "error", "skipped")
            for report in terminalreporter.stats.get(kind, [])
            if config.stash[NAMES].get(report.nodeid) == name
        ]
        reasons = [str(report.longrepr[2]) for kind, report in reports if kind == "skipped"]
        untried = Counter(reason.partition(NOT_TRIED)[2] for reason in reasons if NOT_TRIED in reason)
        inapplicable = sum(DOES_NOT_APPLY in reason for reason in reasons)
        counts = Counter(kind for kind, _ in reports)
        failed = counts["failed"] + counts["error"]
        line = f"settlement channel {name}: {counts['passed']} passed, {failed} failed, {inapplicable} do not apply"
        line += f", {untried.total()} not tried"
        if untried:
            line += f" ({'; '.join(sorted(untried))})"
        terminalreporter.write_line(line, red=failed > 0, yellow=bool(untried), green=not failed and not untried)

"""Line and branch coverage of the package, measured and shown whenever the whole suite is run.

A run that covers too little fails, though every test passed: what is missing stands at its end.

Properties are tested without a deadline: how long an example takes says nothing of what it shows.

Not measured are parts of the suite, and tests marked unmeasured: tracing would add minutes to them,
and what they run the others run too. What is left out, and why, stands in pyproject.toml.
"""

from __future__ import annotations

import io
import os
from collections.abc import Generator
from tempfile import TemporaryDirectory

import pytest
from coverage import Coverage
from hypothesis import Phase, settings

# Where every line and branch is run; of the whole package as many as pyproject.toml says.
CERTAIN = ["*/record/*", "*/scoring/*", "*/book/views.py", "*/domain/times.py"]
MEASURED = pytest.StashKey[Coverage]()
REPORT = pytest.StashKey[str]()

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
# For mutmut: the same examples for every mutant, and no time spent on making a failing one small.
settings.register_profile(
    "mutants", deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate]
)


def pytest_configure(config: pytest.Config) -> None:
    """Begin to measure, before anything of the package is imported.

    What the program keeps for its user goes to a folder of this run, not to whoever runs the tests.
    """
    kept = TemporaryDirectory(prefix="forecast-tests-")
    os.environ["XDG_STATE_HOME"] = kept.name
    config.add_cleanup(kept.cleanup)
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    chosen = config.option.markexpr or config.option.keyword or config.option.collectonly
    chosen = (
        chosen or getattr(config.option, "numprocesses", None) or hasattr(config, "workerinput")
    )
    if whole and not chosen:
        config.stash[MEASURED] = Coverage()
        config.stash[MEASURED].start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Leave out what is marked so."""
    measured = item.config.stash.get(MEASURED, None)
    if measured is None or item.get_closest_marker("unmeasured") is None:
        return (yield)
    measured.stop()
    try:
        return (yield)
    finally:
        measured.start()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Say what is not covered, and fail a run that covers too little."""
    measured = session.config.stash.get(MEASURED, None)
    if measured is None:
        return
    measured.stop()
    told = io.StringIO()
    whole = measured.report(file=told)
    certain = measured.report(include=CERTAIN, file=io.StringIO())
    shares = {
        "the package": (whole, measured.get_option("report:fail_under")),
        "record, scoring, views and times": (certain, 100),
    }
    for what, (share, least) in shares.items():
        told.write(f"coverage of {what} {share:.2f}%, {least:g}% is needed\n")
    session.config.stash[REPORT] = told.getvalue()
    if session.exitstatus == pytest.ExitCode.OK and any(s < n for s, n in shares.values()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show what is not covered, and how much is."""
    if told := config.stash.get(REPORT, ""):
        terminalreporter.section("coverage")
        terminalreporter.write(told)

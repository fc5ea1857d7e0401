"""What surrounds the scenarios fails, and the report on them is still written, and true."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from faults import run
from faults.keyrings import service
from faults.scenarios import LIMIT, Broken, Scenario, told
from jeepney import message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TypeAlias

    Crashes: TypeAlias = Callable[[int], None]

INTENT = Scenario("generate", "intent")


def _unexpected(case: str) -> run.Outcome[str]:
    def fail() -> str:
        if case == "a":
            raise ValueError(case)
        return case

    return run.tried(fail)


def _dies(_: str) -> run.Outcome[str]:
    os.kill(os.getpid(), signal.SIGKILL)
    return run.Outcome()


@pytest.fixture
def crashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, require: Callable[..., None]) -> Crashes:
    """So many times gnome-keyring-daemon crashes while it starts; then it is as ever."""
    require("dbus-daemon", "gnome-keyring-daemon")
    real = shutil.which("gnome-keyring-daemon")

    def crash(times: int) -> None:
        program = tmp_path / "bin" / "gnome-keyring-daemon"
        program.parent.mkdir()
        left = "".join("x\n" for _ in range(times))
        (tmp_path / "left").write_text(left)
        program.write_text(f"""#!/bin/sh
[ -s {tmp_path}/left ] || exec {real} "$@"
sed -i 1d {tmp_path}/left
kill -ABRT $$
""")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "")

    return crash


def test_a_keyring_that_crashes_while_it_starts_is_started_again(crashes: Crashes) -> None:
    crashes(2)

    assert run.outcome(INTENT) == run.Outcome(failures=2)


def test_a_keyring_that_always_crashes_leaves_its_run_unjudged(crashes: Crashes) -> None:
    crashes(100)

    outcome = run.outcome(INTENT)

    assert outcome == run.Outcome(unjudged="the keyring or the machine failed 4 times", failures=4)
    assert "**1 runs could not be judged.**" in run.asides([outcome])
    assert run.promises([outcome]) == 0


def test_a_mistake_is_not_caught_by_a_keyring_that_crashes(crashes: Crashes) -> None:
    crashes(100)

    assert run.caught([INTENT], "password kept after the key") == 0


def test_a_keyring_that_crashes_in_a_run_excuses_what_came_of_it(crashes: Crashes) -> None:
    crashes(0)

    def fail() -> None:
        with service():
            with closing(open_dbus_connection(os.environ["DBUS_SESSION_BUS_ADDRESS"])) as bus:
                (daemon,) = Proxy(message_bus, bus).GetConnectionUnixProcessID("org.freedesktop.secrets")
            os.kill(daemon, signal.SIGKILL)
            os.waitid(os.P_PID, daemon, os.WEXITED | os.WNOWAIT)
            raise Broken("a password is lost")

    outcome = run.tried(fail)

    assert (outcome.broken, outcome.failures) == ((), run.TRIES)


def test_a_run_is_made_again_after_a_process_that_does_not_end() -> None:
    limits = iter((0.01, None))
    processes = []

    def wait() -> str:
        limit = next(limits)
        with subprocess.Popen(["sleep", "60" if limit else "0"], stdout=subprocess.PIPE, text=True) as process:
            processes.append(process)
            return told(process, limit or LIMIT)[0]

    assert run.tried(wait) == run.Outcome("", failures=1)
    assert [process.returncode for process in processes] == [-signal.SIGKILL, 0]


def test_an_unexpected_error_ends_one_run_and_no_other() -> None:
    outcomes = list(run.played(_unexpected, ["a", "b"]))

    assert ["ValueError: a" in one.unjudged for one in outcomes] == [True, False]
    assert outcomes[1] == run.Outcome("b")


def test_a_process_that_dies_leaves_its_runs_unjudged() -> None:
    (outcome,) = run.played(_dies, ["a"])

    assert outcome.unjudged

"""Each guard of a secret, with it and without it: only where the canary sings without is silence worth anything."""

from __future__ import annotations

import json
import re
import resource
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from canaries.conftest import SECRET_ID
from canaries.listening import CLOUD, SENT, TYPED, heard, of_key
from canaries.program import GUARDS

from csr_tui.core.custody import Custody

if TYPE_CHECKING:
    from collections.abc import Callable

    from canaries.conftest import World

pytestmark = pytest.mark.system

CREDENTIALS = {"TENCENTCLOUD_SECRET_ID": SECRET_ID, "TENCENTCLOUD_SECRET_KEY": CLOUD}
WORKER = """import os, sys
if sys.argv[0] == "-c":
    with open("{told}/worker", "w") as file:
        file.write(repr(dict(os.environ)))
"""
REFUSAL = {"Error": {"Code": "InvalidParameter", "Message": f"KeyPassword {SENT!r} is not accepted"}, "RequestId": "r"}


@dataclass(frozen=True, slots=True)
class Case:
    """What a person does, and where the canary is to be heard once the guard is gone; `crash` is planted in it."""

    guard: str
    story: Callable[[World], tuple[dict[str, str | bytes], dict[str, bytes]]]
    sings: str
    crash: str = ""

    def __str__(self) -> str:
        return f"{self.guard} ({self.crash})" if self.crash else self.guard


def submits_without_a_password(world: World) -> tuple[dict[str, str | bytes], dict[str, bytes]]:
    """DescribeCSR gives the PrivateKey in clear, and it is locked under a random password at once."""
    record = world.draft()
    world.run("submit", record.id, "--no-password", "--yes", variables=CREDENTIALS)
    out = world.folder / "out"
    world.run("export", record.id, "--to", str(out), "--key-clear")
    return {"key": of_key((out / "www.example.com.key").read_text())}, world.places(out)


def submits_with_a_password(world: World) -> tuple[dict[str, str | bytes], dict[str, bytes]]:
    world.run("submit", world.draft().id, "--password-stdin", "--yes", stdin=f"{SENT}\n", variables=CREDENTIALS)
    return {"password": SENT}, world.places()


def is_refused(world: World) -> tuple[dict[str, str | bytes], dict[str, bytes]]:
    world.line["ModifyCSR"] = lambda _: json.dumps({"Response": REFUSAL}).encode()
    world.run(
        "submit", world.draft().id, "--password-stdin", "--yes", stdin=f"{SENT}\n", status=6, variables=CREDENTIALS
    )
    return {"password": SENT}, world.places()


def generates(world: World) -> tuple[dict[str, str | bytes], dict[str, bytes]]:
    world.run("generate", world.draft().id, "--password-stdin", stdin=f"{TYPED}\n", status=1)
    return {"password": TYPED}, world.places()


def types_at_a_prompt(world: World) -> tuple[dict[str, str | bytes], dict[str, bytes]]:
    with world.at_terminal("generate", world.draft().id, "--protect", "prompt") as session:
        session.see("New key password: ")
        session.press(f"{TYPED}\n")
        session.see("Repeat the password: ")
        session.press(f"{TYPED}\n")
        session.end()
    return {"password": TYPED}, world.places() | {"terminal": session.raw}


def types_on_the_screen(world: World) -> tuple[dict[str, str | bytes], dict[str, bytes]]:
    world.draft(custody=Custody.TYPED_PROMPT)
    log = world.folder / "textual.log"
    with world.at_terminal(TEXTUAL_LOG=str(log), TEXTUAL="devtools,debug") as session:
        session.see("www.example.com", "Generate")
        session.press("g")
        session.see("New password for the key")
        session.press(TYPED)
        session.see("Strong enough")
        places = world.places()
        session.press("\x11")
        assert session.end() == 0
    return {"password": TYPED}, places | {"terminal": session.raw}


def copies_a_password(world: World) -> tuple[dict[str, str | bytes], dict[str, bytes]]:
    world.draft(custody=Custody.TYPED_PROMPT)
    with world.at_terminal() as session:
        session.see("www.example.com", "Generate")
        session.press("g")
        session.see("New password for the key")
        session.press(TYPED)
        session.see("Strong enough")
        session.press("\x1b[1;2H\x03")  # select to the beginning, copy
        session.wait(lambda: b"\x1b]52;" in session.raw or "is not copied from here" in session.text(), "no copy")
        session.press("\x11")
        session.end()
    return {"password": TYPED}, world.places() | {"terminal": session.raw}


def crashes_on_the_screen(world: World) -> tuple[dict[str, str | bytes], dict[str, bytes]]:
    world.draft()
    with world.at_terminal() as session:
        if world.crash != "rendering":
            session.see("www.example.com", "Generate")
            session.press("?" if world.crash == "handler" else "\r")
        assert session.end() == 1
    assert "planted crash" in session.text()
    return {"password": TYPED}, world.places() | {"terminal": session.raw}


def copies_a_csr(world: World) -> tuple[dict[str, str | bytes], dict[str, bytes]]:
    """The copying tool is one that tells what it was given."""
    record = world.draft()
    world.run("generate", record.id)
    tools, told = world.folder / "bin", world.folder / "told"
    tools.mkdir()
    (tools / "xclip").write_text(f"#!/bin/sh\ncat > /dev/null\nenv > {told}.new\nmv {told}.new {told}\n")
    (tools / "xclip").chmod(0o755)
    path = f"{tools}:{world.environment['PATH']}"
    with world.at_terminal(PATH=path, DISPLAY=":9", **CREDENTIALS) as session:
        session.see("www.example.com")
        session.press("\r")
        session.see("Copy the CSR")
        session.press("c")
        session.wait(told.exists, "the tool was not called")
        session.press("\x11")
        session.end()
    return {"cloud key": CLOUD}, world.places() | {"terminal": session.raw}


def starts_programs(world: World) -> tuple[dict[str, str | bytes], dict[str, bytes]]:
    """Compilers, a server and a copying tool of this PATH write down what they are given; so do worker processes."""
    tools, told = world.folder / "bin", world.folder / "told"
    tools.mkdir()
    told.mkdir()
    for name in ("gcc", "cc", "ld", "ldconfig", "objdump", "nginx", "openssl"):
        (tools / name).write_text(f"#!/bin/sh\nenv > {told}/{name}\nexit 1\n")
        (tools / name).chmod(0o755)
    site = world.folder / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(WORKER.format(told=told))
    variables = {
        "PATH": f"{tools}:{world.environment['PATH']}",
        "PYTHONPATH": f"{site}:{world.environment.get('PYTHONPATH', '')}",
        "CSR_TUI_PROXY": f"http://me:{CLOUD}@127.0.0.1:9",
        **CREDENTIALS,
    }
    table = world.folder / "table.csv"
    table.write_text("domain,algorithm\n" + "".join(f"{number}.example.com,ECC\n" for number in range(80)))
    world.run("doctor", variables=variables)
    world.run("apply", str(table), "--generate", "--no-password", variables=variables)
    assert (told / "worker").exists(), "no worker was started"
    assert not {one.name for one in told.iterdir()} & {"gcc", "cc", "ld", "ldconfig", "objdump"}
    return {"cloud key": CLOUD}, world.places(site, tools)


def looks_at_its_limits(world: World) -> tuple[dict[str, str | bytes], dict[str, bytes]]:
    """A core file would hold all; its largest size is listened to."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard == 0:
        pytest.skip("core dumps are off for everybody here")
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    with world.at_terminal("generate", world.draft().id, "--protect", "prompt") as session:
        session.see("New key password: ")
        limits = Path(f"/proc/{session.process.pid}/limits").read_text()
        session.press("\x03")
        session.end()
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    (size,) = re.findall(r"Max core file size +(\d+|unlimited)", limits)
    return {"memory": b"core is written"}, {"core": b"" if size in {"0", "1"} else b"core is written"}


CASES = (
    Case("the key is encrypted at rest", submits_without_a_password, "records.db"),
    Case("the SDK's logger is silent", submits_with_a_password, "everything.log"),
    Case("a refusal is told without what it quotes", is_refused, "stderr"),
    Case("a refusal is told without what it quotes", is_refused, "records.db"),
    Case("a secret does not show itself", generates, "stderr", crash="command"),
    Case("a prompt does not echo", types_at_a_prompt, "terminal"),
    Case("a password field masks", types_on_the_screen, "terminal"),
    Case("Textual's recorders are off", types_on_the_screen, "textual.log"),
    Case("a password field is not copied", copies_a_password, "terminal"),
    *(
        Case("a crash shows no local variables", crashes_on_the_screen, "terminal", crash=where)
        for where in ("handler", "worker", "rendering")
    ),
    Case("other programs get no API key", copies_a_csr, "told"),
    Case("other programs get no API key", starts_programs, "told"),
    Case("core dumps are off", looks_at_its_limits, "core"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case}, {case.sings}")
def test_behind_its_guard_the_canary_is_silent(case: Case, world: World) -> None:
    world.crash = case.crash

    secrets, places = case.story(world)

    assert places
    assert heard(secrets, places) == set()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case}, {case.sings}")
def test_without_its_guard_the_canary_sings(case: Case, world: World) -> None:
    world.guard, world.crash = case.guard, case.crash

    secrets, places = case.story(world)

    assert any(case.sings in place for _, place in heard(secrets, places))


def test_every_guard_is_tried() -> None:
    assert {case.guard for case in CASES} == set(GUARDS)

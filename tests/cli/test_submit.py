"""Submitting, reconciling and the account's key from the command line, against a sandbox on loopback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from lifecycle.tencent.cloud import LOSE_REPLY, LOSE_REQUEST, Line, refusal
from processes import ended

from csr_tui.core import csr
from csr_tui.core.secret import Secret
from csr_tui.lifecycle.tencent.account import REF
from csr_tui.tencent.client import Client
from csr_tui.tencent.endpoint import Credentials, endpoint_of
from csr_tui.tencent.sandbox import Sandbox
from csr_tui.vault import SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.conftest import Answers, MemoryKeyring, New, Run

SUBJECT = (
    *("--organization", "Example Ltd", "--department", "IT", "--email", "pki@example.com"),
    *("--province", "Hunan", "--city", "Changsha", "--country", "CN"),
)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def sandbox(line: Line, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox that the environment points at."""
    with Sandbox(deliver=line) as running:
        monkeypatch.setenv("CSR_TUI_ENDPOINT", running.endpoint)
        monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", running.secret_id)
        monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", running.secret_key)
        yield running


@pytest.fixture
def ready(new: New) -> New:
    """A draft that Tencent Cloud takes; its id."""
    return lambda *words, domain="www.example.com": new(*SUBJECT, *words, domain=domain)


def client_of(sandbox: Sandbox) -> Client:
    return Client(endpoint_of(sandbox.endpoint), Credentials(sandbox.secret_id, Secret(sandbox.secret_key)))


def test_submit_says_what_leaves_and_what_is_kept_there_and_brings_the_result_home(
    run: Run, ready: New, sandbox: Sandbox
) -> None:
    made = ready("--remark", "for the shop", "--tag", "team=web")

    result = run("submit", made)
    shown = run("show", made, "--json").json

    assert result.status == 0, result.err
    assert sandbox.endpoint in result.err
    for told in ("Organization", "Example Ltd", "Remark", "for the shop", "team=web", "KeyPassword", "unencrypted"):
        assert told in result.err
    csr_id = shown["remote"]["csr_id"]
    assert f"Generated at the sandbox as CSR {csr_id}: " in result.out
    assert (shown["state"], shown["origin"], shown["has_key"]) == ("generated", "tencent", True)
    assert shown["remote"] == {
        "csr_id": csr_id,
        "status": 1,
        "endpoint": sandbox.endpoint,
        "request_id": shown["remote"]["request_id"],
        "journal_state": "confirmed",
    }
    assert shown["differences"] == []
    assert (client_of(sandbox).describe(csr_id).csr or "").splitlines() == run("show", made, "--csr").out.splitlines()


def test_a_person_at_the_terminal_is_asked_and_may_say_no(
    run: Run, ready: New, typist: Answers, sandbox: Sandbox, line: Line
) -> None:
    made = ready()

    no = run("submit", made, person=typist("n"))
    yes = run("submit", made, person=typist("y"))

    assert (no.status, yes.status) == (4, 0)
    assert "Nothing was sent." in no.err
    assert line.applied["CreateCSR"] == 1


def test_json_of_a_submission_is_the_record_and_nothing_is_asked(run: Run, ready: New, sandbox: Sandbox) -> None:
    result = run("submit", ready(), "--password-stdin", "--json", stdin=b"correct horse battery staple\n")

    assert result.status == 0
    assert (result.json["state"], result.json["password_choice"]) == ("generated", "typed")
    assert "correct horse" not in result.out + result.err
    assert client_of(sandbox).describe(result.json["remote"]["csr_id"]).key_password == Secret(
        "correct horse battery staple"
    )


def test_a_draft_there_is_made_edited_finalised_and_let_go(run: Run, ready: New, sandbox: Sandbox) -> None:
    made, other = ready(), ready(domain="other.example.com")

    first = run("submit", made, "--draft-only", "--json").json
    refused = run("generate", made, "--json")
    run("edit", made, "--city", "Zhuzhou")
    run("submit", made, "--draft-only")
    there = client_of(sandbox).describe(first["remote"]["csr_id"])
    final = run("submit", made, "--json").json
    run("submit", other, "--draft-only")
    free = run("detach", other, "--delete", "--json").json

    assert (first["state"], first["remote"]["journal_state"]) == ("draft", "created")
    assert (refused.status, refused.json["error"]["kind"]) == (4, "state")
    assert (there.subject.city, there.csr) == ("Zhuzhou", None)
    assert (final["state"], final["remote"]["csr_id"]) == ("generated", there.csr_id)
    assert free["remote"] is None
    assert [item.csr_id for item in client_of(sandbox).inventory().items] == [there.csr_id]


def test_what_tencent_refuses_is_told_with_code_and_request_id(
    run: Run, ready: New, sandbox: Sandbox, line: Line
) -> None:
    line.plan = {"CreateCSR": [refusal("FailedOperation.CAMAuthorizedFail")]}

    result = run("submit", ready(), "--json")

    assert result.status == 6
    assert result.json["error"] | {"message": ""} == {
        "kind": "refused",
        "message": "",
        "code": "FailedOperation.CAMAuthorizedFail",
        "request_id": "r-1",
    }


def test_a_lost_reply_is_unknown_until_it_is_reconciled_and_never_sent_again(
    run: Run, ready: New, sandbox: Sandbox, line: Line
) -> None:
    line.plan = {"CreateCSR": [LOSE_REPLY]}
    made = ready()

    lost = run("submit", made, "--json")
    again = run("submit", made, "--json")
    doctor = run("doctor", "--json")
    found = run("reconcile", "--json")
    final = run("submit", made, "--json")

    assert (lost.status, again.status, found.status, final.status) == (7, 7, 0, 0)
    assert lost.json["error"]["kind"] == again.json["error"]["kind"] == "unknown"
    assert any(made in left and "csr-tui reconcile" in left for left in doctor.json["leftovers"])
    assert found.json["records"][0]["remote"]["journal_state"] == "created"
    assert line.calls["CreateCSR"] == 1
    assert [item.csr_id for item in client_of(sandbox).inventory().items] == [final.json["remote"]["csr_id"]]


def test_reconciling_what_cannot_be_found_stays_unknown_and_says_until_when(
    run: Run, ready: New, sandbox: Sandbox, line: Line
) -> None:
    line.plan = {"CreateCSR": [LOSE_REQUEST]}
    made = ready()
    run("submit", made)

    result = run("reconcile", "--json")

    assert result.status == 7
    assert result.json["error"]["kind"] == "unknown"
    assert result.json["errors"][0]["id"] == made
    assert "until" in result.json["error"]["message"]
    assert result.json["error"]["hint"] == "Check it after that: csr-tui reconcile."


def test_reconciling_another_account_is_refused(
    run: Run, ready: New, sandbox: Sandbox, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.plan = {"CreateCSR": [LOSE_REPLY]}
    run("submit", ready())
    monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", "AKIDanother")

    result = run("reconcile", "--json")

    assert (result.status, result.json["error"]["kind"]) == (4, "state")


def test_several_are_submitted_each_with_its_own_result_and_the_next_run_goes_on(
    run: Run, ready: New, new: New, sandbox: Sandbox, line: Line
) -> None:
    good = [ready(domain=f"a{number}.example.com") for number in range(3)]
    bare = new(domain="bare.example.com")

    first = run("submit", *good, bare, "--json")
    run("edit", bare, *SUBJECT)
    second = run("submit", *good, bare, "--json")

    assert first.status == 3
    assert [one["state"] for one in first.json["records"]] == ["generated"] * 3 + ["draft"]
    assert [one["id"] for one in first.json["errors"]] == [bare]
    assert first.json["error"]["kind"] == "invalid"
    assert (second.status, "error" in second.json) == (0, False)
    assert line.applied["CreateCSR"] == 4


def test_what_the_api_cannot_carry_is_refused_with_the_way_out(
    run: Run, ready: New, sandbox: Sandbox, line: Line
) -> None:
    result = run("submit", ready("--san", "mail.example.com"), "--json")

    assert result.status == 3
    assert "generate" in result.json["error"]["message"].casefold()
    assert not line.calls


def test_the_vendors_sample_is_lived_with_and_what_differs_is_shown(
    run: Run, ready: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(quirks=True) as quirky:
        monkeypatch.setenv("CSR_TUI_ENDPOINT", quirky.endpoint)
        monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", quirky.secret_id)
        monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", quirky.secret_key)
        made = ready()
        result = run("submit", made)
    shown = run("show", made, "--json").json
    exported = run("export", made, "--to", "somewhere", "--json")

    assert result.status == 0
    assert "Department: requested IT, got nothing" in result.out
    assert "stayed at the sandbox" in result.out
    assert {one["field"] for one in shown["differences"]} >= {"department", "signature"}
    assert shown["has_key"] is False
    assert csr.read(shown["csr"]).signature_hash == "SHA-1"
    assert (exported.status, exported.json["error"]["kind"]) == (4, "state")


def test_login_keeps_the_key_in_the_keyring_and_logout_takes_it_out(
    run: Run, ready: New, keyring: MemoryKeyring, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CSR_TUI_ENDPOINT", "TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"):
        monkeypatch.delenv(name)
    typed = f"  {sandbox.secret_id}\n{sandbox.secret_key}  \n".encode()

    without = run("submit", ready(), "--json")
    kept = run("login", "--site", sandbox.endpoint, "--json", stdin=typed)
    doctor = run("doctor", "--json")
    submitted = run("submit", ready(), "--json")
    gone = run("logout", "--json")

    assert (without.status, without.json["error"]["kind"]) == (4, "state")
    assert "csr-tui login" in without.json["error"]["hint"]
    assert (kept.status, kept.json) == (0, {"endpoint": sandbox.endpoint})
    assert doctor.json["credentials"]["keyring"] is True
    assert sandbox.secret_key not in kept.out + kept.err + doctor.out
    assert submitted.json["remote"]["endpoint"] == sandbox.endpoint
    assert gone.json == {"removed": True}
    assert (SERVICE, REF) not in keyring.kept


def test_login_at_a_terminal_asks_for_both_parts(
    run: Run, typist: Answers, keyring: MemoryKeyring, sandbox: Sandbox
) -> None:
    person = typist("AKIDtyped", "its-key")

    result = run("login", "--site", "mainland", person=person)

    assert result.status == 0
    assert len(person.asked) == 2
    assert json.loads(keyring.kept[SERVICE, REF]) == {
        "secret_id": "AKIDtyped",
        "secret_key": "its-key",
        "endpoint": "https://ssl.tencentcloudapi.com",
    }


@pytest.mark.parametrize(
    ("stdin", "status", "said"),
    [
        (b"", 2, "per line"),
        (b"AKIDonly\n", 2, "per line"),
        (b"AKID with blanks\nkey\n", 2, "SecretId"),
        ("AKIDok\nschlüssel\n".encode(), 2, "SecretKey"),
    ],
)
def test_a_key_that_can_be_none_is_refused(run: Run, stdin: bytes, status: int, said: str) -> None:
    result = run("login", "--json", stdin=stdin)

    assert (result.status, said in result.json["error"]["message"]) == (status, True)


def test_half_an_api_key_and_an_endpoint_in_clear_are_usage_errors(
    run: Run, ready: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ready()
    monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", "AKIDhalf")
    half = run("submit", made, "--json")
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", "other-half")
    monkeypatch.setenv("CSR_TUI_ENDPOINT", "http://ssl.example.com")
    clear = run("submit", made, "--json")

    assert (half.status, clear.status) == (2, 2)
    assert "TENCENTCLOUD_SECRET_KEY" in half.json["error"]["message"]
    assert "https" in clear.json["error"]["message"]


# The sandbox as a process of its own


@contextmanager
def started(*words: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "csr_tui", "sandbox", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environ,
    )
    with ended(process):
        yield process


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_the_sandbox_prints_one_document_serves_and_ends_cleanly(
    run: Run, ready: New, monkeypatch: pytest.MonkeyPatch, signum: signal.Signals
) -> None:
    with started("--port", "0", "--json") as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        monkeypatch.setenv("CSR_TUI_ENDPOINT", told["endpoint"])
        monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", told["secret_id"])
        monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", told["secret_key"])

        result = run("submit", ready(), "--json")
        process.send_signal(signum)
        out, err = process.communicate(timeout=30)

    assert list(told) == ["endpoint", "secret_id", "secret_key"]
    assert result.status == 0, result.err
    assert (process.returncode, out, err) == (0, "", "")


def test_the_sandboxs_line_is_for_a_shell_and_its_key_may_be_given() -> None:
    given = {"CSR_TUI_SANDBOX_SECRET_ID": "AKIDgiven", "CSR_TUI_SANDBOX_SECRET_KEY": "given-key"}
    with started(**given) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        said = process.stderr.readline()

    assert "Ctrl+C ends the sandbox" in said

    shell = subprocess.run(
        ["sh", "-c", f"{line}\nenv"], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}
    ).stdout
    assert "TENCENTCLOUD_SECRET_ID=AKIDgiven\n" in shell
    assert "TENCENTCLOUD_SECRET_KEY=given-key\n" in shell
    assert "CSR_TUI_ENDPOINT=http://127.0.0.1:" in shell


def test_a_port_that_is_taken_and_one_that_is_none_are_told(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        in_the_way = run("sandbox", "--port", str(taken.getsockname()[1]), "--json")
    none = run("sandbox", "--port", "70000", "--json")

    assert (in_the_way.status, none.status) == (2, 2)
    assert in_the_way.json["error"]["message"] in in_the_way.err

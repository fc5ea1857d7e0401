"""The command apply: what it says of bad rows, what it makes of good ones, and that it goes on where it was stopped."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from csr_tui.lifecycle.batch import apply
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Answers, MemoryKeyring, New, Run

    from csr_tui.core.table_file import Table
    from csr_tui.lifecycle.batch.generate_many import BatchOptions, Progress
    from csr_tui.paths import Paths

GOOD = "Domain,EncryptAlgo,Country\na.example.com,ECC,CN\nb.example.com,ECC,CN\n"
BAD = GOOD + "c_d.example.com,ECC,CN\ne.example.com,ECC,Germ\n"


@pytest.fixture
def table(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        path = tmp_path / "hosts.csv"
        path.write_text(text)
        return str(path)

    return write


def listed(run: Run) -> list[str]:
    return sorted(record["domain"] for record in run("list", "--json").json["records"])


def test_rows_become_drafts_and_the_same_command_finds_them_there(run: Run, table: Callable[[str], str]) -> None:
    first, again = (run("apply", table(GOOD)) for _ in range(2))

    assert (first.status, again.status) == (0, 0)
    assert "2 rows: 2 drafts stored, 0 already stored" in first.out
    assert "2 rows: 0 drafts stored, 2 already stored" in again.out
    assert listed(run) == ["a.example.com", "b.example.com"]


def test_nothing_is_made_while_a_row_has_errors_and_each_is_told_with_its_line(
    run: Run, table: Callable[[str], str]
) -> None:
    result = run("apply", table(BAD), "--generate")
    told = run("apply", table(BAD), "--generate", "--json")

    assert (result.status, told.status) == (3, 3)
    assert "line 4: error: Domain: A host name has no underscore" in result.err
    assert "line 5: error: Country: " in result.err
    assert "Nothing was stored" in result.err
    assert (told.json["error"]["kind"], told.json["bad"]) == ("invalid", 2)
    assert [row["line"] for row in told.json["rows"] if row["id"] is None] == [4, 5]
    assert told.json["rows"][3]["findings"][0]["field"] == "country"
    assert listed(run) == []


def test_the_bad_rows_are_left_out_into_a_file_that_can_be_mended_and_applied(
    run: Run, table: Callable[[str], str], tmp_path: Path
) -> None:
    first = run("apply", table(BAD), "--skip-bad")
    again = run("apply", table(BAD), "--skip-bad", "--json")
    left_out = tmp_path / "hosts.bad.csv"

    assert (first.status, again.status) == (3, 3)
    assert str(left_out) in first.out
    assert again.json["left_out"] == str(left_out)
    assert listed(run) == ["a.example.com", "b.example.com"]
    left_out.write_text(left_out.read_text().replace("c_d", "c-d").replace("Germ", "CN", 9))
    assert "A host name has no underscore" in left_out.read_text()
    assert run("apply", str(left_out)).status == 0
    assert listed(run) == ["a.example.com", "b.example.com", "c-d.example.com", "e.example.com"]


def test_a_file_of_bad_rows_is_never_written_over_another(
    run: Run, table: Callable[[str], str], tmp_path: Path
) -> None:
    (tmp_path / "hosts.bad.csv").write_text("mine")

    result = run("apply", table(BAD), "--skip-bad", "--json")

    assert result.json["left_out"] == str(tmp_path / "hosts.bad-2.csv")
    assert (tmp_path / "hosts.bad.csv").read_text() == "mine"


def test_a_dry_run_says_everything_and_makes_nothing(run: Run, table: Callable[[str], str], tmp_path: Path) -> None:
    good = run("apply", table(GOOD), "--generate", "--to", str(tmp_path / "out"), "--dry-run")
    bad = run("apply", table(BAD), "--dry-run", "--json")

    assert good.status == 0
    assert "2 new" in good.out
    assert (bad.status, len(bad.json["rows"])) == (3, 4)
    assert "error" not in bad.json
    assert listed(run) == []
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("openssl")
def test_keys_and_files_of_every_row_are_made_in_one_call(
    run: Run, table: Callable[[str], str], tmp_path: Path, keyring: MemoryKeyring
) -> None:
    result = run("apply", table(GOOD), "--generate", "--to", str(tmp_path / "out"), "--json")
    (password,) = keyring.kept.values()

    assert result.status == 0
    assert (result.json["generated"], result.json["stored"]) == (2, 2)
    for row in result.json["rows"]:
        assert row["state"] == "generated"
        key = next(path for path in row["files"] if path.endswith(".key"))
        command = ["openssl", "pkey", "-in", key, "-passin", f"pass:{password}", "-noout"]
        assert subprocess.run(command, check=False).returncode == 0


def test_without_a_keyring_the_ways_on_are_named_as_commands_that_work(
    run: Run, table: Callable[[str], str], tmp_path: Path, keyring: MemoryKeyring
) -> None:
    keyring.broken = True
    failed = run("apply", table(GOOD), "--generate", "--to", str(tmp_path / "my files"), "--json")
    said = failed.json["error"]["message"]
    *_, clear = said.removesuffix(".").split("csr-tui ")

    assert failed.status == 5
    assert "--protect prompt" in said
    assert run(*shlex.split(clear)).status == 0
    assert len(list((tmp_path / "my files").iterdir())) == 6


def test_lines_that_fail_for_the_same_reason_are_told_together(
    run: Run, table: Callable[[str], str], typist: Answers, tmp_path: Path
) -> None:
    command = ("apply", table(GOOD), "--generate", "--protect", "prompt", "--to", str(tmp_path / "o"))
    other, first = ["quite another horse"] * 2, ["correct horse battery staple"] * 2
    run(*command[:-2], person=typist(*first))

    failed = run(*command, person=typist(*other))

    assert failed.status == 5
    assert [line for line in failed.out.splitlines() if "line" in line] == [
        "lines 2, 3: The password does not decrypt the key."
    ]


def test_whoever_is_shown_a_shared_password_is_told_so(run: Run, table: Callable[[str], str]) -> None:
    made = run("apply", table(GOOD), "--generate", "--json").json["rows"][0]["id"]

    shown = run("password", made, "--show")
    run("password", made, "--change")
    changed = run("password", made, "--show")

    assert "also decrypts another key" in shown.err
    assert changed.err == ""


def test_a_request_comes_back_from_toml_as_it_was(run: Run, new: New, tmp_path: Path) -> None:
    made = new("--san", "example.com", "--tag", "team=web, data", "--country", "CN")
    path = tmp_path / "request.toml"
    path.write_text(run("show", made, "--toml").out)

    result = run("apply", str(path), "--json")

    first, second = (run("show", one, "--json").json for one in (made, result.json["rows"][0]["id"]))
    assert result.status == 0
    alike = ("domain", "sans", "algorithm", "key_parameter", "country", "tags", "password_choice", "protection")
    assert {field: first[field] for field in alike} == {field: second[field] for field in alike}
    assert first["id"] != second["id"]


def test_a_password_is_typed_once_for_all(
    run: Run, table: Callable[[str], str], typist: Answers, tmp_path: Path
) -> None:
    person = typist("correct horse battery staple", "correct horse battery staple")

    result = run("apply", table(GOOD), "--generate", "--protect", "prompt", "--to", str(tmp_path / "o"), person=person)

    assert result.status == 0
    assert len(person.asked) == 2
    assert len(list((tmp_path / "o").iterdir())) == 6


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--to", "out"), 2),
        (("--no-password",), 2),
        (("--generate", "--protect", "unprotected"), 2),
        (("--generate", "--protect", "prompt"), 5),
        (("--generate", "--to", "/nowhere/at/all"), 8),
    ],
)
def test_what_cannot_be_done_is_said_with_the_status_of_the_contract(
    run: Run, table: Callable[[str], str], words: tuple[str, ...], status: int
) -> None:
    result = run("apply", table(GOOD), *words)

    assert result.status == status
    assert result.err
    assert listed(run) == []


def test_a_file_that_is_not_there_is_said(run: Run, tmp_path: Path) -> None:
    assert run("apply", str(tmp_path / "none.csv")).status == 8


def test_a_row_that_another_copy_stored_after_the_check_is_not_new(
    run: Run, table: Callable[[str], str], paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = apply.plan

    def slow(store: RecordStore, source: Table, options: BatchOptions, *, progress: Progress) -> apply.Plan:
        found = plan(store, source, options, progress=progress)
        with RecordStore(paths.store) as other:
            other.batch.add([found.good[0].record])
        return found

    monkeypatch.setattr(apply, "plan", slow)
    report = run("apply", table(GOOD), "--json").json

    assert report["stored"] == 1
    assert [row["new"] for row in report["rows"]] == [False, True]


def test_interrupted_at_a_terminal_it_says_how_far_it_came_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "hosts.csv"
    path.write_text("Domain\n" + "".join(f"h{number}.example.com\n" for number in range(60)))
    words = ["apply", str(path), "--generate", "--no-password", "--protect", "unprotected"]
    command = [sys.executable, "-m", "csr_tui", *words]
    main, other = pty.openpty()
    process = subprocess.Popen(command, stdin=other, stdout=other, stderr=other, start_new_session=True)
    os.close(other)
    said = b""
    while b"generating 1" not in said:
        said += os.read(main, 4096)
    os.killpg(process.pid, 2)
    try:
        while chunk := os.read(main, 4096):
            said += chunk
    except OSError:
        pass
    os.close(main)

    assert process.wait(timeout=60) == 130
    assert b"Run the same command again to continue" in said
    stopped = re.search(rb"Stopped at generating: (\d+) of 60", said)
    assert b"Traceback" not in said
    listing = [sys.executable, "-m", "csr_tui", "list", "--json"]
    kept = json.loads(subprocess.run(listing, capture_output=True, check=True).stdout)["records"]
    again = subprocess.run([*command, "--json"], capture_output=True, check=True)
    report = json.loads(again.stdout)
    assert {record["state"] for record in kept} <= {"generated"}
    assert stopped is not None
    assert int(stopped[1]) == len(kept)
    assert [row["new"] for row in report["rows"]].count(True) == report["stored"]
    assert (report["total"], report["stored"], report["generated"]) == (60, 60 - len(kept), 60 - len(kept))
    assert {row["state"] for row in report["rows"]} == {"generated"}

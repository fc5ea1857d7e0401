"""`csr-tui ca` and `csr-tui obtain` with a command as CA."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem

from csr_tui.core import csr

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Generated, Run

    from csr_tui.paths import Paths

ROOT = Authority("Own Root", now=datetime.now(UTC))


@pytest.fixture
def prepared(run: Run, generated: Generated, tmp_path: Path) -> str:
    """A record whose certificate, which the CA `own` copies, is issued already; its id."""
    record_id = generated()
    request = csr.read(run("show", record_id, "--csr").out)
    (tmp_path / "issued.pem").write_bytes(pem(ROOT.issue(request.public_key, "www.example.com"), ROOT.certificate))
    added = run(
        "ca", "add", "own", "--command", f"sh -c 'cat \"$0\"' {shlex.quote(str(tmp_path / 'issued.pem'))} {{csr}}"
    )
    assert added.status == 0, added.err
    return record_id


def test_a_ca_is_added_listed_and_removed(run: Run) -> None:
    assert "No CAs yet" in run("ca").out
    added = run("ca", "add", "corp", "--command", "sign {csr} {out}", "--json").json
    assert (added["name"], added["command"]) == ("corp", "sign {csr} {out}")
    assert run("ca", "list", "--json").json == {"cas": [added]}
    assert run("ca").out == "corp  sign {csr} {out}\n"

    again = run("ca", "add", "corp", "--command", "sign {csr}")
    assert (again.status, "already" in again.err) == (4, True)

    assert run("ca", "remove", "corp", "--json").json == {"name": "corp", "removed": True}
    assert run("ca", "remove", "corp").status == 4


@pytest.mark.parametrize(
    "words",
    [
        ("add",),
        ("add", "corp"),
        ("add", "Corp", "--command", "sign {csr}"),
        ("add", "corp", "--command", "sign"),
        ("add", "corp", "--command", "sign '{csr}"),
        ("remove",),
        ("list", "corp"),
        ("list", "--agree"),
        ("remove", "corp", "--command", "sign {csr}"),
        ("add", "corp", "--command", "sign {csr}", "--email", "ops@example.com"),
        ("add", "corp", "--command", "sign {csr}", "--protect", "unprotected"),
        ("add", "corp", "--command", "sign {csr}", "--directory", "letsencrypt"),
        ("add", "corp", "--directory", "https://127.0.0.1:1/dir", "--email", "nobody", "--agree"),
        ("add", "corp", "--directory", "https://127.0.0.1:1/dir", "--eab-kid", "K"),
        ("add", "corp", "--directory", "https://127.0.0.1:1/dir", "--eab-key-stdin"),
    ],
)
def test_words_that_do_not_fit_are_refused(run: Run, words: tuple[str, ...]) -> None:
    result = run("ca", *words)

    assert (result.status, result.out) == (2, "")
    assert run("ca", "--json").json == {"cas": []}


@pytest.mark.parametrize("hidden", ["\udcff", "\x1b[31m", "\u202e", "\0"])
def test_a_command_that_hides_something_and_the_name_of_no_ca_are_refused(run: Run, prepared: str, hidden: str) -> None:
    added = run("ca", "add", "corp", "--command", f"sign{hidden} {{csr}}")
    assert (added.status, "an invisible character" in added.err) == (2, True)
    assert run("ca", "add", "corp", "--command", "sh -c '\n\ttrue' {csr}").status == 0  # a script may have lines

    for words in (("obtain", prepared, "--ca", f"corp{hidden}"), ("ca", "remove", f"corp{hidden}")):
        result = run(*words)
        assert (result.status, hidden in result.err) == (4, False)
    assert len(run("obtain", prepared, "--ca", "x" * 100_000).err) < 300


def test_a_command_brings_the_certificate_home(run: Run, prepared: str) -> None:
    result = run("obtain", prepared, "--json")

    assert result.status == 0, result.err
    assert result.json["state"] == "issued"
    order: object = {"ca": "own", "stage": "confirmed", "expires": None, "url": None, "proofs": []}
    assert result.json["order"] == order
    assert run("show", prepared, "--json").json["order"] == order
    assert re.search(r"^ca +own, certificate attached$", run("show", prepared).out, re.MULTILINE)
    assert run("obtain", prepared).status == 4


def test_what_was_attached_is_shown_and_the_messages_of_the_command_are_harmless(run: Run, prepared: str) -> None:
    run("ca", "remove", "own")
    run("ca", "add", "own", "--command", f"sh -c 'printf \"\\033[2Jread me\" >&2; cat {prepared}.pem' {{csr}}")

    result = run("obtain", prepared)

    assert result.status == 7
    assert "\x1b" not in result.err
    assert "read me" in result.err


def test_an_unknown_outcome_is_exit_status_7_until_its_person_gives_up(run: Run, prepared: str, tmp_path: Path) -> None:
    run("ca", "add", "broken", "--command", f"sh -c 'echo run >> {tmp_path}/runs; exit 1' {{csr}}")
    failed = run("obtain", prepared, "--ca", "broken", "--json")

    assert failed.status == 7
    assert failed.json["error"]["kind"] == "unknown"
    assert f"obtain {prepared} --give-up" in failed.json["error"]["hint"]
    assert run("obtain", prepared, "--ca", "own").status == 7
    assert run("reconcile").status == 7
    assert run("show", prepared, "--json").json["order"]["stage"] == "unknown"
    assert "broken may have issued a certificate" in run("doctor").out
    assert (tmp_path / "runs").read_text() == "run\n"

    assert run("obtain", prepared, "--give-up", "--json").json["order"] is None
    assert run("obtain", prepared, "--give-up").status == 4
    assert run("reconcile").status == 0
    assert run("obtain", prepared, "--ca", "own").status == 0


def test_a_purged_record_leaves_no_run(run: Run, prepared: str, paths: Paths) -> None:
    run("ca", "add", "broken", "--command", "false {csr}")
    run("obtain", prepared, "--ca", "broken")
    assert (paths.data / "obtain" / prepared / "request.csr").exists()

    assert run("purge", prepared, "--yes").status == 0
    assert not (paths.data / "obtain" / prepared).exists()
    assert run("ca", "remove", "broken").status == 0


def test_the_renewal_of_a_record_goes_to_the_same_ca(run: Run, prepared: str) -> None:
    run("ca", "add", "other", "--command", "false {csr}")
    assert run("obtain", prepared).status == 2
    assert run("obtain", prepared, "--ca", "own").status == 0
    renewal = run("renew", prepared).out.strip()
    assert run("obtain", renewal).status == 4
    run("generate", renewal)
    assert f"  obtain {renewal}  " in run("list", "--expiring", "9999").out

    result = run("obtain", renewal)

    assert result.status == 7
    assert "The command returned no usable certificate" in result.err


@pytest.mark.parametrize("text", ["0s", "5", "x", "5w", "-1s", "1000000h"])
def test_a_duration_has_a_number_and_a_unit(run: Run, text: str) -> None:
    assert run("obtain", "x", "--wait", text).status == 2


def test_a_ca_of_a_backup_comes_back(run: Run, prepared: str, tmp_path: Path) -> None:
    run("obtain", prepared)
    before = run("ca", "--json").json
    assert run("backup", str(tmp_path / "b.db")).status == 0
    run("ca", "remove", "own")

    restored = run("restore-backup", str(tmp_path / "b.db"))

    assert (restored.status, "The CA own of this backup runs: sh -c" in restored.err) == (0, True)
    assert run("ca", "--json").json == before
    assert run("show", prepared, "--json").json["order"]["stage"] == "confirmed"

"""The command line in every situation of the keyring: real processes, a real Secret Service, real failures."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import secret_service as service
from processes import ended
from situations import SAYS, SILENT, SITUATIONS, patience, plaintext_installed

from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, State, new_id
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from secret_service import SecretService

pytestmark = pytest.mark.system

PASSWORD = "four unlikely words together"
PATIENCE = 40.0
"""Seconds within which every command comes back here, on the slowest machine; its own limits are shorter."""

LESS_PATIENT = """
import sys
from dataclasses import replace
from csr_tui.cli.main import main
from csr_tui.cli.context import from_process
from csr_tui.vault import Vault
probe, limit = map(float, sys.argv[1:3])
sys.exit(main(sys.argv[3:], replace(from_process(), vault=Vault(probe_limit=probe, limit=limit))))
"""
"""The program, but that it waits seconds for the keyring, where it waits a minute for the person in front of it."""


def call(
    service: SecretService, *words: str, stdin: str = "", status: int = 0, situation: str = ""
) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        [sys.executable, "-c", LESS_PATIENT, *map(str, patience(situation)), *words],
        input=stdin,
        capture_output=True,
        text=True,
        env=service.environment,
        timeout=PATIENCE,
        check=False,
    )
    assert result.returncode == status, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result


def kept(service: SecretService) -> int:
    """How many passwords of ours the keyring holds, asked with GNOME's own program."""
    found = subprocess.run(
        ["secret-tool", "search", "--all", "service", "csr-tui"],
        capture_output=True,
        text=True,
        env=service.environment,
        check=False,
    )
    return (found.stdout + found.stderr).count("attribute.username")


def in_clear(folder: Path) -> list[Path]:
    """The files anywhere below in which the password can be read, as it is or in base64."""
    forms = (PASSWORD.encode(), base64.b64encode(PASSWORD.encode())[:-4])
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if any(form in path.read_bytes() for form in forms)]


def opened() -> RecordStore:
    """The store of the commands."""
    return RecordStore(Path(os.environ["CSR_TUI_HOME"]) / "data" / "records.db")


def stored(record: str) -> Record:
    with opened() as store:
        return store.get(record)


def drafted(domain: str = "www.example.com") -> str:
    with opened() as store:
        record = Record(new_id(), subject=Subject(domain=domain), key=KeySpec("ECC", "prime256v1"))
        return store.add(record).id


@pytest.fixture
def draft() -> str:
    return drafted()


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_key_that_needs_the_keyring_is_refused_with_a_way_out_that_works(
    secret_service: SecretService, draft: str, tmp_path: Path, situation: str
) -> None:
    before = stored(draft)
    line = f"{PASSWORD}\n"

    with SITUATIONS[situation](secret_service):
        refused = call(secret_service, "generate", draft, "--password-stdin", stdin=line, status=5, situation=situation)
        after = stored(draft)
        doctor = json.loads(call(secret_service, "doctor", "--json", situation=situation).stdout)
        written = in_clear(tmp_path)
        way = ("--protect", "prompt", "--password-stdin")
        led = call(secret_service, "generate", draft, *way, stdin=line, situation=situation)

    assert SAYS[situation] in refused.stderr
    assert f"csr-tui generate {draft} --protect prompt" in refused.stderr
    assert f"csr-tui generate {draft} --no-password --protect unprotected" in refused.stderr
    assert after == before
    assert not doctor["keyring"]["usable"]
    assert written == in_clear(tmp_path) == []
    assert "a password that you hold" in led.stdout


@pytest.mark.parametrize("situation", SILENT)
def test_once_it_answers_again_nothing_of_the_refused_key_is_left_in_the_keyring(
    secret_service: SecretService, draft: str, situation: str
) -> None:
    with SITUATIONS[situation](secret_service):
        call(secret_service, "generate", draft, status=5, situation=situation)
    with secret_service.prompter("answer"):
        done = json.loads(call(secret_service, "generate", draft, "--json").stdout)
    doctor = json.loads(call(secret_service, "doctor", "--mend", "--json").stdout)

    assert done["state"] == "generated"
    assert kept(secret_service) == 1
    assert doctor["leftovers"] == []


@pytest.mark.parametrize("situation", SILENT)
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_wait_ends_within_two_seconds_and_the_draft_stays(
    secret_service: SecretService, draft: str, situation: str, signum: signal.Signals
) -> None:
    with SITUATIONS[situation](secret_service):
        process = subprocess.Popen(
            [sys.executable, "-m", "csr_tui", "generate", draft],
            stderr=subprocess.PIPE,
            text=True,
            env=secret_service.environment,
        )
        with ended(process):
            assert process.stderr is not None
            told = process.stderr.readline()
            process.send_signal(signum)
            before = time.monotonic()
            status = process.wait(PATIENCE)
            took = time.monotonic() - before

    assert "Waiting for the keyring" in told
    assert status == 128 + signum
    assert took < 2
    assert stored(draft).state is State.DRAFT


def test_a_keyring_that_is_locked_is_unlocked_by_its_person_and_used(secret_service: SecretService, draft: str) -> None:
    secret_service.lock()

    with secret_service.prompter("answer") as prompter:
        done = json.loads(call(secret_service, "generate", draft, "--json").stdout)
        prompter.kill()
        assert prompter.stdout is not None
        windows = prompter.stdout.read().count("asked")

    assert done["protection"] == "keyring"
    assert (windows, kept(secret_service)) == (1, 1)


def test_looking_at_the_keyring_asks_nobody_to_unlock_it(secret_service: SecretService) -> None:
    secret_service.lock()

    with secret_service.prompter("answer") as prompter:
        doctor = json.loads(call(secret_service, "doctor", "--json").stdout)
        prompter.kill()
        assert prompter.stdout is not None
        windows = prompter.stdout.read().count("asked")

    assert windows == 0
    assert "locked" in doctor["keyring"]["message"]


def test_a_dismissed_window_does_not_come_back_to_clean_up(secret_service: SecretService, draft: str) -> None:
    secret_service.lock()

    with secret_service.prompter("dismiss") as prompter:
        call(secret_service, "generate", draft, status=5)
        prompter.kill()
        assert prompter.stdout is not None
        windows = prompter.stdout.read().count("asked")

    assert windows == 1


def test_beside_a_real_keyring_the_plaintext_one_is_given_nothing(
    secret_service: SecretService, draft: str, tmp_path: Path
) -> None:
    with plaintext_installed(secret_service):
        call(secret_service, "generate", draft, "--password-stdin", stdin=f"{PASSWORD}\n")
        shown = call(secret_service, "password", draft, "--show").stdout

    assert shown == f"{PASSWORD}\n"
    assert kept(secret_service) == 1
    assert in_clear(tmp_path) == []


def test_beside_a_locked_keyring_the_plaintext_one_is_given_nothing(
    secret_service: SecretService, draft: str, tmp_path: Path
) -> None:
    secret_service.lock()

    with plaintext_installed(secret_service):
        refused = call(secret_service, "generate", draft, "--password-stdin", stdin=f"{PASSWORD}\n", status=5)

    assert "locked" in refused.stderr
    assert in_clear(tmp_path) == []


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_key_whose_password_cannot_be_had_is_left_as_it_is(
    secret_service: SecretService, draft: str, situation: str
) -> None:
    call(secret_service, "generate", draft)
    before = stored(draft)

    with SITUATIONS[situation](secret_service):
        for flags in (("--show",), ("--change", "--random-password")):
            refused = call(secret_service, "password", draft, *flags, status=5, situation=situation)
            assert SAYS[situation] in refused.stderr
            assert "Unlock or start the keyring and try again." in refused.stderr

    assert stored(draft) == before


def test_a_password_goes_from_the_person_to_a_keyring_that_appears_later(
    secret_service: SecretService, draft: str
) -> None:
    with SITUATIONS["no bus"](secret_service):
        call(secret_service, "generate", draft, "--protect", "prompt", "--password-stdin", stdin=f"{PASSWORD}\n")

    call(secret_service, "protect", draft, "--protect", "keyring", "--password-stdin", stdin=f"{PASSWORD}\n")

    assert kept(secret_service) == 1
    assert call(secret_service, "password", draft, "--show").stdout == f"{PASSWORD}\n"


def test_a_keyring_that_is_another_one_is_told_by_doctor(secret_service: SecretService, tmp_path: Path) -> None:
    for domain in ("a.example.com", "b.example.com"):
        call(secret_service, "generate", drafted(domain))

    with service.running(tmp_path / "another-home") as another:
        told = json.loads(call(another, "doctor", "--json", status=4).stdout)

    assert ["has none of the 2 key passwords" in problem for problem in told["problems"]] == [True]
    call(secret_service, "doctor")


def test_mending_has_a_locked_keyring_unlocked_to_remove_old_passwords(
    secret_service: SecretService, draft: str
) -> None:
    with SITUATIONS["daemon frozen"](secret_service):
        call(secret_service, "generate", draft, status=5, situation="daemon frozen")
    secret_service.lock()

    with secret_service.prompter("answer"):
        mended = json.loads(call(secret_service, "doctor", "--mend", "--json").stdout)

    assert mended["leftovers"] == []
    assert mended["keyring"]["usable"]
    assert kept(secret_service) == 0

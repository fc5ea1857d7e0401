"""The whole way with a real keyring: generate with a random password, show it, export, change it, purge."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from secret_service import SecretService

pytestmark = pytest.mark.system


def csr_tui(service: SecretService, *words: str, stdin: str = "", status: int = 0) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "csr_tui", *words],
        input=stdin,
        capture_output=True,
        text=True,
        env=service.environment,
        timeout=120,
        check=False,
    )
    assert result.returncode == status, result.stdout + result.stderr
    return result.stdout if status == 0 else result.stdout + result.stderr


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


def opens(key: Path, password: str) -> bool:
    command = ["openssl", "pkey", "-in", str(key), "-passin", f"pass:{password}", "-noout"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_random_password_lives_in_the_keyring_from_generating_to_purging(
    secret_service: SecretService, tmp_path: Path
) -> None:
    record = csr_tui(secret_service, "new", "--domain", "www.example.com", "--algorithm", "ECC").strip()
    document = json.loads(csr_tui(secret_service, "generate", record, "--json"))
    password = csr_tui(secret_service, "password", record, "--show").strip()
    csr_tui(secret_service, "export", record, "--to", str(tmp_path / "out"))
    key = tmp_path / "out" / "www.example.com.key"

    assert document["state"] == "generated"
    assert (document["password_choice"], document["protection"]) == ("random", "keyring")
    assert len(password) >= 24
    assert opens(key, password)
    assert not opens(key, "wrong")
    assert kept(secret_service) == 1
    for file in (tmp_path / "csr-tui").rglob("*"):
        assert file.is_dir() or password.encode() not in file.read_bytes()

    csr_tui(secret_service, "password", record, "--change", "--random-password")
    changed = csr_tui(secret_service, "password", record, "--show").strip()
    csr_tui(secret_service, "export", record, "--to", str(tmp_path / "out2"))

    assert changed != password
    assert opens(tmp_path / "out2" / "www.example.com.key", changed)
    assert kept(secret_service) == 1

    csr_tui(secret_service, "purge", record, "--yes")

    assert kept(secret_service) == 0


def test_without_a_password_the_key_is_still_locked_at_rest_and_its_export_is_clear(
    secret_service: SecretService, tmp_path: Path
) -> None:
    record = csr_tui(secret_service, "new", "--domain", "www.example.com", "--algorithm", "ECC").strip()
    csr_tui(secret_service, "generate", record, "--no-password")
    csr_tui(secret_service, "export", record, "--to", str(tmp_path / "out"))

    assert kept(secret_service) == 1
    assert "BEGIN PRIVATE KEY" in (tmp_path / "out" / "www.example.com.key").read_text()
    database = (tmp_path / "csr-tui" / "data" / "records.db").read_bytes()
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in database
    assert b"BEGIN PRIVATE KEY" not in database


def test_a_password_that_is_forgotten_is_held_by_the_person_alone(
    secret_service: SecretService, tmp_path: Path
) -> None:
    record = csr_tui(secret_service, "new", "--domain", "www.example.com", "--algorithm", "ECC").strip()
    csr_tui(secret_service, "generate", record)
    password = csr_tui(secret_service, "password", record, "--show").strip()

    refused = csr_tui(secret_service, "password", record, "--forget", "--password-stdin", stdin="wrong\n", status=5)
    assert "does not decrypt" in refused
    assert kept(secret_service) == 1
    csr_tui(secret_service, "password", record, "--forget", "--password-stdin", stdin=f"{password}\n")

    assert kept(secret_service) == 0
    csr_tui(secret_service, "export", record, "--to", str(tmp_path / "out"), "--password-stdin", stdin=f"{password}\n")
    assert opens(tmp_path / "out" / "www.example.com.key", password)


def test_a_killed_keyring_is_told_and_the_draft_stays(secret_service: SecretService) -> None:
    record = csr_tui(secret_service, "new", "--domain", "www.example.com").strip()
    secret_service.daemon.kill()
    secret_service.daemon.wait()

    told = csr_tui(secret_service, "generate", record, status=5)

    assert "keyring" in told
    assert json.loads(csr_tui(secret_service, "show", record, "--json"))["state"] == "draft"


def test_a_backup_with_passwords_opens_every_key_on_a_new_machine(
    secret_service: SecretService, new_machine: SecretService, tmp_path: Path
) -> None:
    table = tmp_path / "hosts.csv"
    table.write_text("Domain,EncryptAlgo\n" + "".join(f"h{number}.example.com,ECC\n" for number in range(3)))
    csr_tui(secret_service, "apply", str(table), "--generate")
    alone = csr_tui(secret_service, "new", "--domain", "www.example.com", "--algorithm", "ECC").strip()
    csr_tui(secret_service, "generate", alone)
    password = csr_tui(secret_service, "password", alone, "--show").strip()
    backup, passphrase = str(tmp_path / "backup.db"), "correct horse battery staple\n"

    csr_tui(secret_service, "backup", backup, "--with-passwords", "--password-stdin", stdin=passphrase)
    csr_tui(new_machine, "restore-backup", backup, "--password-stdin", stdin="another one\n", status=5)
    assert kept(new_machine) == 0
    csr_tui(new_machine, "restore-backup", backup, "--password-stdin", stdin=passphrase)

    assert kept(secret_service) == kept(new_machine) == 2
    assert csr_tui(new_machine, "password", alone, "--show").strip() == password
    records = json.loads(csr_tui(new_machine, "list", "--json"))["records"]
    assert len(records) == 4
    for record in records:
        csr_tui(new_machine, "export", record["id"], "--to", str(tmp_path / "out"))
        shown = csr_tui(new_machine, "password", record["id"], "--show").strip()
        assert opens(tmp_path / "out" / f"{record['domain']}.key", shown)
    assert json.loads(csr_tui(new_machine, "doctor", "--json"))["ok"]


FROZEN = """
import sys
from csr_tui.core.secret import Secret
from csr_tui.errors import VaultError
from csr_tui.vault import Vault
vault = Vault(probe_limit=1, limit=1)
try:
    vault.put("ref", Secret("x"))
except VaultError as error:
    print(error)
print(vault.status().usable)
"""


def test_a_frozen_keyring_does_not_freeze_the_program(secret_service: SecretService) -> None:
    os.kill(secret_service.daemon.pid, signal.SIGSTOP)
    try:
        result = subprocess.run(
            [sys.executable, "-c", FROZEN],
            capture_output=True,
            text=True,
            env=secret_service.environment,
            timeout=60,
            check=False,
        )
    finally:
        os.kill(secret_service.daemon.pid, signal.SIGCONT)

    assert "did not respond within 1 seconds" in result.stdout
    assert "False" in result.stdout


@pytest.mark.parametrize("address", ["", "unix:path=/nonexistent"])
def test_without_a_bus_there_is_no_keyring_and_the_way_out_is_named(
    secret_service: SecretService, address: str
) -> None:
    record = csr_tui(secret_service, "new", "--domain", "www.example.com").strip()
    secret_service.environment["DBUS_SESSION_BUS_ADDRESS"] = address

    told = csr_tui(secret_service, "generate", record, status=5)

    assert "--protect prompt" in told


def test_a_locked_keyring_is_told(secret_service: SecretService) -> None:
    record = csr_tui(secret_service, "new", "--domain", "www.example.com").strip()
    lock = [
        "dbus-send",
        "--session",
        "--print-reply",
        "--dest=org.freedesktop.secrets",
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service.Lock",
        "array:objpath:/org/freedesktop/secrets/collection/login",
    ]
    subprocess.run(lock, env=secret_service.environment, capture_output=True, check=True)

    told = csr_tui(secret_service, "generate", record, status=5)

    assert "locked" in told


def alias_default(service: SecretService, collection: str) -> None:
    subprocess.run(
        [
            *("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"),
            *("org.freedesktop.Secret.Service.SetAlias", "string:default", f"objpath:{collection}"),
        ],
        env=service.environment,
        capture_output=True,
        check=True,
    )


@pytest.mark.parametrize("how", ["collection", "alias", "default"])
def test_a_collection_that_is_emptied_at_logout_is_given_nothing(
    secret_service: SecretService, tmp_path: Path, how: str
) -> None:
    record = csr_tui(secret_service, "new", "--domain", "www.example.com", "--algorithm", "ECC").strip()
    prefix = "/org/freedesktop/secrets"
    if how == "default":
        alias_default(secret_service, f"{prefix}/collection/session")
    else:
        place = "collection/session" if how == "collection" else "aliases/session"
        secret_service.environment["KEYRING_PROPERTY_PREFERRED_COLLECTION"] = f"{prefix}/{place}"

    refused = csr_tui(secret_service, "generate", record, status=5)

    assert "emptied at logout" in refused
    assert kept(secret_service) == 0
    assert json.loads(csr_tui(secret_service, "show", record, "--json"))["state"] == "draft"
    csr_tui(secret_service, "generate", record, "--no-password", "--protect", "unprotected")


def test_a_collection_of_ones_own_choice_is_used(secret_service: SecretService) -> None:
    secret_service.environment["KEYRING_PROPERTY_PREFERRED_COLLECTION"] = "/org/freedesktop/secrets/collection/login"
    record = csr_tui(secret_service, "new", "--domain", "www.example.com", "--algorithm", "ECC").strip()

    csr_tui(secret_service, "generate", record)

    assert kept(secret_service) == 1

"""Hostile text in what the commands show: harmless at a terminal and in sentences, exact for programs."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hostile.texts import HOSTILE, TOGETHER, obeyed
from lifecycle.tencent.cloud import record
from pty_session import Session

from csr_tui.core.ca import CA
from csr_tui.core.fields import NAMES, Subject
from csr_tui.core.record import Record, Tag, new_id
from csr_tui.storage import RecordStore
from csr_tui.tencent.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROGRAM = (sys.executable, "-m", "csr_tui")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return kept | {
        "HOME": str(tmp_path),
        "CSR_TUI_HOME": str(tmp_path / "home"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


def at_terminal(environment: dict[str, str], *words: str | bytes) -> int:
    """Run a command at a terminal, which must have nothing to obey; its status."""
    with Session([*PROGRAM, *words], environment) as session:  # type: ignore[list-item]  # bytes are taken too
        status = session.end()
    assert obeyed(session.raw) == []
    assert "Traceback" not in session.text()
    return status


def exact(environment: dict[str, str], *words: str) -> bytes:
    """What a program reads from a pipe."""
    return subprocess.run([*PROGRAM, *words], env=environment, capture_output=True, check=False).stdout


def pem(path: Path, text: str) -> None:
    """A request and a certificate that say hostile things wherever X.509 lets them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, text[:64]),
            x509.NameAttribute(NameOID.LOCALITY_NAME, text[64:128] or text[:64]),
        ]
    )
    ascii_text = text.encode("ascii", "ignore").decode()
    sans = x509.SubjectAlternativeName([x509.DNSName(ascii_text), x509.UniformResourceIdentifier(ascii_text)])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).add_extension(sans, critical=False)
    now = datetime.now(UTC)
    certificate = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=9)).add_extension(
        sans, critical=False
    )
    parts = (request.sign(key, hashes.SHA256()), certificate.sign(key, hashes.SHA256()))
    path.write_bytes(b"".join(part.public_bytes(serialization.Encoding.PEM) for part in parts))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_file_of_hostile_text_is_inspected(
    text: str, tmp_path: Path, environment: dict[str, str], require: Callable[..., None]
) -> None:
    require("setsid")
    path = tmp_path / text.replace("\0", "").replace("/", "|")
    pem(path, text)

    status = at_terminal(environment, "inspect", str(path))
    told = json.loads(exact(environment, "inspect", str(path), "--json"))

    assert status in (0, 4)
    assert told["files"][0]["path"] == str(path)
    assert any(text[:64] in value for value in told["files"][0]["items"][0]["fields"].values())


@pytest.mark.parametrize("text", TOGETHER.values(), ids=TOGETHER)
def test_what_is_in_the_store_is_shown_at_a_terminal_and_exact_in_json(
    text: str, tmp_path: Path, environment: dict[str, str], require: Callable[..., None]
) -> None:
    require("setsid")
    with RecordStore(tmp_path / "home" / "data" / "records.db") as store:
        subject = Subject(*(text for _ in NAMES))
        draft = store.add(
            Record(
                new_id(),
                subject=subject,
                names=(text,),
                extra=(text, f"OU={text}"),
                remark=text,
                tags=(Tag(text, text),),
            )
        )

    for words in (
        ("list",),
        ("show", draft.id),
        ("show", draft.id, "--json"),
        ("list", "--json"),
        ("list", "--search", text),
    ):
        if "\0" not in "".join(words):
            assert at_terminal(environment, *words) == 0
    assert at_terminal(environment, "generate", draft.id) == 3
    for form in ("--toml", "--openssl"):
        assert at_terminal(environment, "show", draft.id, form) in (0, 3, 4)

    with RecordStore(tmp_path / "home" / "data" / "records.db") as store:
        store.cas.add(CA("own", command=f"false {{csr}} {text}"))
    assert at_terminal(environment, "ca") == 0

    told = json.loads(exact(environment, "show", draft.id, "--json"))
    assert (told["organization"], told["remark"], told["tags"]) == (text, text, {text: text})
    assert text in tomllib.loads(exact(environment, "show", draft.id, "--toml").decode()).values()


def test_what_tencent_cloud_says_is_read_and_not_obeyed(
    tmp_path: Path, environment: dict[str, str], require: Callable[..., None]
) -> None:
    require("setsid")
    text = TOGETHER["sequences"] + TOGETHER["unseen"] + TOGETHER["controls"]
    with RecordStore(tmp_path / "home" / "data" / "records.db") as store:
        draft = store.add(record())
    error = {"Response": {"Error": {"Code": f"InternalError.{text}", "Message": text}, "RequestId": text}}
    with Sandbox(deliver=lambda *_: json.dumps(error).encode()) as sandbox:
        account = environment | {
            "CSR_TUI_ENDPOINT": sandbox.endpoint,
            "TENCENTCLOUD_SECRET_ID": sandbox.secret_id,
            "TENCENTCLOUD_SECRET_KEY": sandbox.secret_key,
        }
        assert at_terminal(account, "submit", draft.id, "--draft-only", "--yes") == 7
        assert at_terminal(account, "reconcile") == 7
        assert at_terminal(account, "show", draft.id) == 0
        assert at_terminal(account, "doctor") in (0, 4)

    told = json.loads(exact(environment, "show", draft.id, "--json"))
    assert told["remote"]["request_id"] == text


def test_bytes_that_are_no_text_are_shown_where_they_are_a_name(
    tmp_path: Path, environment: dict[str, str], require: Callable[..., None]
) -> None:
    require("setsid")
    path = os.fsencode(tmp_path) + b"/\xff\x9b7777m.csr"
    with open(path, "wb") as file:  # noqa: PTH123  # a path of bytes
        file.write(b"\xff\xfe\x00not a request \x1b[7777m")

    assert at_terminal(environment, "inspect", path) == 3
    assert at_terminal(environment, "new", "--from", path) in (3, 4)
    assert at_terminal(environment, "doctor", os.fsencode(tmp_path)) in (0, 4)


def test_ten_megabytes_are_told_in_a_few_words(
    tmp_path: Path, environment: dict[str, str], require: Callable[..., None]
) -> None:
    require("setsid")
    with RecordStore(tmp_path / "home" / "data" / "records.db") as store:
        draft = store.add(Record(new_id(), subject=Subject(organization="\x1b[7777m" * 1_000_000)))

    for words in (("list",), ("generate", draft.id), ("list", "--search", "7777m" * 10_000)):
        with Session([*PROGRAM, *words], environment) as session:
            session.end()
        assert obeyed(session.raw) == []
        assert len(session.raw) < 20_000


def test_no_column_of_a_store_is_shown_raw(
    tmp_path: Path, environment: dict[str, str], require: Callable[..., None]
) -> None:
    require("setsid")
    path = tmp_path / "home" / "data" / "records.db"
    assert at_terminal(environment, "new", "--domain", "a.example.com") == 0
    with sqlite3.connect(path) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(record)") if row[1] != "number"]
        hostile = dict.fromkeys(("id", "csr", "key_fingerprint"), "?1")
        made = {"state": "'generated'", "origin": "'local'", "generated_at": "created_at", **hostile}
        for text in HOSTILE.values():
            connection.execute(
                f"INSERT INTO record ({', '.join(columns)}) "
                f"SELECT {', '.join(made.get(column, column) for column in columns)} FROM record LIMIT 1",
                (text,),
            )
    connection.close()

    for words in (("list",), ("list", "--json"), ("show", "a"), ("doctor",), ("edit", "a", "--remark", "x")):
        at_terminal(environment, *words)

"""Exporting for a program that serves: its own files, proven by a handshake before they are written."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem
from lifecycle.servers import CA, KEYS_CLEAR, NEW, ROOT, SERVERS

from csr_tui.core import csr
from csr_tui.core.custody import Custody
from csr_tui.core.keys import identity, kinds, pkcs12
from csr_tui.core.record import KeySpec, Record
from csr_tui.errors import CsrTuiError, FileError, Hint, PasswordError, StateError, UsageError
from csr_tui.export import writing
from csr_tui.export.manifest import Verdict
from csr_tui.export.targets import TARGETS
from csr_tui.export.targets import target as targets
from csr_tui.export.targets.haproxy import HAPROXY
from csr_tui.export.targets.java import JAVA
from csr_tui.export.targets.nginx import NGINX
from csr_tui.export.targets.pem import PEM
from csr_tui.export.targets.windows import WINDOWS
from csr_tui.lifecycle import attach, exporting, generate, passwords
from csr_tui.lifecycle.attach import Source
from csr_tui.lifecycle.exporting import ExportRequest, KeyForm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from csr_tui.core.bundle import BundleFile
    from csr_tui.export import Written
    from csr_tui.export.targets.target import Target
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault


pytestmark = pytest.mark.usefixtures("no_servers")


def tamper(store: RecordStore, record: Record, certificate: str) -> None:
    connection = sqlite3.connect(store.path)
    connection.execute("UPDATE record SET certificate = ? WHERE id = ?", (certificate, record.id))
    connection.commit()
    connection.close()


@pytest.mark.parametrize("target", KEYS_CLEAR, ids=str)
def test_a_servers_bundle_is_written_proven_and_told(
    store: RecordStore, vault: Vault, issued: Callable[..., Record], tmp_path: Path, target: Target
) -> None:
    record = issued(Custody.NONE_KEYRING)

    done = exporting.export(store, vault, record, ExportRequest(tmp_path / "out", target=target))

    names = [one.name for one in target.planned("www.example.com", issued=True)]
    assert [one.path.name for one in done.files] == names
    verdicts = {proof.what: proof.verdict for proof in done.proofs}
    assert [verdicts.pop(what) for what in ("key and certificate", "chain", "TLS handshake")] == [Verdict.PROVEN] * 3
    assert list(verdicts.values()) == ([Verdict.NOT_PROVEN] if target.check else [])
    written = json.loads((tmp_path / "out" / names[-1]).read_text())
    for file in written["files"]:
        there = tmp_path / "out" / file["name"]
        assert file["sha256"] == hashlib.sha256(there.read_bytes()).hexdigest()
        assert int(file["mode"], 8) == there.stat().st_mode & 0o777


@pytest.mark.parametrize("target", [JAVA, WINDOWS], ids=str)
def test_a_pkcs12_has_the_records_password_or_one_of_its_own_and_never_none(
    store: RecordStore, vault: Vault, issued: Callable[..., Record], tmp_path: Path, target: Target
) -> None:
    own, none = issued(), issued(Custody.NONE_KEYRING)
    name = f"www.example.com{target.key_file.ending}"

    exporting.export(store, vault, own, ExportRequest(tmp_path / "own", target=target))
    exporting.export(store, vault, none, ExportRequest(tmp_path / "given", target=target, export_password=NEW))

    password = passwords.show(store, vault, own)
    assert (
        identity.fingerprint(pkcs12.unseal((tmp_path / "own" / name).read_bytes(), password)[0]) == own.key_fingerprint
    )
    assert pkcs12.unseal((tmp_path / "given" / name).read_bytes(), NEW)
    with pytest.raises(PasswordError, match="no password of its own"):
        exporting.export(store, vault, none, ExportRequest(tmp_path / "none", target=target))
    with pytest.raises(UsageError, match="never written without a password"):
        exporting.export(store, vault, own, ExportRequest(tmp_path / "none", target=target, form=KeyForm.CLEAR))
    assert not (tmp_path / "none").exists()


def test_haproxy_takes_no_encrypted_key_and_says_why(
    store: RecordStore, vault: Vault, issued: Callable[..., Record], tmp_path: Path
) -> None:
    own, none = issued(), issued(Custody.NONE_KEYRING)

    for record, words in ((own, {}), (own, {"form": KeyForm.ENCRYPTED}), (none, {"export_password": NEW})):
        with pytest.raises(UsageError, match="cannot ask for a password"):
            exporting.export(store, vault, record, ExportRequest(tmp_path / "out", target=HAPROXY, **words))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("target", SERVERS, ids=str)
def test_without_a_certificate_no_server_gets_anything(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path, target: Target
) -> None:
    record = generate.generate(store, vault, draft(), Custody.RANDOM_KEYRING)

    with pytest.raises(StateError, match=f"no certificate yet, and {target} needs one") as caught:
        exporting.export(store, vault, record, ExportRequest(tmp_path / "out", target=target, form=KeyForm.CLEAR))
    assert (caught.value.hint, caught.value.record) == (Hint.ATTACH_FIRST, record.id)


@pytest.mark.parametrize("target", KEYS_CLEAR, ids=str)
@pytest.mark.parametrize(
    ("spoilt", "says"),
    [
        ({"issuers": ()}, "Example Issuing CA, is missing"),
        ({"start": -10, "days": 11}, "It expired on"),
    ],
    ids=["missing intermediate", "expired since"],
)
def test_what_no_client_would_trust_is_written_for_no_server(
    store: RecordStore,
    vault: Vault,
    issued: Callable[..., Record],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    target: Target,
    spoilt: Mapping[str, object],
    says: str,
) -> None:
    record = issued(Custody.NONE_KEYRING, **spoilt)
    if "days" in spoilt:
        later = store.now() + timedelta(days=2)
        monkeypatch.setattr(store, "now", lambda: later)

    with pytest.raises(StateError, match=says):
        exporting.export(store, vault, record, ExportRequest(tmp_path / "out", target=target))
    assert not (tmp_path / "out").exists()

    plain = exporting.export(store, vault, record, ExportRequest(tmp_path / "pem"))
    assert len(plain.files) == 3
    expected = Verdict.PROVEN if "days" in spoilt else Verdict.NOT_PROVEN
    assert {one.what: one.verdict for one in plain.proofs}["chain"] is expected


@pytest.mark.parametrize("target", [PEM, *KEYS_CLEAR], ids=str)
@pytest.mark.parametrize("how", ["another key", "an RSA certificate", "wrong order"])
def test_a_certificate_that_does_not_fit_is_written_for_nobody(
    store: RecordStore, vault: Vault, issued: Callable[..., Record], tmp_path: Path, target: Target, how: str
) -> None:
    record = issued(Custody.NONE_KEYRING)
    match how:
        case "another key":
            spoilt = pem(CA.issue(Authority("x").key.public_key(), "www.example.com"), CA.certificate)
        case "an RSA certificate":
            other = kinds.generate(KeySpec("RSA", "2048")).public_key()
            spoilt = pem(CA.issue(other, "www.example.com"), CA.certificate)
        case _:
            policy = Authority("Policy", ROOT)
            issuing = Authority("Issuing", policy)
            leaf = issuing.issue(csr.read(record.csr or "").public_key, "www.example.com")
            spoilt = pem(leaf, policy.certificate, issuing.certificate)
    tamper(store, record, spoilt.decode())

    with pytest.raises(
        CsrTuiError, match=f"www.example.com .{record.id}. does not belong to its request, or its chain is out of order"
    ):
        exporting.export(store, vault, store.get(record.id), ExportRequest(tmp_path / "out", target=target))
    assert not (tmp_path / "out").exists()


def test_bytes_that_fail_the_handshake_are_not_written(
    store: RecordStore,
    vault: Vault,
    issued: Callable[..., Record],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = issued(Custody.NONE_KEYRING)
    monkeypatch.setattr(targets, "_block", lambda text: text.replace(b"\r\n", b"\n").strip())

    with pytest.raises(CsrTuiError, match="would not work together"):
        exporting.export(store, vault, record, ExportRequest(tmp_path / "out", target=HAPROXY))
    assert not (tmp_path / "out").exists()


def test_a_certificate_that_clients_reject_is_a_matter_of_the_record(
    store: RecordStore, vault: Vault, issued: Callable[..., Record], tmp_path: Path
) -> None:
    record = issued(Custody.NONE_KEYRING)
    bound = Authority("Bound", ROOT, now=datetime.now(UTC), permitted="example.org")
    leaf = bound.issue(csr.read(record.csr or "").public_key, "www.example.com")
    tamper(store, record, pem(leaf, bound.certificate).decode())

    with pytest.raises(StateError, match="A client rejects it: permitted subtree violation"):
        exporting.export(store, vault, store.get(record.id), ExportRequest(tmp_path / "out", target=NGINX))


def test_a_disk_that_gives_back_other_bytes_is_told(
    store: RecordStore,
    vault: Vault,
    issued: Callable[..., Record],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = issued(Custody.NONE_KEYRING)
    write = writing.write

    def spoil(
        folder: Path,
        made: tuple[BundleFile, ...],
        *,
        replace: bool,
        manage_folder: bool = True,
        reached: Callable[[str], None],
    ) -> tuple[Written, ...]:
        written = write(folder, made, replace=replace, manage_folder=manage_folder, reached=reached)
        (folder / made[0].name).write_bytes(b"other")
        return written

    monkeypatch.setattr(writing, "write", spoil)

    with pytest.raises(FileError, match="differ from what was written"):
        exporting.export(store, vault, record, ExportRequest(tmp_path / "out", target=NGINX))
    assert not list((tmp_path / "out").glob("*.json"))


def test_nothing_secret_is_left_in_temporary_folders(
    store: RecordStore,
    vault: Vault,
    issued: Callable[..., Record],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()

    for target in (NGINX, JAVA):
        exporting.export(store, vault, issued(), ExportRequest(tmp_path / target.name, target=target))

    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("target", list(TARGETS.values()), ids=str)
def test_what_ended_since_above_the_issuer_is_cut_off(
    store: RecordStore,
    vault: Vault,
    draft: Callable[..., Record],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    target: Target,
) -> None:
    now = datetime.now(UTC)
    old = Authority("Old Root", now=now)
    cross = Authority("Example Root", old, now=now, key=ROOT.key, start=-900, days=901)
    record = generate.generate(store, vault, draft(), Custody.NONE_KEYRING)
    leaf = CA.issue(csr.read(record.csr or "").public_key, *record.sans)
    sent = Source("www.pem", pem(leaf, CA.certificate, cross.certificate))
    kept = attach.keep(store, attach.look(store, (sent,), store.now()))
    assert kept.certificate == sent.data.decode()
    later = now + timedelta(days=2)
    monkeypatch.setattr(store, "now", lambda: later)

    done = exporting.export(
        store,
        vault,
        kept,
        ExportRequest(tmp_path, target, export_password=NEW if target.key.is_pkcs12 else None),
    )

    written = b"".join((tmp_path / one.path.name).read_bytes() for one in done.files[:3])
    if target.key.is_pkcs12:
        assert len(pkcs12.unseal((tmp_path / done.files[0].path.name).read_bytes(), NEW)[1]) == 2
    else:
        assert pem(leaf, CA.certificate) in written
        assert pem(cross.certificate) not in written
    (chain,) = [one for one in done.proofs if one.what == "chain"]
    assert chain.verdict is Verdict.PROVEN
    assert "Example Root left out" in chain.detail


def test_an_issuer_that_ended_since_is_refused_with_the_way_out(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = Authority("Example Issuing CA", ROOT, now=datetime.now(UTC), key=CA.key, start=-900, days=901)
    record = generate.generate(store, vault, draft(), Custody.NONE_KEYRING)
    leaf = CA.issue(csr.read(record.csr or "").public_key, *record.sans)
    sent = Source("www.pem", pem(leaf, short.certificate))
    kept = attach.keep(store, attach.look(store, (sent,), store.now()))
    later = store.now() + timedelta(days=2)
    monkeypatch.setattr(store, "now", lambda: later)

    with pytest.raises(StateError, match=r"The issuer Example Issuing CA expired on .*Ask your CA"):
        exporting.export(store, vault, kept, ExportRequest(tmp_path / "out", target=NGINX))
    assert not (tmp_path / "out").exists()

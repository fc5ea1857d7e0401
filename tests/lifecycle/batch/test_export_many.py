"""The files of many records: written by several processes, each proved, none twice, stopped between two."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem
from lifecycle.batch.tables import GENERATE, planned

from csr_tui.core import csr
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.keys import encryption, identity
from csr_tui.core.record import Record
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError, FileError
from csr_tui.export import filling
from csr_tui.export.targets import program
from csr_tui.export.targets.nginx import NGINX
from csr_tui.lifecycle import attach, generate
from csr_tui.lifecycle.attach import Source
from csr_tui.lifecycle.batch import apply, export_many, generate_many
from csr_tui.lifecycle.batch.generate_many import BatchOptions
from csr_tui.lifecycle.exporting import ExportRequest, KeyForm

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from csr_tui.core.bundle import BundleFile
    from csr_tui.core.custody import PasswordChoice
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

NEW = Secret("another fine long password 1")
ROOT = Authority("Example Root", now=datetime.now(UTC))
CA = Authority("Example Issuing CA", ROOT, now=datetime.now(UTC))


@pytest.fixture(autouse=True)
def _no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What servers say is judged in tests/system; here none is installed."""
    monkeypatch.setattr(program, "which", lambda _: None)


@pytest.mark.parametrize("typed", [None, Secret("correct horse battery staple")], ids=["random", "typed"])
def test_several_processes_write_the_files_of_many_rows(
    store: RecordStore, vault: Vault, tmp_path: Path, typed: Secret | None
) -> None:
    count = generate_many.FEW + generate_many.AT_ONCE
    choice: PasswordChoice = "random" if typed is None else "typed"
    options = BatchOptions(generate=True, folder=tmp_path / "out", password=choice, typed=typed)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "h7.example.com.csr").write_text("somebody else's")

    ended = apply.run(store, vault, planned(store, count, options), options)

    failed = ended[7]
    assert isinstance(failed.error, FileError)
    assert [one for one in ended if one.error is not None] == [failed]
    password = typed or vault.get(ended[0].record.secret_ref or "")
    for one in ended:
        if one is not failed:
            written = [file.path for file in one.files]
            stem = one.record.subject.domain
            assert [path.name for path in written] == [f"{stem}.key", f"{stem}.csr", f"{stem}.private-bundle.pem"]
            assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
            pem, request = written[0].read_text(), written[1].read_text()
            assert (pem, request) == (store.key_pem(one.record.id), one.record.csr)
    assert identity.fingerprint(encryption.decrypt(pem, password)) == csr.read(request).fingerprint
    assert len(list((tmp_path / "out").iterdir())) == 3 * (count - 1) + 1


def test_a_key_that_does_not_belong_to_its_request_is_not_written(
    store: RecordStore, vault: Vault, tmp_path: Path
) -> None:
    first, second = apply.run(store, vault, planned(store, 2), GENERATE)
    with store._database.writing() as write:
        write("UPDATE record SET key_pem = ? WHERE id = ?", (store.key_pem(second.record.id), first.record.id))

    options = BatchOptions(generate=True, folder=tmp_path / "out")
    wrong, right = apply.run(store, vault, planned(store, 2, options), options)

    assert "does not belong to this request" in str(wrong.error)
    assert len(right.files) == len(list((tmp_path / "out").iterdir())) == 3


def test_where_no_file_can_be_without_a_name_several_are_written_at_once(
    store: RecordStore, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [one.record for one in apply.run(store, vault, planned(store, 4), GENERATE)]
    password = vault.get(records[0].secret_ref or "")
    tasks = [(one, store.key_pem(one.id) or "", password.reveal()) for one in records]
    begun, another, temporary = [], threading.Event(), filling.temporary

    def together(directory: int, file: BundleFile) -> AbstractContextManager[str]:
        begun.append(file)
        if len(begun) > 1:
            another.set()
        assert another.wait(20), "the first is alone"
        return temporary(directory, file)

    monkeypatch.setattr(filling, "begin", lambda *_: None)
    monkeypatch.setattr(filling, "temporary", together)
    done = export_many.bundles(tmp_path)(tasks)

    assert [record_id for record_id, _ in done] == [one.id for one in records]
    assert not [end for _, end in done if isinstance(end, CsrTuiError)]
    assert len(list(tmp_path.glob("*.example.com.*"))) == 3 * len(records)


def test_many_issued_records_are_exported_for_a_server_each_with_its_manifest(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path
) -> None:
    records = []
    for letter in "ab":
        record = generate.generate(
            store, vault, draft(subject=Subject(f"{letter}.example.com")), Custody.RANDOM_KEYRING
        )
        leaf = CA.issue(csr.read(record.csr or "").public_key, *record.sans)
        data = pem(leaf, CA.certificate, ROOT.certificate)
        records.append(attach.keep(store, attach.look(store, (Source("www.pem", data),), store.now())))

    wanted = ExportRequest(tmp_path / "out", NGINX, KeyForm.CLEAR)
    ended = export_many.export_all(store, vault, records, wanted)

    assert [one.error for one in ended] == [None, None]
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {
        f"{letter}.example.com{ending}"
        for letter in "ab"
        for ending in (".key", ".fullchain.pem", ".nginx.manifest.json")
    }


def test_many_under_another_password_are_counted_one_by_one_and_stopped_between_two(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], tmp_path: Path
) -> None:
    records = [
        generate.generate(store, vault, draft(subject=Subject(f"{letter}.example.com")), Custody.RANDOM_KEYRING)
        for letter in "abc"
    ]
    seen: list[int] = []

    ended = export_many.export_all(
        store,
        vault,
        records,
        ExportRequest(tmp_path / "out", form=KeyForm.ENCRYPTED, export_password=NEW),
        progress=lambda _what, done, _total: seen.append(done),
        stopped=lambda: 2 in seen,
    )

    assert [len(one.files) for one in ended] == [3, 3, 0]
    assert [one.error for one in ended] == [None] * 3
    assert seen[:3] == [0, 1, 2]


def test_a_folder_that_is_taken_away_fails_the_files_and_the_keys_are_told_and_stay(
    store: RecordStore, vault: Vault, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    options = BatchOptions(generate=True, folder=folder)

    def take_away(what: str, done: int, _: int) -> None:
        if what == export_many.WRITING and done == 0 and folder.exists():
            folder.rename(tmp_path / "elsewhere")

    ended = apply.run(store, vault, planned(store, options=options), options, progress=take_away)

    assert all(one.generated and not one.files and isinstance(one.error, FileError) for one in ended)
    assert all(len(one.files) == 3 for one in apply.run(store, vault, planned(store, options=options), options))

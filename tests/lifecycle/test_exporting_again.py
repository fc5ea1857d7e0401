"""Exporting for a program that serves into a folder that has such files already."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from authority import pem
from lifecycle.servers import CA, NEW, SERVERS

from csr_tui.core import csr
from csr_tui.core.custody import Custody
from csr_tui.core.keys import pkcs12
from csr_tui.core.record import Record
from csr_tui.errors import FileError
from csr_tui.export import Outcome, writing
from csr_tui.export.targets.java import JAVA
from csr_tui.export.targets.nginx import NGINX
from csr_tui.export.targets.target import KeyFormat
from csr_tui.export.targets.windows import WINDOWS
from csr_tui.lifecycle import attach, exporting
from csr_tui.lifecycle.attach import Source
from csr_tui.lifecycle.exporting import ExportRequest, KeyForm

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.core.bundle import BundleFile
    from csr_tui.export import Written
    from csr_tui.export.targets.target import Target
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault


pytestmark = pytest.mark.usefixtures("no_servers")


@pytest.mark.parametrize("target", SERVERS, ids=str)
def test_a_second_export_of_the_same_is_unchanged(
    store: RecordStore, vault: Vault, issued: Callable[..., Record], tmp_path: Path, target: Target
) -> None:
    record = issued()
    form = KeyForm.CLEAR if target.key is KeyFormat.CLEAR_PEM else KeyForm.AS_MADE
    exporting.export(store, vault, record, ExportRequest(tmp_path / "out", target=target, form=form))

    again = exporting.export(store, vault, record, ExportRequest(tmp_path / "out", target=target, form=form))

    assert {one.outcome for one in again.files} == {Outcome.UNCHANGED}


def test_a_pkcs12_of_another_password_or_kind_is_in_the_way(
    store: RecordStore, vault: Vault, issued: Callable[..., Record], tmp_path: Path
) -> None:
    record = issued()
    exporting.export(store, vault, record, ExportRequest(tmp_path, target=JAVA))
    (tmp_path / "www.example.com.p12").rename(tmp_path / "www.example.com.pfx")

    with pytest.raises(FileError, match="differs"):
        exporting.export(store, vault, record, ExportRequest(tmp_path, target=WINDOWS))
    exporting.export(store, vault, record, ExportRequest(tmp_path, target=WINDOWS, replace=True))

    assert pkcs12.is_old_kind((tmp_path / "www.example.com.pfx").read_bytes())
    assert (tmp_path / "www.example.com.pfx.bak").exists()
    with pytest.raises(FileError, match="differs"):
        exporting.export(store, vault, record, ExportRequest(tmp_path, target=WINDOWS, export_password=NEW))


@pytest.mark.parametrize("target", SERVERS, ids=str)
def test_after_renewing_the_older_bundle_makes_way_only_when_it_is_told_to(
    store: RecordStore, vault: Vault, issued: Callable[..., Record], tmp_path: Path, target: Target
) -> None:
    record = issued()
    form = KeyForm.CLEAR if target.key is KeyFormat.CLEAR_PEM else KeyForm.AS_MADE
    exporting.export(store, vault, record, ExportRequest(tmp_path, target=target, form=form))
    newer = CA.issue(csr.read(record.csr or "").public_key, "www.example.com", start=0)
    kept = attach.keep(store, attach.look(store, (Source("www.pem", pem(newer)),), store.now() + timedelta(days=1)))

    with pytest.raises(FileError, match="exists and differs"):
        exporting.export(store, vault, kept, ExportRequest(tmp_path, target=target, form=form))
    done = exporting.export(store, vault, kept, ExportRequest(tmp_path, target=target, form=form, replace=True))

    assert done.files[0].outcome is Outcome.REPLACED


def test_a_manifest_that_is_not_ours_is_in_the_way_and_ours_is_written_anew(
    store: RecordStore, vault: Vault, issued: Callable[..., Record], tmp_path: Path
) -> None:
    record = issued(Custody.NONE_KEYRING)
    place = tmp_path / "www.example.com.nginx.manifest.json"
    place.write_text("{}")

    with pytest.raises(FileError, match="not a csr-tui manifest"):
        exporting.export(store, vault, record, ExportRequest(tmp_path, target=NGINX))
    assert [path.name for path in tmp_path.glob("www*")] == [place.name]
    place.write_text('{"made_by": "csr-tui"}')
    done = exporting.export(store, vault, record, ExportRequest(tmp_path, target=NGINX))

    assert done.files[-1].outcome is Outcome.REPLACED
    assert "sha256" in place.read_text()


def test_a_pipe_in_the_place_of_a_file_holds_nothing_up(
    store: RecordStore, vault: Vault, issued: Callable[..., Record], tmp_path: Path
) -> None:
    record = issued()
    os.mkfifo(tmp_path / "www.example.com.key")
    os.mkfifo(tmp_path / "www.example.com.p12")

    for target in (NGINX, JAVA):
        with pytest.raises(FileError, match="cannot be replaced"):
            exporting.export(store, vault, record, ExportRequest(tmp_path, target=target, export_password=NEW))


@pytest.mark.parametrize("what", ["pipe", "link", "nothing", "folder"])
def test_what_comes_into_a_place_after_writing_is_told_and_not_read(
    store: RecordStore,
    vault: Vault,
    issued: Callable[..., Record],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    record = issued(Custody.NONE_KEYRING)
    write = writing.write

    def exchange(
        folder: Path,
        made: tuple[BundleFile, ...],
        *,
        replace: bool,
        manage_folder: bool = True,
        reached: Callable[[str], None],
    ) -> tuple[Written, ...]:
        written = write(folder, made, replace=replace, manage_folder=manage_folder, reached=reached)
        place = written[0].path
        place.rename(tmp_path / "moved")
        match what:
            case "pipe":
                os.mkfifo(place)
            case "link":
                place.symlink_to(tmp_path / "moved")
            case "folder":
                place.mkdir()
        return written

    monkeypatch.setattr(writing, "write", exchange)

    with pytest.raises(FileError, match="differ from what was written"):
        exporting.export(store, vault, record, ExportRequest(tmp_path / "out"))

"""doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csr_tui.core.record import Record
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from csr_tui.paths import Paths

LEFT = ".csr-tui-0123456789abcdef.tmp"


def test_a_sound_installation_is_fine(run: Callable, generated: Callable) -> None:
    generated()

    result = run("doctor", "--json")

    assert result.status == 0
    assert list(result.json) == [
        "version",
        "python",
        "platform",
        "packages",
        "paths",
        "store",
        "keyring",
        "credentials",
        "leftovers",
        "ok",
    ]
    assert (result.json["ok"], result.json["leftovers"], result.json["store"]["records"]) == (True, [], 1)


def test_it_makes_no_store_where_there_is_none(run: Callable, paths: Paths) -> None:
    assert run("doctor").status == 0
    assert not paths.store.exists()


def test_a_missing_keyring_is_said_and_is_not_bad(run: Callable, keyring: Any) -> None:
    keyring.broken = True

    result = run("doctor", "--json")

    assert (result.status, result.json["keyring"]["usable"]) == (0, False)
    assert result.json["keyring"]["message"]


def test_credentials_are_there_or_not_and_never_shown(run: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", "AKIDverysecret")
    monkeypatch.delenv("TENCENTCLOUD_SECRET_KEY", raising=False)

    json, text = run("doctor", "--json"), run("doctor")

    assert json.json["credentials"]["TENCENTCLOUD_SECRET_ID"] is True
    assert json.json["credentials"]["TENCENTCLOUD_SECRET_KEY"] is False
    assert "AKIDverysecret" not in json.out + text.out


def test_unfinished_files_are_bad_until_they_are_mended(run: Callable, tmp_path: Path, paths: Paths) -> None:
    for folder in (paths.exports, tmp_path / "out"):
        folder.mkdir()
        (folder / LEFT).write_text("half")

    found = run("doctor", str(tmp_path / "out"), "--json")
    mended = run("doctor", "--mend", str(tmp_path / "out"), "--json")

    assert (found.status, len(found.json["leftovers"])) == (4, 2)
    assert (mended.status, mended.json["leftovers"]) == (0, [])


def test_keys_of_no_record_are_orphans_and_mending_leaves_them(
    run: Callable, generated: Callable, tmp_path: Path
) -> None:
    made = generated("--no-password")
    run("export", made, "--to", str(tmp_path / "out"))
    known = run("doctor", str(tmp_path / "out"))
    run("purge", made, "--yes")

    orphaned = run("doctor", "--mend", str(tmp_path / "out"))

    assert (known.status, orphaned.status) == (0, 4)
    assert "www.example.com.key belongs to no record" in orphaned.out
    assert (tmp_path / "out" / "www.example.com.key").exists()


def test_a_stopped_action_is_bad_until_it_is_mended(run: Callable, paths: Paths, keyring: Any) -> None:
    with RecordStore(paths.store) as store:
        intent = store.begin(store.add(Record("0000000001")), "generate", "ref")
        keyring.kept["csr-tui", "ref"] = "left behind"

    found = run("doctor")
    mended = run("doctor", "--mend")
    again = run("doctor")

    assert intent.record_id in found.out
    assert (found.status, mended.status, again.status) == (4, 0, 0)
    assert keyring.kept == {}


def test_a_password_that_left_the_keyring_is_bad(run: Callable, generated: Callable, keyring: Any) -> None:
    generated()
    keyring.kept.clear()

    result = run("doctor", "--json")

    assert result.status == 4
    assert len(result.json["keyring"]["missing"]) == 1


def test_a_store_of_another_program_is_told_and_the_rest_too(run: Callable, paths: Paths) -> None:
    paths.data.mkdir()
    paths.store.write_bytes(b"")

    result = run("doctor", "--json")

    assert (result.status, result.json["ok"]) == (4, False)
    assert "empty" in result.json["store"]["integrity"]


def test_a_damaged_store_is_set_aside_and_that_is_said_on_every_command(
    run: Callable, new: Callable, paths: Paths
) -> None:
    new()
    paths.store.write_bytes(b"garbage" * 100)

    result = run("list", "--json")

    assert (result.status, result.json["total"]) == (0, 0)
    assert "set aside" in result.err


def test_a_folder_that_is_not_there_is_8(run: Callable, tmp_path: Path) -> None:
    assert run("doctor", str(tmp_path / "missing")).status == 8

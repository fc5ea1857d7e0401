"""doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from published_keys import debian_key, write_list

from csr_tui.cli import doctor_report
from csr_tui.core.record import Record
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Generated, MemoryKeyring, New, Run

    from csr_tui.paths import Paths

LEFT = ".csr-tui-0123456789abcdef.tmp"


def test_a_sound_installation_is_fine(run: Run, generated: Generated) -> None:
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
        "problems",
        "folder",
        "ok",
    ]
    assert (result.json["ok"], result.json["leftovers"], result.json["store"]["records"]) == (True, [], 1)


@pytest.mark.parametrize(
    "metadata", [None, b"", b"Name: idna\n", b"\xff\xfe"], ids=["none", "empty", "no version", "no text"]
)
def test_a_package_without_metadata_is_of_unknown_version(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, metadata: bytes | None
) -> None:
    if metadata is None:
        monkeypatch.setattr(doctor_report, "PACKAGES", ("idna", "a-package-that-is-not-there"))
    else:
        (tmp_path / "a_package-1.dist-info").mkdir()
        (tmp_path / "a_package-1.dist-info" / "METADATA").write_bytes(metadata)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(doctor_report, "PACKAGES", ("idna", "a-package"))

    shown, document = run("doctor"), run("doctor", "--json")

    assert (shown.status, document.status) == (0, 0), shown.err
    versions = list(document.json["packages"].values())
    assert versions[0][0].isdigit()
    assert versions[1] == "of unknown version"


def test_a_published_key_is_found_in_a_folder_where_badkeys_has_its_list(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "keys").mkdir()
    key = debian_key()
    weak = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "keys" / "www.key").write_bytes(weak)

    without = run("doctor", str(tmp_path / "keys"))
    write_list(tmp_path / "cache", key)
    found = run("doctor", str(tmp_path / "keys"))

    assert "no list of published keys; badkeys --update-bl downloads one" in without.out
    assert "badkeys' list has 1,001 published keys" in found.out
    assert "its private key is public (badkeys: debianssl)" not in without.out
    assert "its private key is public (badkeys: debianssl). Generate a new key." in found.out


def test_it_makes_no_store_where_there_is_none(run: Run, paths: Paths) -> None:
    assert run("doctor").status == 0
    assert not paths.store.exists()


def test_a_missing_keyring_is_said_and_is_not_bad(run: Run, keyring: MemoryKeyring) -> None:
    keyring.broken = True

    result = run("doctor", "--json")

    assert (result.status, result.json["keyring"]["usable"]) == (0, False)
    assert result.json["keyring"]["message"]


def test_credentials_are_there_or_not_and_never_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", "AKIDverysecret")
    monkeypatch.delenv("TENCENTCLOUD_SECRET_KEY", raising=False)

    json, text = run("doctor", "--json"), run("doctor")

    assert json.json["credentials"]["TENCENTCLOUD_SECRET_ID"] is True
    assert json.json["credentials"]["TENCENTCLOUD_SECRET_KEY"] is False
    assert "AKIDverysecret" not in json.out + text.out


def test_unfinished_files_are_bad_until_they_are_mended(run: Run, tmp_path: Path, paths: Paths) -> None:
    for folder in (paths.exports, tmp_path / "out"):
        folder.mkdir()
        (folder / LEFT).write_text("half")

    found = run("doctor", str(tmp_path / "out"), "--json")
    mended = run("doctor", "--mend", str(tmp_path / "out"), "--json")

    assert (found.status, len(found.json["leftovers"])) == (4, 2)
    assert (mended.status, mended.json["leftovers"]) == (0, [])


def test_keys_of_no_record_are_orphans_and_mending_leaves_them(run: Run, generated: Generated, tmp_path: Path) -> None:
    made = generated("--no-password")
    run("export", made, "--to", str(tmp_path / "out"))
    known = run("doctor", str(tmp_path / "out"))
    run("purge", made, "--yes")

    orphaned = run("doctor", "--mend", str(tmp_path / "out"))

    assert (known.status, orphaned.status) == (0, 4)
    assert "www.example.com.key belongs to no record" in orphaned.out
    assert (tmp_path / "out" / "www.example.com.key").exists()


def test_a_stopped_action_is_bad_until_it_is_mended(run: Run, paths: Paths, keyring: MemoryKeyring) -> None:
    with RecordStore(paths.store) as store:
        intent = store.begin(store.add(Record("0000000001")), "generate", "ref")
        keyring.kept["csr-tui", "ref"] = "left behind"

    found = run("doctor")
    mended = run("doctor", "--mend")
    again = run("doctor")

    assert intent.record_id is not None
    assert intent.record_id in found.out
    assert (found.status, mended.status, again.status) == (4, 0, 0)
    assert keyring.kept == {}


def test_a_stopped_batch_is_bad_until_it_is_mended(run: Run, paths: Paths, keyring: MemoryKeyring) -> None:
    with RecordStore(paths.store) as store:
        store.batch.reserve_secrets("batch", ["batch-ref"])
        keyring.kept["csr-tui", "batch-ref"] = "left behind"

    found = run("doctor")
    mended = run("doctor", "--mend")

    assert "An action on a batch was interrupted (generate)" in found.out
    assert "Saved records are intact" in mended.err + mended.out
    assert (found.status, mended.status, run("doctor").status) == (4, 0, 0)
    assert keyring.kept == {}


def test_a_password_that_left_the_keyring_is_bad(run: Run, generated: Generated, keyring: MemoryKeyring) -> None:
    generated()
    keyring.kept.clear()

    result = run("doctor", "--json")

    assert result.status == 4
    assert len(result.json["keyring"]["missing"]) == 1


def test_a_store_of_another_program_is_told_and_the_rest_too(run: Run, paths: Paths) -> None:
    paths.data.mkdir()
    paths.store.write_bytes(b"")

    result = run("doctor", "--json")

    assert (result.status, result.json["ok"]) == (4, False)
    assert "empty" in result.json["store"]["integrity"]


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("a broken link", "a folder on the way to it is a broken link"),
        ("a file", "Not a directory"),
        ("a loop", "a folder on the way to it is a broken link"),
        ("a store that is a loop", "Too many levels of symbolic links"),
    ],
)
def test_what_is_in_the_way_of_the_store_is_a_problem(run: Run, paths: Paths, place: str, says: str) -> None:
    match place:
        case "a broken link":
            paths.data.symlink_to(paths.data.with_name("nowhere"))
        case "a file":
            paths.data.write_text("")
        case "a loop":
            paths.data.symlink_to(paths.data)
        case _:
            paths.data.mkdir(mode=0o700)
            paths.store.symlink_to(paths.store)

    result = run("doctor", "--json")

    assert (result.status, result.json["ok"]) == (4, False)
    assert says in result.json["store"]["integrity"]
    assert says in run("list").err


def test_a_damaged_store_is_set_aside_and_that_is_said_on_every_command(run: Run, new: New, paths: Paths) -> None:
    new()
    paths.store.write_bytes(b"garbage" * 100)

    result = run("list", "--json")

    assert (result.status, result.json["total"]) == (0, 0)
    assert "set aside" in result.err


def test_a_folder_that_is_not_there_is_8(run: Run, tmp_path: Path) -> None:
    assert run("doctor", str(tmp_path / "missing")).status == 8


def test_files_of_the_store_that_others_may_read_are_bad_until_they_are_mended(
    run: Run, new: New, paths: Paths
) -> None:
    new()
    backup = paths.store.with_name("records.db.before-2")
    backup.touch(mode=0o644)
    paths.store.chmod(0o640)
    paths.data.chmod(0o755)

    found = run("doctor", "--json")
    mended = run("doctor", "--mend", "--json")

    assert (found.status, mended.status) == (4, 0)
    assert sorted(problem.split(" (mode")[0].rpartition("change ")[2] for problem in found.json["problems"]) == [
        str(paths.data),
        str(paths.store),
        str(backup),
    ]
    assert backup.stat().st_mode & 0o777 == 0o600


def test_a_store_that_was_set_aside_is_named_until_it_is_gone(run: Run, new: New, paths: Paths) -> None:
    new()
    paths.store.write_bytes(b"garbage" * 100)
    run("list")

    found = run("doctor")
    mended = run("doctor", "--mend")
    (aside,) = paths.data.glob("records.db.damaged-*")
    aside.unlink()
    gone = run("doctor")

    assert str(aside) in found.out
    assert (found.status, mended.status, gone.status) == (4, 4, 0)


def test_a_lost_password_that_the_person_knows_is_put_right_as_it_is_told(
    run: Run, generated: Generated, keyring: MemoryKeyring
) -> None:
    made = generated("--password-stdin", stdin=b"four unlikely words together\n")
    keyring.kept.clear()

    told = run("doctor")
    held = run("password", made, "--forget", "--password-stdin", stdin=b"four unlikely words together\n")
    again = run("doctor")

    assert f"csr-tui password {made} --forget" in told.out
    assert (told.status, held.status, again.status) == (4, 0, 0)


def test_a_lost_password_of_a_batch_names_how_many_records_it_is_of(
    run: Run, generated: Generated, keyring: MemoryKeyring, tmp_path: Path
) -> None:
    generated(domain="z.example.com")
    (tmp_path / "hosts.csv").write_text("Domain,EncryptAlgo\na.example.com,ECC\nb.example.com,ECC\n")
    run("apply", str(tmp_path / "hosts.csv"), "--generate")
    ((service, ref),) = (names for names in keyring.kept if names[1].startswith("batch-"))
    del keyring.kept[service, ref]

    told = run("doctor")

    assert told.status == 4
    assert (
        f"password {ref} is not in the keyring, so the keys of the 2 records that share it cannot be decrypted"
        in told.out
    )


def test_a_keyring_that_holds_none_of_several_passwords_is_called_another_one(
    run: Run, generated: Generated, keyring: MemoryKeyring
) -> None:
    generated(domain="a.example.com")
    generated(domain="b.example.com")
    keyring.kept.clear()

    result = run("doctor", "--json")

    (problem,) = result.json["problems"]
    assert "has none of the 2 key passwords" in problem
    assert result.status == 4


def test_a_keyring_that_stops_answering_is_not_asked_for_every_password(
    run: Run, generated: Generated, keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    for domain in ("a.example.com", "b.example.com", "c.example.com"):
        generated(domain=domain)
    asked: list[str] = []
    answer = keyring.get_password

    def once(service: str, username: str) -> str | None:
        asked.append(username)
        if len(asked) > 2:
            raise RuntimeError
        return answer(service, username)

    monkeypatch.setattr(keyring, "get_password", once)
    result = run("doctor", "--json")

    assert len([ref for ref in asked if "-" in ref and ref != "tencent-cloud"]) == 2
    assert any("stopped responding" in problem for problem in result.json["problems"])
    assert result.json["keyring"]["missing"] == []

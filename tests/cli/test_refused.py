"""Every command where the system refuses the store, a folder, a file, a profile or a target: nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from copy import copy
from typing import TYPE_CHECKING

import pytest

from csr_tui.cli.commands import COMMANDS
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WORDS = {
    "new": ["new", "--domain", "x.example.com"],
    "new from a file": ["new", "--from", "{file}"],
    "edit": ["edit", "{draft}", "--remark", "x"],
    "list": ["list"],
    "token": ["token", "list"],
    "ca": ["ca", "add", "own", "--command", "false {{csr}}"],
    "obtain": ["obtain", "{made}"],
    "show": ["show", "{made}"],
    "generate": ["generate", "{draft}", "--no-password", "--protect", "unprotected"],
    "generate with a file": [
        "generate",
        "{draft}",
        "--key-file",
        "{file}",
        "--no-password",
        "--protect",
        "unprotected",
    ],
    "submit": ["submit", "{draft}", "--yes"],
    "reconcile": ["reconcile"],
    "detach": ["detach", "{draft}"],
    "password": ["password", "{made}", "--show"],
    "protect": ["protect", "{made}", "--protect", "prompt", "--password-stdin"],
    "login": ["login"],
    "logout": ["logout"],
    "attach": ["attach", "{file}"],
    "export": ["export", "{made}", "--to", "{target}"],
    "export for nginx": ["export", "{made}", "--for", "nginx", "--to", "{target}/new"],
    "copy": ["copy", "{made}"],
    "renew": ["renew", "{made}"],
    "delete": ["delete", "{draft}", "--yes"],
    "restore": ["restore", "{draft}"],
    "purge": ["purge", "{nothing}", "--yes"],
    "apply": ["apply", "{file}", "--to", "{target}"],
    "inspect": ["inspect", "{file}"],
    "doctor": ["doctor", "{target}"],
    "doctor --mend": ["doctor", "--mend"],
    "profiles": ["profiles"],
    "profiles of a record": ["profiles", "mine", "--from", "{made}"],
    "backup": ["backup", "{target}/b.db"],
    "restore-backup": ["restore-backup", "{file}"],
    "completion": ["completion", "bash"],
    "sandbox": ["sandbox", "--port", "70000"],
}

RUN = """
import io, json, os, sys
from csr_tui.cli.main import main
told = []
for name, words in json.loads(sys.argv[1]).items():
    for json_too in ([], ["--json"]):
        streams = [os.memfd_create(name) for _ in range(2)]
        kept = [os.dup(1), os.dup(2)]
        for at, stream in enumerate(streams):
            os.dup2(stream, at + 1)
        status = main([*words, *json_too])
        sys.stdout.flush(), sys.stderr.flush()
        for at, old in enumerate(kept):
            os.dup2(old, at + 1)
        out, err = (open(os.dup(one), "rb") for one in streams)
        out.seek(0), err.seek(0)
        told.append([name, bool(json_too), status, out.read().decode(), err.read().decode()])
print(json.dumps(told))
"""


def test_there_are_words_for_every_command() -> None:
    assert {words[0] for words in WORDS.values()} == set(COMMANDS)


class Home:
    """A home with a draft, a generated record, a profile, a file to read and a folder to write to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.target.mkdir()
        self.file.parent.mkdir()
        self.file.write_text("Domain,EncryptAlgo,KeyParameter\nt.example.com,ECC,prime256v1\n")
        self.draft, self.made = (
            self.call("new", "--domain", name).strip() for name in ("d.example.com", "m.example.com")
        )
        self.call("generate", self.made, "--no-password", "--protect", "unprotected")
        self.call("profiles", "usual", "--from", self.made)
        self.call("profiles", "usual", "--default")

    @property
    def home(self) -> Path:
        return self.folder / "csr-tui"

    @property
    def target(self) -> Path:
        return self.folder / "target"

    @property
    def file(self) -> Path:
        return self.folder / "in" / "file.csv"

    def call(self, *words: str) -> str:
        command = [sys.executable, "-m", "csr_tui", *words]
        environment = os.environ | {"CSR_TUI_HOME": str(self.home)}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    def keys(self) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self.home / "data" / "records.db")) as connection:
            return connection.execute("SELECT id, key_pem FROM record WHERE key_pem IS NOT NULL").fetchall()

    def all(self, before: tuple[str, ...]) -> list[tuple[str, bool, int, str, str]]:
        values = {
            "draft": self.draft,
            "made": self.made,
            "nothing": "nothingofit",
            "file": str(self.file),
            "target": str(self.target),
        }
        words = {name: [word.format(**values) for word in each] for name, each in WORDS.items()}
        done = subprocess.run(
            [*before, sys.executable, "-c", RUN, json.dumps(words)],
            capture_output=True,
            text=True,
            input="",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [tuple(one) for one in json.loads(done.stdout)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("made"))


@pytest.fixture
def home(made: Home, tmp_path: Path) -> Home:
    """A copy of it, where the environment says that the home is."""
    shutil.copytree(made.folder, tmp_path, dirs_exist_ok=True)
    home = copy(made)
    home.folder = tmp_path
    return home


SITUATIONS: dict[str, tuple[Callable[[Home], Path], int]] = {
    "the home may not be entered": (lambda home: home.home, 0),
    "the data folder may not be entered": (lambda home: home.home / "data", 0),
    "the data folder may not be written": (lambda home: home.home / "data", 0o500),
    "the store may not be read": (lambda home: home.home / "data" / "records.db", 0),
    "the store may not be written": (lambda home: home.home / "data" / "records.db", 0o400),
    "the lock may not be opened": (lambda home: home.home / "data" / "opening.lock", 0),
    "the locks may not be entered": (lambda home: home.home / "data" / "locks", 0),
    "the profiles may not be read": (lambda home: home.home / "config" / "profiles.toml", 0),
    "the profiles may not be entered": (lambda home: home.home / "config", 0),
    "the profiles may not be written": (lambda home: home.home / "config", 0o500),
    "the file may not be read": (lambda home: home.file, 0),
    "the file's folder may not be entered": (lambda home: home.file.parent, 0),
    "the target may not be entered": (lambda home: home.target, 0),
    "the target may not be written": (lambda home: home.target, 0o500),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_command_reports_what_is_refused_and_loses_nothing(
    home: Home, situation: str, ordinary: tuple[str, ...], require: Callable[..., None]
) -> None:
    require("setpriv")
    before = home.keys()
    place, mode = SITUATIONS[situation][0](home), SITUATIONS[situation][1]
    if not place.exists():
        place.mkdir()
    old = place.stat().st_mode & 0o777
    place.chmod(mode)

    told = home.all(ordinary)

    place.chmod(old)
    for name, as_json, status, out, err in told:
        assert status != 1, (name, err)
        assert "Traceback" not in err, name
        assert "fault of csr-tui" not in err, name
        assert not as_json or status in (0, 4) or json.loads(out)["error"]["message"] in err, (name, out)
    assert set(home.keys()) >= set(before)
    with RecordStore(home.home / "data" / "records.db") as store:
        assert store.integrity() == "ok"
        assert store.notice is None


def test_a_request_in_a_folder_that_may_not_be_entered_is_refused_for_that(
    home: Home, ordinary: tuple[str, ...], require: Callable[..., None]
) -> None:
    require("setpriv")
    home.target.chmod(0)
    words = ["new", "--from", str(home.target / "some.csr")]

    result = subprocess.run(
        [*ordinary, sys.executable, "-m", "csr_tui", *words], capture_output=True, text=True, check=False
    )

    home.target.chmod(0o700)
    assert (result.returncode, "some.csr cannot be read: Permission denied." in result.stderr) == (8, True)


@pytest.mark.parametrize(("place", "mode"), [("", 0), ("data", 0), ("data", 0o500), ("data/records.db", 0)])
def test_the_sentence_names_the_place_whose_it_is_and_the_way_out(
    home: Home, place: str, mode: int, ordinary: tuple[str, ...], require: Callable[..., None]
) -> None:
    require("setpriv")
    refused = home.home / place
    old = refused.stat().st_mode & 0o777
    refused.chmod(mode)

    results = [
        subprocess.run(
            [*ordinary, sys.executable, "-m", "csr_tui", *words], capture_output=True, text=True, check=False
        )
        for words in (["new", "--domain", "a.example.com"], ["doctor"], ["doctor", "--json"], ["doctor", "--mend"])
    ]

    refused.chmod(old)
    owner = subprocess.run(["id", "-un", str(refused.stat().st_uid)], capture_output=True, text=True, check=True)
    assert [one.returncode for one in results[:3]] == [8, 4, 4]
    assert json.loads(results[2].stdout)["store"]["records"] is None
    for one in results:
        said = one.stdout + one.stderr
        assert "0 records" not in said
        assert f"{refused} belongs to {owner.stdout.strip()}" in said
        assert f"To get it back: chmod -R u+rwX {refused}" in said


MOUNTS = {
    "with a store": 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"',
    "without a store": 'rm -r "$0/data" && mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"',
    "without room": 'cp -a "$0" "$0.all" && mount -t tmpfs -o size=2m tmpfs "$0" && cp -a "$0.all/." "$0" && '
    '{ cat /dev/zero >"$0/zero" 2>/dev/null; mount -o remount,ro "$0"; } && exec "$@"',
}


@pytest.mark.parametrize("words", [["list"], ["new", "--domain", "a.example.com"], ["doctor"]], ids=" ".join)
@pytest.mark.parametrize("mount", MOUNTS)
def test_a_read_only_file_system_is_not_taken_for_a_mode(
    home: Home, words: list[str], mount: str, require: Callable[..., None]
) -> None:
    require("unshare", "mount")
    program = [sys.executable, "-m", "csr_tui", *words]

    result = subprocess.run(
        ["unshare", "-rm", "sh", "-c", MOUNTS[mount], str(home.home), *program],
        capture_output=True,
        text=True,
        check=False,
    )

    said = result.stdout + result.stderr
    assert "mounted read-only" in said
    assert "denies" not in said
    assert "full" not in said


@pytest.mark.parametrize("missing", ["data", "."])
def test_doctor_names_the_folder_in_which_no_store_can_be_created(
    home: Home, missing: str, ordinary: tuple[str, ...], require: Callable[..., None]
) -> None:
    require("setpriv")
    shutil.rmtree(home.home / missing)
    above = (home.home / missing).parent
    old = above.stat().st_mode & 0o777
    above.chmod(0o500)

    result = subprocess.run(
        [*ordinary, sys.executable, "-m", "csr_tui", "doctor"], capture_output=True, text=True, check=False
    )

    above.chmod(old)
    assert result.returncode == 4
    assert f"{above} belongs to" in result.stdout


@pytest.mark.parametrize("name", ["backup", "export"])
def test_a_disk_without_inodes_is_not_called_full(home: Home, name: str, require: Callable[..., None]) -> None:
    require("unshare", "mount")
    words = [word.format(made=home.made, target=home.target) for word in WORDS[name]]
    script = 'mount -t tmpfs -o nr_inodes=20 tmpfs "$0" && { touch $(seq -f "$0/%g" 30) 2>/dev/null; exec "$@"; }'

    result = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, str(home.target), sys.executable, "-m", "csr_tui", *words],
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 8
    assert "no free inodes" in result.stderr
    assert "full" not in result.stderr

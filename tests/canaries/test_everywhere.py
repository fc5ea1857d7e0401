"""One long way with every kind of secret, and then a look into everything that it left: nothing is heard."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from canaries.conftest import SECRET_ID
from canaries.listening import CHALLENGE, CLOUD, OTHER, SENT, TYPED, files, heard, of_key, processes, spellings
from faults.actor import LATER
from faults.keyrings import Service
from pebble import EAB_KEY, EAB_KID, PROGRAMS, Pebbles
from soft_token import MODULE, PIN, SoftTokens, need

from csr_tui.core.secret import Secret
from csr_tui.lifecycle.obtain import accounts
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from canaries.conftest import World

pytestmark = pytest.mark.system


def test_no_secret_is_anywhere_but_where_it_belongs(world: World, kept: Callable[[], set[str]]) -> None:
    store = world.folder / "csr-tui" / "data" / "records.db"
    own, random, sent, keyless = (world.draft().id for _ in range(4))
    with RecordStore(store) as open_meanwhile:  # keeps the -wal from being emptied
        world.run("login", stdin=f"{SECRET_ID}\n{CLOUD}\n")
        world.run("generate", own, "--password-stdin", "--json", stdin=f"{TYPED}\n")
        world.run("generate", random, "--challenge-stdin", "--json", stdin=f"{CHALLENGE}\n")
        world.run("submit", sent, "--password-stdin", "--yes", stdin=f"{SENT}\n")
        world.run("submit", keyless, "--no-password", "--yes", "--json")
        world.run("password", own, "--change", "--password-stdin", stdin=f"{OTHER}\n")
        world.run("protect", sent, "--protect", "prompt", "--password-stdin", stdin=f"{SENT}\n")
        for number, (record, given) in enumerate(((own, ""), (random, ""), (sent, f"{SENT}\n"))):
            flags = ("--password-stdin",) if given else ()
            world.run("export", record, "--to", str(world.folder / f"out{number}"), *flags, stdin=given)
        world.run("export", sent, "--to", str(world.folder / "no"), "--password-stdin", stdin=f"{TYPED}\n", status=5)
        for words in (
            ("list", "--json"),
            ("show", sent),
            ("show", own, "--json"),
            ("doctor", "--json"),
            ("reconcile",),
        ):
            world.run(*words)
        world.run("ca", "add", "own", "--command", f"sh -c 'env > {world.folder}/env; exit 1' {{csr}}")
        world.run(
            "obtain", own, status=7, variables={"TENCENTCLOUD_SECRET_KEY": CLOUD, "CSR_TUI_PROXY": f"x:{CLOUD}@y"}
        )
        shown = world.run("password", random, "--show", listen=False).strip()
        assert world.run("password", own, "--show", listen=False).strip() == OTHER
        secrets: dict[str, str | bytes] = {
            "typed": TYPED,
            "changed": OTHER,
            "sent": SENT,
            "cloud": CLOUD,
            "random": shown,
        }
        for record, given in ((own, ""), (random, ""), (sent, f"{SENT}\n"), (keyless, "")):
            folder = world.folder / "clear" / record
            folder.parent.mkdir(exist_ok=True)
            flags = ("--key-clear", *(("--password-stdin",) if given else ()))
            world.run("export", record, "--to", str(folder), *flags, stdin=given)
            secrets[f"key of {record}"] = of_key((folder / "www.example.com.key").read_text())
        assert open_meanwhile.count() == 4
        RecordStore(store, migrations=LATER).close()

        places = world.places(world.folder / "clear")

    names = [name.rpartition("/")[2] for name in places]
    assert {"records.db", "records.db-wal", f"records.db.before-{len(LATER)}", "everything.log"} <= set(names)
    assert len([name for name in names if name.endswith(".key")]) == 3
    assert b"PATH=" in places[str(world.folder / "env")]
    assert heard(secrets, places) == set()
    assert [place for place, data in places.items() if CHALLENGE.encode() in data] == []  # the CSR has it in base64
    assert heard({"challenge": CHALLENGE}, {"log": places[str(world.log)]}) == set()
    assert {"tencent-cloud"} | {name for name in kept() if name.startswith((own, random, keyless))} <= kept()
    assert {name for name in kept() if name.startswith(sent)} == set()
    assert {what for what, _ in heard(secrets, files(world.folder / "clear"))} == {
        name for name in secrets if name.startswith("key")
    }


def test_the_pin_of_a_token_is_nowhere(world: World, tmp_path: Path) -> None:
    need()
    soft = SoftTokens(tmp_path / "softhsm")
    soft.add("Office")
    soft.add_key("Office", "EC:prime256v1", "web", "01")
    config = world.folder / "csr-tui" / "config"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(f"[token]\nmodule = {str(MODULE)!r}\n")
    there = {"SOFTHSM2_CONF": str(soft.configuration)}
    first, second = (world.draft().id for _ in range(2))
    use, new = (("--token", f"pkcs11:token=Office{key}", "--password-stdin") for key in (";object=web", ""))
    with RecordStore(world.folder / "csr-tui" / "data" / "records.db") as open_meanwhile:  # keeps the -wal
        world.run("generate", first, *use, stdin="canary-wrong-pin-0815\n", status=5, variables=there)
        world.run("generate", first, *use, "--json", stdin=f"{PIN}\n", variables=there)
        world.run("generate", second, *new, stdin=f"{PIN}\n", variables=there)
        for words in (("token", "--json"), ("show", second, "--json"), ("doctor", "--json")):
            world.run(*words, variables=there)
        world.run("export", first, "--to", str(world.folder / "out"))
        assert open_meanwhile.count() == 2
        places = world.places()

    assert {"records.db", "records.db-wal", "everything.log"} <= {name.rpartition("/")[2] for name in places}
    assert heard({"PIN": PIN, "wrong PIN": "canary-wrong-pin-0815"}, places) == set()


def test_the_keys_of_an_account_at_a_ca_are_nowhere(
    world: World, kept: Callable[[], set[str]], tmp_path: Path, require: Callable[..., None]
) -> None:
    """The key that a CA gave, the account's own, one with a typed password, and that password; over a whole order."""
    require(*PROGRAMS)
    record = world.draft().id
    pebbles = Pebbles(tmp_path)
    try:
        pebble = pebbles(eab=True)
        (world.folder / "ca.pem").write_text(pebble.trust)
        add = ("--directory", pebble.directory, "--ca-file", str(world.folder / "ca.pem"), "--agree")
        external = (*add, "--eab-kid", EAB_KID, "--eab-key-stdin")
        there = {"CSR_TUI_RESOLVER": pebble.resolver}
        with RecordStore(world.folder / "csr-tui" / "data" / "records.db") as store:  # keeps the -wal
            world.run("generate", record)
            world.run("ca", "add", "wrong", *external, stdin="Y2FuYXJ5LXdyb25n\n", status=6)
            world.run("ca", "add", "own", *external, "--json", stdin=f"{EAB_KEY}\n")
            typed = ("--protect", "prompt", "--password-stdin")
            world.run("ca", "add", "held", *external, *typed, stdin=f"{EAB_KEY}\n{TYPED}\n")
            world.run("obtain", record, "--ca", "own", status=9, variables=there)
            placed = store.orders.get(record)
            assert placed is not None
            (proof,) = placed.proofs
            pebble.set_txt(proof.place, proof.value)
            world.run("obtain", record, "--wait", "1m", "--json", variables=there)
            keys = {
                name: of_key(
                    accounts.open_key(
                        store, Service("csr-tui").vault(), store.cas.get(name), lambda: Secret(TYPED)
                    ).reveal()
                )
                for name in ("own", "held")
            }
            places = world.places()
    finally:
        pebbles.close()

    assert {"records.db", "records.db-wal", "everything.log"} <= {name.rpartition("/")[2] for name in places}
    assert {name for name in kept() if name.startswith("ca-")}
    assert heard({"EAB": EAB_KEY, "wrong EAB": "Y2FuYXJ5LXdyb25n", "typed": TYPED, **keys}, places) == set()


def test_what_others_see_of_a_process_has_no_password_in_it(world: World) -> None:
    record = world.draft().id
    with subprocess.Popen(
        world.command("generate", record, "--password-stdin"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=world.environment,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(f"{TYPED}\n".encode())
        process.stdin.flush()
        seen: dict[str, bytes] = {}
        while process.poll() is None:
            for name, data in processes(process.pid).items():
                seen[name] = seen.get(name, b"") + data

    assert process.returncode == 0
    assert any(name.endswith("environ") and b"CSR_TUI_HOME" in data for name, data in seen.items())
    assert heard({"typed": TYPED}, seen) == set()


def test_a_password_in_an_argument_or_the_environment_would_be_seen() -> None:
    waits = "import sys; print('up', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", waits, TYPED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"SECRET": OTHER}
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = processes(process.pid)

    assert {what for what, _ in heard({"typed": TYPED, "other": OTHER}, found)} == {"typed", "other"}


@pytest.mark.parametrize("before", range(4))
def test_base64_is_heard_wherever_a_secret_begins_in_it(before: int, tmp_path: Path) -> None:
    from base64 import b64encode

    text = b64encode(b"x" * before + TYPED.encode() + b"yz")

    assert heard({"typed": TYPED}, {"here": text}) == {("typed", "here")}
    assert all(len(one) > 20 for one in spellings(TYPED.encode()))

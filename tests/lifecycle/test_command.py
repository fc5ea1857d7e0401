"""A command as CA: run once, whatever it does and whenever this program is killed; openssl and cfssl sign."""

from __future__ import annotations

import errno
import os
import re
import resource
import shlex
import signal
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from inspect import getsource
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem
from cryptography.hazmat.primitives import serialization

from csr_tui.core.ca import CA
from csr_tui.core.custody import Custody
from csr_tui.core.order import OrderStage
from csr_tui.core.record import Record, State
from csr_tui.errors import Hint, RefusedError, StateError, UnknownOutcomeError, UsageError
from csr_tui.lifecycle import attach, generate, recovery
from csr_tui.lifecycle.attach import Source
from csr_tui.lifecycle.obtain import cas, command
from csr_tui.lifecycle.steps import Point
from csr_tui.storage import RecordStore, run_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.vault import Vault

NOW = partial(datetime.now, UTC)
ROOT = Authority("Own Root", now=NOW())

SIGN = """
echo "$@" >> '{folder}/runs'
openssl x509 -req -in "$1" -CA '{folder}/ca.pem' -CAkey '{folder}/ca.key' -days 30 -copy_extensions copyall \\
    -out '{folder}/leaf.pem' || exit 3
cat '{folder}/leaf.pem' '{folder}/ca.pem' > "$2"
"""


class Signer:
    """A CA of shell and openssl; `runs` counts how often it was started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "ca.pem").write_bytes(pem(ROOT.certificate))
        key = ROOT.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "ca.key").write_bytes(key)
        (folder / "sign.sh").write_text(SIGN.format(folder=folder))

    @property
    def line(self) -> str:
        return f"sh {shlex.quote(str(self.folder / 'sign.sh'))} {{csr}} {{out}}"

    @property
    def runs(self) -> int:
        log = self.folder / "runs"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def sh(self, script: str) -> str:
        """A command that is this script; $1 is the CSR, $2 the certificate."""
        counted = f"echo run >> '{self.folder}/runs'; {script}"
        return f"sh -c {shlex.quote(counted)} sh {{csr}} {{out}}"


@pytest.fixture
def signer(tmp_path: Path, require: Callable[..., None]) -> Signer:
    require("openssl")
    folder = tmp_path / "own ca"
    folder.mkdir()
    return Signer(folder)


@pytest.fixture
def record(store: RecordStore, vault: Vault, draft: Callable[..., Record]) -> Record:
    return generate.generate(store, vault, draft(), Custody.RANDOM_KEYRING)


def obtained(store: RecordStore, record: Record, line: str, **more: object) -> Record:
    """The record, taken to a CA of this command."""
    ca = next((one for one in store.cas.all() if one.command == line), None) or cas.add_command(store, "own", line)
    given = {"environ": os.environ, "now": NOW, **more}
    command.obtain(store, store.get(record.id), ca, **given)  # type: ignore[arg-type]  # by their names
    return store.get(record.id)


def stage(store: RecordStore, record: Record) -> OrderStage | None:
    order = store.get(record.id).order
    return None if order is None else order.stage


def test_the_certificate_of_a_command_is_attached_with_its_chain(
    store: RecordStore, record: Record, signer: Signer
) -> None:
    shown: list[str] = []

    done = obtained(store, record, signer.line, show=shown.append)

    assert (done.state, done.ca, stage(store, done), done.has_root) == (State.ISSUED, "own", OrderStage.CONFIRMED, True)
    assert signer.runs == 1
    assert "Certificate request self-signature ok" in "".join(shown)
    request = Path((signer.folder / "runs").read_text().split(" ")[0])
    assert request.name == "request.csr"
    assert not request.parent.exists()
    assert store.unfinished() == ()
    with pytest.raises(StateError, match="already has a certificate"):
        obtained(store, done, signer.line)


def test_the_certificate_may_come_by_standard_output_and_the_csr_is_private(
    store: RecordStore, record: Record, signer: Signer
) -> None:
    modes = shlex.quote(str(signer.folder / "mode"))
    script = f'run=$(dirname "$1"); stat -c %a "$1" "$run" "$run/.." > {modes}; sh "$0" "$1" /dev/stdout'
    line = f"sh -c {shlex.quote(script)} {shlex.quote(str(signer.folder / 'sign.sh'))} {{csr}}"

    assert obtained(store, record, line).state is State.ISSUED
    assert (signer.folder / "mode").read_text() == "600\n700\n700\n"


@pytest.mark.system
def test_cfssl_is_a_ca(store: RecordStore, record: Record, signer: Signer, require: Callable[..., None]) -> None:
    require("cfssl", "cfssljson")
    cfssl = f"cfssl sign -ca '{signer.folder}/ca.pem' -ca-key '{signer.folder}/ca.key' \"$0\" | cfssljson -bare -stdout"

    done = obtained(store, record, f"sh -c {shlex.quote(cfssl)} {{csr}}")

    assert done.state is State.ISSUED


FOREIGN = pem(Authority("Somebody Else", now=NOW()).certificate).decode()

BAD: dict[str, tuple[str, str]] = {
    "fails": ("exit 4", "ended with status 4"),
    "is killed": ("kill -9 $$", "was killed by signal 9"),
    "hangs": ("sleep 60", "did not end within 1 seconds"),
    "hangs with closed output": ("exec >&- 2>&-; sleep 60", "did not end within 1 seconds"),
    "writes nothing": ("true", "returned no certificate"),
    "writes blanks": ("echo > $2", "returned no certificate"),
    "writes no certificate": ("echo hello > $2", "returned no usable certificate"),
    "writes somebody else's": (f"echo '{FOREIGN}' > $2", "returned no usable certificate"),
    "writes megabytes to the file": ("head -c 3000000 /dev/zero > $2", "larger than 1 MiB"),
    "writes megabytes": ("cat /dev/zero", "wrote more than 1 MiB"),
    "leaves a pipe": ("mkfifo $2", "is a pipe"),
}


@pytest.mark.parametrize("how", BAD)
def test_a_command_that_does_not_end_well_is_unknown_and_never_run_again(
    store: RecordStore, record: Record, signer: Signer, how: str
) -> None:
    script, why = BAD[how]
    line = signer.sh(script)

    for _ in range(2):
        with pytest.raises(UnknownOutcomeError) as caught:
            obtained(store, record, line, limit=1.0 if "sleep" in script else 60.0)
        assert why in str(caught.value)
        assert (caught.value.hint, caught.value.record) == (Hint.GIVE_UP, record.id)

    assert signer.runs == 1
    assert (stage(store, record), store.get(record.id).state) == (OrderStage.UNKNOWN, State.GENERATED)
    (_, outcome) = command.reconcile(store, NOW())[0]
    assert why in str(outcome)
    with pytest.raises(StateError, match="on its way to this CA"):
        store.cas.remove("own")


def test_what_a_command_wrote_before_it_failed_settles_the_run(
    store: RecordStore, record: Record, signer: Signer
) -> None:
    with pytest.raises(UnknownOutcomeError, match="status 4"):
        obtained(store, record, signer.sh(f"sh '{signer.folder}/sign.sh' $1 $2; exit 4"))

    ((now, outcome),) = command.reconcile(store, NOW())

    assert (now.state, stage(store, now)) == (State.ISSUED, OrderStage.CONFIRMED)
    assert "has its certificate" in str(outcome)
    assert command.reconcile(store, NOW()) == ()


def test_who_gives_up_can_run_a_command_again(store: RecordStore, record: Record, signer: Signer) -> None:
    with pytest.raises(StateError, match="no open order and no run"):
        command.give_up(store, record)
    with pytest.raises(UnknownOutcomeError):
        obtained(store, record, signer.sh("exit 4"))

    assert command.give_up(store, store.get(record.id)).order is None
    store.cas.remove("own")
    assert obtained(store, record, signer.line).state is State.ISSUED


def test_a_certificate_that_is_attached_by_hand_settles_the_run(
    store: RecordStore, record: Record, signer: Signer
) -> None:
    with pytest.raises(UnknownOutcomeError):
        obtained(store, record, signer.sh(f"sh '{signer.folder}/sign.sh' $1 '{signer.folder}/all.pem'"))

    attach.keep(store, attach.look(store, (Source("all.pem", (signer.folder / "all.pem").read_bytes()),), NOW()))

    assert (stage(store, record), command.reconcile(store, NOW())) == (OrderStage.CONFIRMED, ())


@pytest.mark.parametrize("program", ["/nowhere/sign", "/etc/passwd", "/"])
def test_a_program_that_cannot_be_started_did_nothing(store: RecordStore, record: Record, program: str) -> None:
    with pytest.raises(RefusedError, match="did not start"):
        obtained(store, record, f"{program} {{csr}}")

    assert (stage(store, record), store.unfinished()) == (OrderStage.REFUSED, ())
    with pytest.raises(RefusedError, match="did not start"):
        obtained(store, record, f"{program} {{csr}}")


def test_a_disk_without_room_for_what_a_command_returns_is_named(
    store: RecordStore, record: Record, signer: Signer
) -> None:
    line = signer.sh("yes | head -c 900000").removesuffix(" {out}")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, limits[1]))  # as if no more were free on the disk
    try:
        with pytest.raises(UnknownOutcomeError, match="output cannot be written to disk: File too large"):
            obtained(store, record, line)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with pytest.raises(UnknownOutcomeError):
        obtained(store, record, line)

    assert (signer.runs, stage(store, record), store.unfinished()) == (1, OrderStage.UNKNOWN, ())


def test_a_command_without_a_file_for_its_output_is_not_started(
    store: RecordStore, record: Record, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = run_files.private

    def full(path: str, flags: int) -> int:
        if path.endswith("certificate.pem"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return private(path, flags)

    monkeypatch.setattr(run_files, "private", full)
    with pytest.raises(RefusedError, match=r"did not start.*No space left on device"):
        obtained(store, record, signer.sh("true").removesuffix(" {out}"))

    assert (signer.runs, stage(store, record), store.unfinished()) == (0, OrderStage.REFUSED, ())


def test_a_command_gets_none_of_our_secrets_and_no_shell(
    store: RecordStore, record: Record, signer: Signer, monkeypatch: pytest.MonkeyPatch, vault: Vault
) -> None:
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", "canary-of-the-environment")
    monkeypatch.setenv("OWN_TOKEN", "of the person")
    seen = signer.folder / "seen"
    script = f"(env; ls -l /proc/self/fd; cat /proc/$$/cmdline) > '{seen}'"

    with pytest.raises(UnknownOutcomeError):
        obtained(store, record, f"{signer.sh(script)} '; echo $HOME `id`'")

    text = seen.read_text()
    assert "OWN_TOKEN=of the person" in text
    assert "; echo $HOME `id`" in text
    assert "TENCENTCLOUD" not in text
    assert "records.db" not in text
    assert vault.get(record.secret_ref or "").reveal() not in text


OBTAIN = """
import os, signal, sys
from pathlib import Path
from csr_tui.lifecycle.obtain import command
from csr_tui.storage import RecordStore

def reached(point):
    if point == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell started the tests behind itself
with RecordStore(Path(sys.argv[1])) as store:
    ca = store.cas.get("own")
    command.obtain(store, store.get(sys.argv[2]), ca, environ=os.environ, now=store.now, reached=reached)
"""


def ended(store: RecordStore, record: Record, point: str) -> int:
    """How a process of its own ends that takes the record to its CA, and is killed at this point."""
    words = [sys.executable, "-c", OBTAIN, str(store.path), record.id, point]
    return subprocess.run(words, stderr=subprocess.DEVNULL, check=False).returncode


def test_an_interruption_ends_the_command_and_leaves_the_outcome_unknown(
    store: RecordStore, record: Record, signer: Signer
) -> None:
    pid = signer.folder / "pid"
    read = 'echo output; until [ -s "$(dirname $1)/certificate.pem" ]; do :; done'  # so it is waited for
    script = f"echo $$ > '{pid}'; {read}; kill -INT $PPID; exec sleep 60"
    cas.add_command(store, "own", f"sh -c {shlex.quote(script)} sh {{csr}}")
    store.close()

    assert ended(store, record, "") == -signal.SIGINT
    assert not Path("/proc", pid.read_text().strip()).exists()
    with RecordStore(store.path) as after:
        assert (stage(after, record), after.unfinished()) == (OrderStage.UNKNOWN, ())


AFTER = {
    Point.INTENT: None,
    Point.RUNNING: OrderStage.UNKNOWN,
    Point.RUN: OrderStage.UNKNOWN,
    Point.COMMITTED: OrderStage.CONFIRMED,
}


def test_every_labelled_point_is_killed_at() -> None:
    assert {Point[name] for name in re.findall(r"reached\(Point\.(\w+)\)", getsource(command))} == set(AFTER)


@pytest.mark.parametrize("point", AFTER)
def test_a_kill_at_any_point_ends_in_one_certificate(
    store: RecordStore, record: Record, signer: Signer, vault: Vault, point: Point
) -> None:
    cas.add_command(store, "own", signer.line)
    store.close()
    assert ended(store, record, point) == -signal.SIGKILL

    with RecordStore(store.path) as after:
        recovery.recover(after, vault)
        assert stage(after, record) is AFTER[point]
        if point is Point.RUNNING:
            with pytest.raises(UnknownOutcomeError, match="may have issued"):
                obtained(after, record, signer.line)
            assert signer.runs == 0
            command.give_up(after, after.get(record.id))
        if point is not Point.COMMITTED:
            obtained(after, record, signer.line)
        assert (after.get(record.id).state, signer.runs) == (State.ISSUED, 1)


@pytest.mark.parametrize("line", ["", "   ", "sign", "sign 'x {csr}", "'' {csr}", "a\0b {csr}"])
def test_a_line_that_is_no_command_is_refused(store: RecordStore, line: str) -> None:
    with pytest.raises(UsageError):
        cas.add_command(store, "own", line)


@pytest.mark.parametrize("name", ["", "Corp", "a b", "-x", "x" * 33, "a\n", "ä"])
def test_a_name_that_no_ca_has_is_refused(store: RecordStore, name: str) -> None:
    with pytest.raises(UsageError):
        cas.add_command(store, name, "sign {csr}")


def test_without_a_name_the_ca_of_the_record_or_the_only_one_is_meant(store: RecordStore, record: Record) -> None:
    with pytest.raises(StateError, match="No CA is configured yet"):
        cas.choose(store, record, None)
    own = cas.add_command(store, "own", "sign {csr}")
    assert cas.choose(store, record, None) == own
    other = cas.add_command(store, "other", "sign {csr}")
    with pytest.raises(UsageError, match="Several CAs"):
        cas.choose(store, record, None)
    assert cas.choose(store, record, "other") == other
    store.cas.choose(record.id, "other")
    assert cas.choose(store, store.get(record.id), None) == CA(
        "other", command="sign {csr}", created_at=other.created_at
    )

"""The command itself, killed at every crash point of an order in a process of its own: `make faults`, twenty times.

test_lost.py has the same points, and lost replies, within one process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from lifecycle.obtain.test_lost import LOSES_NOTHING
from pebble import Pebble, account_key

from csr_tui.acme.client import AcmeClient
from csr_tui.core.ca import CA
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, State, new_id
from csr_tui.lifecycle import generate
from csr_tui.storage import RecordStore
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from pathlib import Path

    from csr_tui.lifecycle.steps import Point

COMMAND = """
import functools, os, signal, sys
from csr_tui.cli.main import main
from csr_tui.lifecycle.obtain import order, run

def reached(label):
    if label == os.environ.get("KILLED_AT"):
        os.kill(os.getpid(), signal.SIGKILL)

run.FOR_CA = 0.05  # Pebble decides within milliseconds
order.obtain = functools.partial(order.obtain, reached=reached)
sys.exit(main(sys.argv[1:]))
"""
WAITING, UNKNOWN = 9, 7


class Person:
    """Somebody at a shell and at the DNS, with one generated record."""

    def __init__(self, folder: Path, pebble: Pebble) -> None:
        self._pebble = pebble
        self._environ = {**os.environ, "CSR_TUI_HOME": str(folder), "CSR_TUI_RESOLVER": pebble.resolver}
        self.path = folder / "data" / "records.db"
        key, custody = account_key(), Custody.NONE_UNPROTECTED
        account = AcmeClient(pebble.directory, key, label="pebble", trust=pebble.trust)
        url = account.new_account(email=None, agreed=True)
        subject = Subject(domain=f"{new_id()}.example.com")
        with RecordStore(self.path) as store:
            ca = CA("pebble", pebble.directory, trust=pebble.trust, account_url=url, custody=custody)
            store.cas.add(ca, account_key=key.reveal())
            draft = Record(new_id(), subject=subject, key=KeySpec("ECC", "prime256v1"), custody=custody)
            self.record = generate.generate(store, Vault(), store.add(draft), custody).id

    def obtain(self, point: str = "") -> int:
        """How the command ends, which is killed at `point`; what it shows is put into the DNS."""
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, "obtain", self.record, "--json"],
            env=self._environ | ({"KILLED_AT": point} if point else {}),
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode == WAITING:
            proofs: list[dict[str, Any]] = json.loads(done.stdout)["order"]["proofs"]
            for proof in proofs:
                self._pebble.set_txt(proof["record"], proof["value"])
        assert done.returncode in {0, WAITING, UNKNOWN, -signal.SIGKILL}, done.stderr
        return done.returncode


@pytest.mark.parametrize("point", LOSES_NOTHING)
def test_a_killed_command_is_given_again_and_comes_to_one_certificate(
    point: Point, pebble: Pebble, tmp_path: Path
) -> None:
    person, before = Person(tmp_path, pebble), pebble.issued

    while (status := person.obtain(point)) != -signal.SIGKILL:
        assert status == WAITING, point
    with RecordStore(person.path) as store:
        issued = store.get(person.record).state is State.ISSUED
    for _ in range(20):
        issued = issued or person.obtain() == 0

    with RecordStore(person.path) as store:
        done = store.get(person.record)
        assert (done.state, store.unfinished()) == (State.ISSUED, ())
    assert pebble.issued - before == 1

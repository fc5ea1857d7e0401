"""Applying a table, killed at every point: the same command goes on, and makes nothing twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from lifecycle.batch.tables import opened

from csr_tui.core.record import State
from csr_tui.storage import Query, RecordStore

KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[5])
from pathlib import Path
from faults.keyrings import FolderKeyring
from csr_tui.core import table_file
from csr_tui.lifecycle import recovery
from csr_tui.lifecycle.batch import apply
from csr_tui.lifecycle.batch.generate_many import BatchOptions
from csr_tui.storage import RecordStore
from csr_tui.vault import Vault

def main():
    left = int(sys.argv[4])

    def reached(label):
        nonlocal left
        left -= label == sys.argv[3]
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    store, vault = RecordStore(Path(sys.argv[1])), Vault(backend=FolderKeyring(Path(sys.argv[2])))
    lines = "".join(f"h{number}.example.com,ECC\\n" for number in range(500))
    source = table_file.read(f"Domain,EncryptAlgo\\n{lines}".encode())
    recovery.recover(store, vault)
    for generate in sys.argv[6]:
        options = BatchOptions(generate=generate == "g")
        apply.run(store, vault, apply.plan(store, source, options, progress=lambda *_: None), options, reached=reached)

if __name__ == "__main__":
    main()
"""

POINTS = [("claimed", 1), ("password kept", 1), ("claimed", 2), ("made", 1), ("kept", 1), ("made", 2), ("kept", 3)]
"""Of a batch that is new (g), and of one whose drafts were stored before (dg)."""


@pytest.mark.parametrize(
    ("runs", "point", "time"),
    [
        ("dg", "drafts stored", 1),
        ("dg", "drafts stored", 3),
        *((runs, *point) for runs in ("g", "dg") for point in POINTS),
    ],
)
def test_killed_at_any_point_the_same_command_goes_on_and_makes_nothing_twice(
    store: RecordStore, tmp_path: Path, runs: str, point: str, time: int
) -> None:
    from faults.keyrings import FolderKeyring

    from csr_tui.vault import Vault

    folder = tmp_path / "keyring"
    folder.mkdir()
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    command = [sys.executable, str(script), str(store.path), str(folder)]
    tests = str(Path(__file__).parents[2])

    killed = subprocess.run([*command, point, str(time), tests, runs], capture_output=True, check=False, timeout=120)
    assert killed.returncode == -9, killed.stderr
    before = {record.id: record for record in store.page(Query(state=State.GENERATED), limit=1000)}
    again = subprocess.run([*command, "nowhere", "-1", tests, "g"], capture_output=True, check=False, timeout=120)
    assert again.returncode == 0, again.stderr

    vault = Vault(backend=FolderKeyring(folder))
    after = {record.id: record for record in store.page(Query(state=State.GENERATED), limit=1000)}
    assert len(after) == store.count() == 500
    assert before.items() <= after.items()
    refs = {record.secret_ref for record in after.values()}
    assert {path.name for path in folder.iterdir()} == refs
    assert len(refs) == (2 if before and len(before) < 500 else 1)
    assert all(opened(store, vault, record) for record in list(after.values())[::60])
    assert store.unfinished() == ()
    assert store.orphaned_secrets() == ()

"""Requests of a table, from its first byte to the last commit or file, against `xargs -P2 openssl req`, interleaved.

Aims: P-256 into the store 8 times as fast (stretch 15), to files 2.5 times; RSA 2048 into the store 2 times.
Ours is a process of its own each time, its start included; its keyring answers at once, for one write is not measured.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 3
RUNS = (("P-256", "ECC", 2000, False, 8.0), ("P-256", "ECC", 2000, True, 2.5), ("RSA 2048", "RSA", 100, False, 2.0))
NEW = {"ECC": "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1", "RSA": "-newkey rsa:2048"}


def apply_table(path: Path, folder: Path, *, files: bool) -> None:
    """What `csr-tui apply FILE --generate` does, and with `files` also what `--to DIR` does.

    Imported in here, as the command does it: the processes that make keys read this file again.
    """
    from keyring.backend import KeyringBackend

    from csr_tui.core import table
    from csr_tui.lifecycle import apply
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

    class Keyring(KeyringBackend):
        """A keyring that answers at once."""

        priority = 1
        kept: dict[str, str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            return self.kept.get(username)

        def set_password(self, service: str, username: str, password: str) -> None:
            self.kept[username] = password

        def delete_password(self, service: str, username: str) -> None:
            del self.kept[username]

    wish = apply.Wish(generate=True, folder=folder / "out" if files else None)
    source = table.read_csv(path.read_bytes())
    with RecordStore(folder / "data" / "records.db") as store:
        found = apply.plan(store, source, wish, progress=lambda *_: None)
        ended = apply.run(store, Vault(backend=Keyring()), found, wish)
    assert all(one.generated and bool(one.files) == files for one in ended)


def ours(algorithm: str, count: int, *, files: bool) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hosts.csv"
        lines = "".join(f"h{number}.example.com,Example Ltd,CN,{algorithm}\n" for number in range(count))
        path.write_text(f"Domain,Organization,Country,EncryptAlgo\n{lines}")
        before = time.perf_counter()
        subprocess.run([sys.executable, __file__, path, folder, str(int(files))], check=True)
        return time.perf_counter() - before


def theirs(algorithm: str, count: int) -> float:
    command = (
        f"seq {count} | xargs -P2 -I@ openssl req -new {NEW[algorithm]} -subj '/C=CN/CN=h@.example.com' "
        "-addext subjectAltName=DNS:h@.example.com -passout 'pass:correct horse battery' -keyout @.key -out @.csr"
    )
    with tempfile.TemporaryDirectory() as folder:
        before = time.perf_counter()
        subprocess.run(["sh", "-c", command], check=True, cwd=folder, stderr=subprocess.DEVNULL)
        return time.perf_counter() - before


def main() -> None:
    for kind, algorithm, count, files, aim in RUNS:
        pairs = [(theirs(algorithm, count), ours(algorithm, count, files=files)) for _ in range(ROUNDS)]
        ratio = statistics.median(base / our for base, our in pairs)
        took = statistics.median(our for _, our in pairs)
        where = "to files" if files else "into the store"
        print(f"{count:,} {kind} {where}: {ratio:.1f} x as fast as xargs -P2 openssl req (aim {aim}; {took:.2f} s)")


if __name__ == "__main__":
    if sys.argv[1:]:
        apply_table(Path(sys.argv[1]), Path(sys.argv[2]), files=sys.argv[3] == "1")
    else:
        main()

"""Requests of a table, from its first byte to the last commit or file, against `xargs -P2 openssl req`, interleaved.

Aims: P-256 into the store 8 times as fast (stretch 15), to files 2.5 times; RSA 2048 into the store 2 times.
Ours is `csr-tui apply FILE --generate` each time, its start included; its keyring answers at once, for one write is not
measured. Ours syncs every file and theirs none; what they leave to be written is in nobody's time.
"""

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROUNDS = 3
RUNS = (("P-256", "ECC", 2000, False, 6.0), ("P-256", "ECC", 2000, True, 2.5), ("RSA 2048", "RSA", 100, False, 2.0))
NEW = {"ECC": "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1", "RSA": "-newkey rsa:2048"}


class Keyring:
    """A keyring that answers at once, once its library is loaded."""

    kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        import keyring.backend  # noqa: F401  # as whoever looks for a real one does

        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[username]


def apply(table: str, *more: str) -> int:
    """What `csr-tui` does, with that keyring."""
    import io

    from csr_tui import paths
    from csr_tui.cli.context import Context
    from csr_tui.cli.main import main
    from csr_tui.vault import Vault

    vault = Vault(backend=Keyring())  # type: ignore[arg-type]
    status = main(["apply", table, "--generate", *more], Context(paths.find(), vault, io.BytesIO()))
    gc.freeze()
    return status


def ours(folder: Path, algorithm: str, count: int, *, files: bool) -> float:
    path = folder / "hosts.csv"
    lines = "".join(f"h{number}.example.com,Example Ltd,CN,{algorithm}\n" for number in range(count))
    path.write_text(f"Domain,Organization,Country,EncryptAlgo\n{lines}")
    command = [sys.executable, __file__, str(path), *(["--to", str(folder / "out")] if files else [])]
    environment = {**os.environ, "CSR_TUI_HOME": str(folder)}
    return alone(lambda: subprocess.run(command, check=True, env=environment, capture_output=True))


def theirs(folder: Path, algorithm: str, count: int) -> float:
    command = (
        f"seq {count} | xargs -P2 -I@ openssl req -new {NEW[algorithm]} -subj '/C=CN/CN=h@.example.com' "
        "-addext subjectAltName=DNS:h@.example.com -passout 'pass:correct horse battery' -keyout @.key -out @.csr"
    )
    return alone(lambda: subprocess.run(["sh", "-c", command], check=True, cwd=folder, stderr=subprocess.DEVNULL))


def alone(action: Callable[[], object]) -> float:
    """Seconds that it takes while nothing else is left to be written.

    Nothing is deleted between two of these either: ext4 searches long around inodes freed in the last minute.
    """
    from measuring import timed

    os.sync()
    return timed(action)


def main() -> None:
    import statistics
    import tempfile

    from measuring import row

    with tempfile.TemporaryDirectory() as top:
        for turn, (kind, algorithm, count, files, aim) in enumerate(RUNS):
            pairs = []
            for number in range(ROUNDS):
                one, two = (Path(top, f"{whose}{turn}{number}") for whose in ("theirs", "ours"))
                one.mkdir()
                two.mkdir()
                pairs.append((theirs(one, algorithm, count), ours(two, algorithm, count, files=files)))
            ratio = statistics.median(base / our for base, our in pairs)
            where = "to files" if files else "into the store"
            row(f"speed of {count:,} {kind} requests {where}", "`xargs -P2 openssl req`", ratio, f"at least {aim}")


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(apply(*sys.argv[1:]))
    main()

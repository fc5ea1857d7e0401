"""`list --json` of 100,000 drafts against that of 10,000: each is judged by the rules.

    python benchmarks/listing.py [FOLDER]

FOLDER keeps the stores for another time.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import environment_of, filled, interleaved, ratio, row, timed

ROUNDS = 5
SIZES = (100_000, 10_000)


def listed(home: Path) -> float:
    """Seconds."""
    command = [sys.executable, "-m", "csr_tui", "list", "--json"]
    return timed(lambda: subprocess.run(command, env=environment_of(home), stdout=subprocess.DEVNULL, check=True))


def main(folder: Path) -> None:
    homes = [folder / str(size) for size in SIZES]
    for size, home in zip(SIZES, homes, strict=True):
        if not home.exists():
            filled(folder / f"{size}.new", size).rename(home)
    many, few = interleaved(ROUNDS, *(lambda home=home: listed(home) for home in homes))
    print(f"100,000 drafts: {min(many):.1f} s at best", file=sys.stderr)
    row("time of `csr-tui list --json`, 100,000 drafts", "10,000 drafts", ratio(many, few), "at most 12")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder))

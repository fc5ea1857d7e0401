"""`csr-tui --version` against `python -c pass`, interleaved: aim 1.5."""

import statistics
import subprocess
import sys
import time

ROUNDS = 40


def took(command: list[str]) -> float:
    before = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - before


def main() -> None:
    bare, ours = [sys.executable, "-c", "pass"], [sys.executable, "-m", "csr_tui", "--version"]
    pairs = [(took(bare), took(ours)) for _ in range(ROUNDS)]
    ratio = statistics.median(our / base for base, our in pairs)
    print(f"--version is {ratio:.2f} x python -c pass ({statistics.median(base for base, _ in pairs) * 1000:.0f} ms)")


if __name__ == "__main__":
    main()

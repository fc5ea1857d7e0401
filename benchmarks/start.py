"""`csr-tui --version` and `--help` against `python -c pass`: processes, interleaved."""

import subprocess
import sys

from measuring import DESK, interleaved, ratio, row, timed

ROUNDS = 40


def took(command: list[str]) -> float:
    return timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))


def main() -> None:
    commands = ([sys.executable, "-c", "pass"], [*DESK, "--version"], [*DESK, "--help"])
    base, version, helped = interleaved(ROUNDS, *(lambda one=one: took(one) for one in commands))
    row("`csr-tui --version`", "`python -c pass`", ratio(version, base), "at most 1.5")
    row("`csr-tui --help`", "`python -c pass`", ratio(helped, base), "at most 2.5")


if __name__ == "__main__":
    main()

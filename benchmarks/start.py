"""`csr-tui --version` and `--help` against the least that such a start can take: processes, interleaved.

That is `python -m` of an empty package: Python itself needs 1.6 times as long for it as for `python -c pass`.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from measuring import DESK, interleaved, ratio, row, timed

ROUNDS = 40
EMPTY = "empty_package"


def started(command: list[str], environment: dict[str, str]) -> Callable[[], float]:
    return lambda: timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder, EMPTY)
        package.mkdir()
        for name in ("__init__", "__main__"):
            (package / f"{name}.py").touch()
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (folder, os.getenv("PYTHONPATH"))))}
        commands = ([sys.executable, "-m", EMPTY], [*DESK, "--version"], [*DESK, "--help"])
        base, version, helped = interleaved(ROUNDS, *(started(command, environment) for command in commands))
    row("time of `csr-tui --version`", "`python -m` of an empty package", ratio(version, base), "at most 1.1")
    row("time of `csr-tui --help`", "`python -m` of an empty package", ratio(helped, base), "at most 1.5")


if __name__ == "__main__":
    main()

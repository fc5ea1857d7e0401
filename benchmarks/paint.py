"""The desk with ten records against a Textual hello, each on a pseudo-terminal: until painted, and the memory then."""

import tempfile
import time
from pathlib import Path

from measuring import DESK, HELLO, environment_of, filled, interleaved, ratio, row, started

ROUNDS = 15


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = environment_of(filled(Path(folder), 10))
        memory: dict[bytes, list[float]] = {b"hello there": [], b"h0000009": []}

        def painted(command: list[str], text: bytes) -> float:
            before = time.perf_counter()
            with started(command, environment) as terminal:
                terminal.wait_for(text)
                took = time.perf_counter() - before
                memory[text].append(terminal.memory)
            return took

        hello, desk = interleaved(ROUNDS, lambda: painted(HELLO, b"hello there"), lambda: painted(DESK, b"h0000009"))
        del memory[b"hello there"][0], memory[b"h0000009"][0]  # the first of each only warms up
        row("time to the first paint of the desk, 10 records", "a Textual hello", ratio(desk, hello), "at most 1.5")
        row(
            "memory at that paint", "a Textual hello", ratio(memory[b"h0000009"], memory[b"hello there"]), "at most 1.3"
        )


if __name__ == "__main__":
    main()

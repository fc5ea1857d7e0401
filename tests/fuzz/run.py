"""Feeds every parser and rule what nobody ought to send: `make fuzz`.

python tests/fuzz/run.py [INPUTS_FOR_EACH [TARGET]]. What raises anything but a CsrTuiError is kept in corpus/, where
the tests feed it again for good.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.mutate import mutated
from fuzz.targets import TARGETS

from csr_tui.errors import CsrTuiError

CORPUS = Path(__file__).with_name("corpus")
INPUTS = 100_000
SLOW = 2.0
"""Seconds of one input, from which on it is a fault as well."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An input that was not refused as it ought to be, and what came of it."""

    target: str
    data: bytes
    what: str

    def keep(self) -> Path:
        """Put it into the corpus."""
        path = CORPUS / f"{self.target.replace(' ', '-')}.{sha256(self.data).hexdigest()[:12]}"
        path.write_bytes(self.data)
        return path


@cache
def seeds(target: str) -> tuple[bytes, ...]:
    return TARGETS[target].seeds()


def fed(target: str, data: bytes) -> Fault | None:
    """Feed one input."""
    began = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyca warns of what is odd, and reads it
            TARGETS[target].feed(data)
    except CsrTuiError:
        pass
    except Exception:  # noqa: BLE001  # that is what is looked for
        return Fault(target, data, traceback.format_exc(limit=-4))
    took = time.process_time() - began
    return Fault(target, data, f"took {took:.1f} s") if took > SLOW else None


def fuzzed(target: str, first: int, last: int) -> list[Fault]:
    """Some inputs of a target, by their numbers: at most one fault of each kind."""
    found: dict[str, Fault] = {}
    for number in range(first, last):
        if (fault := fed(target, mutated(seeds(target), f"{target} {number}"))) is not None:
            found.setdefault(fault.what.splitlines()[-1][:60], fault)
    return list(found.values())


def main() -> int:
    inputs = int(sys.argv[1]) if len(sys.argv) > 1 else INPUTS
    wanted = sys.argv[2:] or list(TARGETS)
    total = 0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        runs = {target: pool.submit(fuzzed, target, 0, inputs) for target in wanted}
        for target, run in runs.items():
            faults = run.result()
            total += len(faults)
            print(f"{target}: {inputs:,} inputs, {len(faults)} faults", flush=True)
            for fault in faults:
                print(f"{fault.keep()}\n{fault.what}")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())

"""A short run of every target, and all that a long one ever found. `make fuzz` is the long one."""

from __future__ import annotations

import pytest
from fuzz.mutate import mutated
from fuzz.run import CORPUS, fed, fuzzed
from fuzz.targets import TARGETS, Target

from csr_tui.errors import CsrTuiError

INPUTS = 300
KEPT = sorted(path for path in CORPUS.iterdir() if path.suffix != ".md")


@pytest.mark.parametrize("target", TARGETS)
def test_what_nobody_ought_to_send_is_refused_in_a_sentence(target: str) -> None:
    assert [fault.what for fault in fuzzed(target, 0, INPUTS)] == []


@pytest.mark.parametrize("target", TARGETS)
def test_a_good_input_gets_all_the_way_through(target: str) -> None:
    """Otherwise every mutation might be refused at the door, and nothing behind it be tried."""

    def taken(data: bytes) -> bool:
        try:
            TARGETS[target].feed(data)
        except CsrTuiError:
            return False
        return True

    assert any(taken(data) for data in TARGETS[target].seeds())


def test_what_was_found_once_stays_mended() -> None:
    faults = [fed(path.stem.replace("-", " "), path.read_bytes()) for path in KEPT]

    assert [fault.what for fault in faults if fault is not None] == []


def test_the_same_number_is_the_same_input() -> None:
    seeds = (b"www.example.com", b"example.org")

    made = {mutated(seeds, f"domain {number}") for number in range(100)}

    assert made == {mutated(seeds, f"domain {number}") for number in range(100)}
    assert len(made) > 80


def test_what_raises_anything_else_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TARGETS, "domain", Target(lambda data: data.decode("ascii"), lambda: (b"abc",)))

    assert fuzzed("domain", 0, 200) != []

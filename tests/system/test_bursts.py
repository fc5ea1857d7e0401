"""Keys that arrive together, on a real terminal: each lands where it would, had it been typed slowly."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from bursts import BURSTS, FLOW, KEEP, QUIT, REFUSED, RHYTHMS, Burst, play, records, send, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.system

ALL = Burst(
    "all of them",
    tuple(key for burst in BURSTS for key in burst.keys),
    tuple(record for burst in BURSTS for record in burst.records),
)


@pytest.mark.parametrize("gap", RHYTHMS)
def test_every_key_of_a_burst_lands_where_it_was_meant(gap: int, tmp_path: Path, require: Callable[..., None]) -> None:
    require("setsid")
    with play(ALL, gap, tmp_path) as session:
        session.press(QUIT)
        assert session.end() == 0

    assert records(tmp_path) == sorted(ALL.records, key=lambda record: str(record["domain"]))


@pytest.mark.parametrize("gap", RHYTHMS)
def test_a_whole_request_comes_in_one_burst_and_its_password_goes_nowhere_else(
    gap: int, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("setsid")
    with play(FLOW, gap, tmp_path) as session:
        session.see("CERTIFICATE REQUEST")
        assert told(tmp_path) == []
        session.press("q")
        session.see("1 record")
        session.press(QUIT)
        assert session.end() == 0

    assert records(tmp_path) == list(FLOW.records)
    assert told(tmp_path) == []


@pytest.mark.parametrize("gap", RHYTHMS)
def test_a_password_typed_ahead_goes_nowhere_where_nothing_can_be_generated(
    gap: int, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("setsid")
    with play(Burst("nothing", (), ()), 0, tmp_path) as session:
        for number, keys in enumerate(REFUSED.values(), 1):
            before = len(session.raw)
            send(session, keys, gap)
            while f"{number} record" not in session.text(before):  # until the last of the burst is forgotten
                time.sleep(0.5)
                session.press(KEEP)
        session.press(QUIT)
        assert session.end() == 0

    assert [record["domain"] for record in records(tmp_path)] == sorted(REFUSED)
    assert told(tmp_path) == []

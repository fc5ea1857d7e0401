"""The moves that a submission can make: the table beside its methods, held equal to the trigger of the store."""

from __future__ import annotations

import sqlite3
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from csr_tui.core.custody import Custody
from csr_tui.core.submission import MOVES, Stage, Submission
from csr_tui.errors import RefusedError, StateError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from csr_tui.core.record import Record
    from csr_tui.storage import RecordStore


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("stage", Stage)
def test_the_store_lets_a_submission_make_the_moves_of_the_table_and_no_others(
    store: RecordStore, draft: Callable[..., Record], stage: Stage, known: bool
) -> None:
    if not known and stage in {Stage.CREATED, Stage.FINALISING, Stage.CONFIRMED}:
        assert not MOVES[stage][known]  # it is created, so its id is known
        return
    record, write = store.add(draft()), store._database.execute
    for following in set(Stage) - {stage}:
        write("DELETE FROM submission")
        store.journal.put(Submission(record.id, stage, "endpoint", "account", "marker", 7 if known else None))
        legal = following in MOVES[stage][known]
        with nullcontext() if legal else pytest.raises(sqlite3.IntegrityError, match="frozen: the journal"):
            write("UPDATE submission SET stage = ?, csr_id = 7", (str(following),))


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("stage", Stage)
def test_every_move_of_a_submission_is_one_of_the_table(
    clock: Callable[[], datetime], stage: Stage, known: bool
) -> None:
    sent = Submission("r", stage, "endpoint", "account", "marker", 7 if known else None)
    moves: dict[Stage, Callable[[], Submission]] = {
        Stage.CREATING: lambda: sent.creating("endpoint", "account", clock()),
        Stage.CREATED: lambda: sent.created(7, 0, None),
        Stage.FINALISING: lambda: sent.finalising(Custody.RANDOM_KEYRING, "ref", clock()),
        Stage.CONFIRMED: lambda: sent.confirmed(1, None),
        Stage.REFUSED: lambda: sent.refused(RefusedError("no")),
        Stage.UNKNOWN: lambda: sent.unknown("no reply"),
    }
    for following, move in moves.items():
        if following is stage or following in MOVES[stage][known]:
            assert move().stage is following
        else:
            with pytest.raises(StateError):
                move()

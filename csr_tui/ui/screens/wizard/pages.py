"""The page for each step."""

from __future__ import annotations

from datetime import date

from csr_tui.core import record as records
from csr_tui.core.record import Record
from csr_tui.ui.screens.wizard.algorithm import AlgorithmStep
from csr_tui.ui.screens.wizard.key import KeyStep
from csr_tui.ui.screens.wizard.names import NamesStep
from csr_tui.ui.screens.wizard.review import ReviewStep
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.screens.wizard.subject import SubjectStep
from csr_tui.vault import Vault


def page(
    record: Record,
    step: records.Step,
    *,
    vault: Vault,
    seen: frozenset[records.Step] = frozenset(),
    field: str | None = None,
    note: str = "",
    today: date,
) -> Step:
    """The screen for one step of a record, with the focus on `field` where it has one of that name."""
    match step:
        case records.Step.SUBJECT:
            return SubjectStep(record, seen=seen, field=field, note=note)
        case records.Step.NAMES:
            return NamesStep(record, seen=seen, field=field, note=note)
        case records.Step.ALGORITHM:
            return AlgorithmStep(record, seen=seen, field=field, note=note)
        case records.Step.KEY:
            return KeyStep(record, keyring=vault.status, seen=seen, field=field, note=note)
        case records.Step.REVIEW:
            return ReviewStep(record, today=today, keyring=vault.status, seen=seen, field=field, note=note)

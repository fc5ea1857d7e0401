"""The page for each step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from csr_tui.core.questions import has_names
from csr_tui.core.record import Record, WizardStep
from csr_tui.token import Tokens
from csr_tui.ui.screens.wizard.algorithm import AlgorithmStep
from csr_tui.ui.screens.wizard.key import KeyStep
from csr_tui.ui.screens.wizard.names import NamesStep
from csr_tui.ui.screens.wizard.notes import NotesStep
from csr_tui.ui.screens.wizard.review import ReviewStep
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.screens.wizard.subject import SubjectStep
from csr_tui.vault import Vault


def page(
    record: Record,
    step: WizardStep,
    *,
    vault: Vault,
    tokens: Callable[[], Tokens],
    seen: frozenset[WizardStep] = frozenset(),
    field: str | None = None,
    note: str = "",
    today: date,
) -> Step:
    """The screen for one step of a record, with the focus on `field` where it has one of that name."""
    match step:
        case WizardStep.SUBJECT:
            return SubjectStep(record, seen=seen, field=field, note=note)
        case WizardStep.NAMES:
            names = NamesStep if has_names(record) else NotesStep
            return names(record, seen=seen, field=field, note=note)
        case WizardStep.ALGORITHM:
            return AlgorithmStep(record, seen=seen, field=field, note=note)
        case WizardStep.KEY:
            return KeyStep(record, keyring=vault.status, tokens=tokens, seen=seen, field=field, note=note)
        case WizardStep.REVIEW:
            return ReviewStep(record, today=today, keyring=vault.status, seen=seen, field=field, note=note)

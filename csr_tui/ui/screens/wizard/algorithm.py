"""The third step: the kind of key."""

from __future__ import annotations

from dataclasses import replace

from textual import getters
from textual.app import ComposeResult

from csr_tui.core import questions
from csr_tui.core.record import KeySpec, Record, WizardStep
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.widgets.choices import Choices


class AlgorithmStep(Step):
    """One list of the kinds that CAs of this purpose accept, sizes and curves included."""

    STEP = WizardStep.ALGORITHM
    LEAD = "Key type"
    HELP = (
        f"{questions.KEY.help} A renewal with the same key, or a key file chosen on the next step, keeps the type of "
        "that key."
    )

    kind = getters.query_one("#key_parameter", Choices)

    def compose_fields(self) -> ComposeResult:
        yield Choices(
            questions.key_kinds(self.record),
            self.record.key,
            id=questions.KEY.field,
            help="Choose with the arrow keys, a letter or a click.",
        )

    def read(self) -> Record:
        key = self.kind.value
        return replace(self.record, key=key) if isinstance(key, KeySpec) else self.record

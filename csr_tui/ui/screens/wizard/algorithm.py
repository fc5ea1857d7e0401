"""The third step: which kind of key."""

from __future__ import annotations

from dataclasses import replace

from textual import getters
from textual.app import ComposeResult

from csr_tui.core.keys.kinds import ALGORITHMS, KINDS, of_algorithm
from csr_tui.core.record import Purpose, Record, WizardStep
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.widgets.choices import Choices, Option


class AlgorithmStep(Step):
    """The algorithms that CAs of this purpose take, each in two lines."""

    STEP = WizardStep.ALGORITHM
    LEAD = "Which kind of key?"
    HELP = (
        "If nobody has told you otherwise, ECC is the better key today, and RSA 2048 the one that never surprises "
        "anyone. Others appear when you choose your own CA on the first step."
    )

    algorithm = getters.query_one("#algorithm", Choices)

    def compose_fields(self) -> ComposeResult:
        current = self.record.key.algorithm
        private = self.record.purpose is Purpose.PRIVATE
        offered = {kind.algorithm.name for kind in KINDS if kind.public or private} | {current}
        yield Choices(
            tuple(Option(row.name, row.about, row.explanation) for row in ALGORITHMS if row.name in offered),
            current,
            id="algorithm",
            help="Arrow keys or a click choose; the next step asks for size or curve.",
        )

    def read(self) -> Record:
        algorithm = self.algorithm.value
        if not isinstance(algorithm, str) or algorithm == self.record.key.algorithm:
            return self.record
        return replace(self.record, key=of_algorithm(algorithm)[0].spec)

"""The third step: the kind of key."""

from __future__ import annotations

from dataclasses import replace

from textual import getters
from textual.app import ComposeResult

from csr_tui.core.keys.kinds import KINDS, missing
from csr_tui.core.record import KeySpec, Purpose, Record, WizardStep
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.widgets.choices import Choices, Option


class AlgorithmStep(Step):
    """One list of the kinds that CAs of this purpose accept, sizes and curves included."""

    STEP = WizardStep.ALGORITHM
    LEAD = "Key type"
    HELP = (
        "RSA 2048 works everywhere; ECC P-256 is smaller, faster and stronger, and all current browsers and public "
        "CAs accept it. Ed25519 and ML-DSA (post-quantum) are listed if you choose your own CA on the first step. A "
        "renewal with the same key, or a key file chosen on the next step, keeps the type of that key."
    )

    kind = getters.query_one("#key_parameter", Choices)

    def compose_fields(self) -> ComposeResult:
        key = self.record.key
        private = self.record.purpose is Purpose.PRIVATE
        offered = (kind for kind in KINDS if kind.public or private or kind.spec == key)
        yield Choices(
            tuple(Option(kind.spec, kind.label, (kind.meaning,), missing(kind.algorithm)) for kind in offered),
            key,
            id="key_parameter",
            help="Choose with the arrow keys, a letter or a click.",
        )

    def read(self) -> Record:
        key = self.kind.value
        return replace(self.record, key=key) if isinstance(key, KeySpec) else self.record

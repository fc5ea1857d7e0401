"""The third step: which kind of key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import getters

from csr_tui.core import record as records
from csr_tui.core.record import DEFAULT_PARAMETER, KeySpec, Purpose, Record
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.widgets.choices import Choices, Option

if TYPE_CHECKING:
    from textual.app import ComposeResult

RSA = Option(
    "RSA",
    "RSA: taken everywhere",
    (
        "Every CA, every server and every old device takes it; it is bigger",
        "and slower than ECC. Tencent Cloud takes 2048 and 4096 bits.",
    ),
)
ECC = Option(
    "ECC",
    "ECC: small and fast",
    (
        "All current browsers and public CAs take it, devices from before 2012",
        "may not; handshakes are cheap. Tencent Cloud takes P-256.",
    ),
)
ED25519 = Option(
    "ED25519",
    "Ed25519: own CA only",
    (
        "Modern and fast, one size; good between your own machines. No public",
        "CA signs it, no browser takes it, and Tencent Cloud does not either.",
    ),
)


class AlgorithmStep(Step):
    """RSA or ECC, and for one's own CA Ed25519, each in two lines."""

    STEP = records.Step.ALGORITHM
    LEAD = "Which kind of key?"
    HELP = (
        "If nobody has told you otherwise, ECC is the better key today, and RSA 2048 the one that never surprises "
        "anyone. Ed25519 is offered for your own CA only: choose that purpose on the first step to see it."
    )

    algorithm = getters.query_one("#algorithm", Choices)

    def compose_fields(self) -> ComposeResult:
        current = self.record.key.algorithm
        private = self.record.purpose is Purpose.PRIVATE or current == ED25519.value
        yield Choices(
            (RSA, ECC, ED25519) if private else (RSA, ECC),
            current,
            id="algorithm",
            help="Arrow keys or a click choose; the next step asks for size or curve.",
        )

    def read(self) -> Record:
        algorithm = self.algorithm.value
        if not isinstance(algorithm, str) or algorithm == self.record.key.algorithm:
            return self.record
        return replace(self.record, key=KeySpec(algorithm, DEFAULT_PARAMETER[algorithm]))

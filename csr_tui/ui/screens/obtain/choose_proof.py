"""The choice of a proof for the names of an order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual import getters, on, work
from textual.app import ComposeResult

from csr_tui.core.order import CertificateOrder
from csr_tui.core.questions import Option
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle import webroot
from csr_tui.lifecycle.obtain.proofs import FILE, ProofKind
from csr_tui.paths import absolute
from csr_tui.ui import advice
from csr_tui.ui.background import run_blocking
from csr_tui.ui.screens.dialog import Dialog
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.widgets.field import Field


@dataclass(frozen=True, slots=True)
class ProofChoice:
    """A way, and the folder of the web server where files are written."""

    kind: ProofKind
    webroot: Path | None = None


class ChooseProof(Dialog[ProofChoice]):
    """The values are others for each way; those of the way before are of no use any more."""

    TITLE_TEXT = "How to prove the names"
    BUTTONS = {"cancel": "Cancel", "choose": "Choose"}

    kind = getters.query_one("#kind", Choices)
    folder = getters.query_one("#folder", Field)

    def __init__(self, order: CertificateOrder) -> None:
        super().__init__()
        self._usual = ProofKind.FILE if any(proof.kind == FILE for proof in order.proofs) else ProofKind.DNS
        self._folder = next((proof.folder for proof in order.files), "")
        self._refusal = (
            "A wildcard is proven by a TXT record." if any(one.name.startswith("*.") for one in order.unproven) else ""
        )

    def compose_form(self) -> ComposeResult:
        yield Choices(
            (
                Option(ProofKind.DNS, "A TXT record in DNS", ("The only way for wildcards.",)),
                Option(
                    ProofKind.FILE,
                    "A file on the web server",
                    ("You put it there; port 80 has to be reachable.",),
                    refusal=self._refusal,
                ),
                Option(
                    ProofKind.WEBROOT,
                    "A file in a folder of this machine",
                    ("Written for you into the web root of these names, and removed afterwards.",),
                    refusal=self._refusal,
                ),
            ),
            ProofKind.WEBROOT if self._folder else self._usual,
            id="kind",
        )
        yield Field("Folder", self._folder, id="folder", placeholder="e.g. /var/www/html")

    def on_mount(self) -> None:
        self._chosen()

    @on(Choices.Changed)
    def _chosen(self) -> None:
        self.complain("")
        self.folder.display = self.kind.value is ProofKind.WEBROOT

    @on(Button.Pressed, "#choose")
    @work(group="choose", exclusive=True, description="looking at the folder of a web server")
    async def _choose(self) -> None:
        kind = self.kind.value or ProofKind.DNS
        if kind is not ProofKind.WEBROOT:
            self.dismiss(ProofChoice(kind))
            return
        if not self.folder.value:
            self.complain("Enter the folder that your web server serves.")
            self.folder.focus()
            return
        folder = absolute(self.folder.value)
        try:
            await run_blocking(lambda: webroot.check(folder))
        except CsrTuiError as error:
            self.complain(advice.sentence(error))
            self.folder.focus()
        else:
            self.dismiss(ProofChoice(kind, folder))

"""In which way the names of an order are proven."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual import getters, on
from textual.app import ComposeResult

from csr_tui.core.questions import Option
from csr_tui.files import absolute
from csr_tui.lifecycle.obtain.proofs import ProofKind
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
    AUTO_FOCUS = "#kind"

    kind = getters.query_one("#kind", Choices)
    folder = getters.query_one("#folder", Field)

    def compose_form(self) -> ComposeResult:
        yield Choices(
            (
                Option(ProofKind.DNS, "A TXT record in DNS", ("The only way for wildcards.",)),
                Option(ProofKind.FILE, "A file on the web server", ("You put it there; port 80 has to be reachable.",)),
                Option(
                    ProofKind.WEBROOT,
                    "A file in a folder of this machine",
                    ("Written for you into the web root of these names, and removed afterwards.",),
                ),
            ),
            ProofKind.DNS,
            id="kind",
        )
        yield Field("Folder", id="folder", placeholder="e.g. /var/www/html")

    def on_mount(self) -> None:
        self._chosen()

    @on(Choices.Changed)
    def _chosen(self) -> None:
        self.folder.display = self.kind.value is ProofKind.WEBROOT

    @on(Button.Pressed, "#choose")
    def _choose(self) -> None:
        kind = self.kind.value or ProofKind.DNS
        if kind is not ProofKind.WEBROOT:
            self.dismiss(ProofChoice(kind))
        elif self.folder.value:
            self.dismiss(ProofChoice(kind, absolute(self.folder.value)))
        else:
            self.complain("Enter the folder that your web server serves.")
            self.folder.focus()

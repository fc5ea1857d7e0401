"""The page of a record that was generated: its next step, certificate beside request, and the texts to paste."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from csr_tui.core import bundle
from csr_tui.core.record import Origin, Record
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError, VaultError
from csr_tui.lifecycle import exporting
from csr_tui.ui import advice, clipboard, record_facts
from csr_tui.ui.actions import Action, ActionRequested, NewRequested, bindings, trigger
from csr_tui.ui.background import run_blocking
from csr_tui.ui.context import DeskContext
from csr_tui.ui.next_steps import next_steps
from csr_tui.ui.record_facts import CERTIFICATE, CSR, ENDINGS, RecordDetails
from csr_tui.ui.widgets.fact_sheet import FactSheet, Section
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.ui.widgets.key_bar import KeyBar
from csr_tui.ui.widgets.page import Page, PagedScreen
from csr_tui.ui.widgets.texts import Texts, Titles
from csr_tui.ui.words import domain_name
from csr_tui.vault import Vault, VaultStatus

TURN = "←→ switch  c copy  s save"
SHOWN = (Action.CLIP, Action.SAVE, Action.ATTACH, Action.EXPORT, Action.RENEW, Action.PASSWORD)
ROOMY = (Action.PROTECT, Action.NOTES, Action.COPY, Action.DELETE, Action.OBTAIN)
"""What a wide window has room for in its last line."""


class RecordScreen(PagedScreen[None]):
    """The same page right after generating and ever after; nothing of the request can be edited."""

    HELP = (
        "The next step is on top. The request is final: copy and export it; only its remark and tags can be edited. "
        "The facts are read from the CSR and the certificate themselves, not from your draft. Left and Right switch "
        "between CSR, certificate, chain and openssl commands; C copies the one that is shown, S saves it, Z shows it "
        "alone. Send the CSR to your CA, never the key. A attaches the certificate that your CA returns; E writes "
        "key, CSR and certificate as files. W shows the key's password, K changes it or who holds it."
    )
    BINDINGS = [
        *bindings("record", (*SHOWN, *ROOMY), (Action.PROFILES,)),
        Binding("left", "turn(-1)", "Previous text", show=False, id="record.before", tooltip="Show the previous text"),
        Binding("right", "turn(1)", "Next text", show=False, id="record.after", tooltip="Show the next text"),
        Binding("shift+left", "slide(-8)", "Scroll left", show=False, id="record.left", tooltip="Scroll long lines"),
        Binding("shift+right", "slide(8)", "Scroll right", show=False, id="record.right", tooltip="Scroll long lines"),
        Binding("z", "zoom", "Zoom", show=False, id="record.zoom", tooltip="The text alone, to select with the mouse"),
        Binding("n", "new", "New", show=False, id="record.new", tooltip="Start a new request"),
        Binding("escape,q", "leave", "Desk", id="record.leave", tooltip="Back to the desk"),
    ]
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]

    @dataclass
    class Left(Message):
        """Back to the desk."""

    sheet = getters.query_one("#facts", FactSheet)
    texts = getters.query_one("#texts", Texts)

    def __init__(
        self, record: Record, context: DeskContext, *, now: Callable[[], datetime], fresh: bool = False
    ) -> None:
        super().__init__(classes="record")
        self.record = record
        self._desk = context
        self._now = now
        self._fresh = fresh
        self._details: RecordDetails | None = None
        self._keyring: VaultStatus | None = None
        self._lost = False

    def compose(self) -> ComposeResult:
        with Horizontal(classes="bar"):
            yield Static("csr-tui", classes="brand", markup=False)
            yield Static(domain_name(self.record), id="heading", markup=False)
            yield Static("", id="kept", markup=False)
        with Page(id="page"):
            if self._fresh:
                yield MarkedText(self._fresh_text(), id="fresh")
            yield FactSheet(id="next")
            with Horizontal(id="sides"):
                yield FactSheet(id="facts")
                yield Texts(record_facts.texts(self.record), _first(self.record), hint=TURN, id="texts")
        yield Titles(TURN, id="titles-below")
        yield KeyBar()

    def on_mount(self) -> None:
        self._describe()
        self._read()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key on a token has no password here."""
        passwords = {Action.PASSWORD, Action.PROTECT}
        return not (action == "ask" and self.record.token is not None and parameters[0] in passwords)

    def on_screen_resume(self) -> None:
        """The keyring may have been unlocked meanwhile."""
        if self.record.custody.in_keyring and self.record.has_key:
            self._look_for_keyring()

    def _fresh_text(self) -> str:
        if self.record.origin is Origin.LOCAL:
            return "✓ Key and CSR generated, verified and saved."
        if self.record.origin is Origin.TOKEN:
            return "✓ CSR generated, verified and saved. The private key is on its token."
        maker = "The sandbox on this machine" if self.record.in_sandbox else "Tencent Cloud"
        if self.record.has_key:
            return f"✓ {maker} generated the key and the CSR; both are verified and saved here."
        return f"✓ {maker} generated the CSR, which is saved here. The private key stayed there."

    def show(self, record: Record) -> None:
        """The record has another remark, other tags, another custody, or its certificate."""
        if record.certificate != self.record.certificate:
            self.query("#fresh").remove()
            self.texts.show(record_facts.texts(record), _first(record))
        self.record = record
        self._describe()
        self._read()

    def _describe(self) -> None:
        """Show what is known by now."""
        record, now, details = self.record, self._now(), self._details
        self.query_one("#kept", Static).update(record_facts.state(record, now))
        damaged = details is not None and details.issued is None and record.certificate is not None
        steps = next_steps(record, now, damaged=damaged)
        rows = tuple(
            (f"{'' if number else 'Next':<8}{step.key or '›'}", Content.styled(step.sentence, "" if number else "bold"))
            for number, step in enumerate(steps)
        )
        first = (*(step.action for step in steps if step.action is not None), *SHOWN)
        self.query_one(KeyBar).lead((*map(trigger, dict.fromkeys(first)), "leave", "quit"))
        self.query_one("#next", FactSheet).show([Section("", rows, labels="bold $accent")])
        if details is not None:
            self.sheet.show(*record_facts.sections(record, details, self._keyring, now, lost=self._lost))

    @work(group="read", exclusive=True, description="reading the CSR")
    async def _read(self) -> None:
        record, now = self.record, self._now()
        if record.csr is None:
            return
        try:
            self._details = await run_blocking(lambda: record_facts.read(self._desk.store, record, now))
        except CsrTuiError as error:
            advice.report(self, error)
        else:
            self._describe()

    @work(group="keyring", exclusive=True, description="looking for the keyring")
    async def _look_for_keyring(self) -> None:
        self._keyring, self._lost = await run_blocking(lambda: _vault_look(self._desk.vault, self.record))
        self._describe()

    def action_ask(self, name: str) -> None:
        """What is done to one record is done to this; what is copied and saved is the text that is shown."""
        match action := Action(name):
            case Action.CLIP:
                self._copy()
            case Action.SAVE:
                self._save()
            case _:
                self.post_message(ActionRequested(action, (self.record,)))

    @work(group="copy", exclusive=True, description="copying the text that is shown")
    async def _copy(self) -> None:
        await clipboard.copy(self.app, self.texts.chosen, self.texts.text)

    @work(group="save", exclusive=True, description="saving the text that is shown")
    async def _save(self) -> None:
        name, text = bundle.stem(self.record.subject.domain) + ENDINGS[self.texts.chosen], self.texts.text
        try:
            written = await run_blocking(lambda: exporting.save_text(self._desk.exports, name, text))
        except CsrTuiError as error:
            advice.report(self, error)
        else:
            self.notify(f"{written.outcome}: {escaped(str(written.path))}")

    def action_turn(self, by: int) -> None:
        self.texts.turn(by)
        self.call_after_refresh(self._see_text)

    @on(Texts.Shown)
    def _shown(self, event: Texts.Shown) -> None:
        self.query_one("#titles-below", Titles).show(event.titles, event.title, event.widest)

    @on(Titles.Chosen)
    def _chosen(self, event: Titles.Chosen) -> None:
        self.texts.choose(event.title)
        self.call_after_refresh(self._see_text)

    def _see_text(self) -> None:
        """Where the text is below the facts, whoever asks for it sees it."""
        if not self.has_class("-wide"):
            self.query_one(Page).scroll_to_widget(self.texts, top=True, animate=False)

    def action_slide(self, by: int) -> None:
        self.texts.slide(by)

    def action_new(self) -> None:
        self.post_message(NewRequested())

    def action_zoom(self) -> None:
        self.app.push_screen(PlainText(self.texts.text))

    def action_leave(self) -> None:
        self.post_message(self.Left())


class PlainText(PagedScreen[None]):
    """A text alone on the screen, without frames, so that the terminal's own selection takes just that."""

    HELP = (
        "Select the text with the mouse (many terminals want Shift held) and copy it. Long lines are not broken: Left "
        "and Right scroll. C copies all of it; Esc goes back."
    )
    BINDINGS = [
        Binding("c", "copy", "Copy", id="plain.copy", tooltip="Copy all of it"),
        Binding("left", "slide(-8)", "Scroll left", show=False, id="plain.left", tooltip="Scroll long lines"),
        Binding("right", "slide(8)", "Scroll right", show=False, id="plain.right", tooltip="Scroll long lines"),
        Binding("escape,q,enter,z", "leave", "Back", id="plain.leave", tooltip="Go back"),
    ]

    def __init__(self, text: str) -> None:
        super().__init__(classes="plain")
        self._text = text

    def compose(self) -> ComposeResult:
        with Page():
            yield Static(escaped(self._text, keep="\n"), id="plain-text", markup=False)
        yield Static("Esc goes back. Select with the mouse (in many terminals with Shift held).", markup=False)

    @work(group="copy", exclusive=True, description="copying the text")
    async def action_copy(self) -> None:
        await clipboard.copy(self.app, "text", self._text)

    def action_slide(self, by: int) -> None:
        self.query_one(Page).scroll_relative(x=by, animate=False)

    def action_leave(self) -> None:
        self.dismiss()


def _vault_look(vault: Vault, record: Record) -> tuple[VaultStatus, bool]:
    """How it stands with the keyring and, where that is known, whether it lacks the password of this key."""
    status = vault.status(insist=False)
    try:
        return status, status.usable and record.secret_ref is not None and vault.find(record.secret_ref) is None
    except VaultError:
        return status, False


def _first(record: Record) -> str:
    """The text that is shown at first: what was got last."""
    return CSR if record.certificate is None else CERTIFICATE

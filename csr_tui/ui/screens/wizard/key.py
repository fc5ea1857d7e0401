"""The fourth step: how the key is protected, or which file or token has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from csr_tui.core import questions
from csr_tui.core.custody import Custody
from csr_tui.core.questions import Option
from csr_tui.core.record import Record, WizardStep
from csr_tui.core.text import escaped
from csr_tui.core.token_uri import TokenUri
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle import existing_key, token_options
from csr_tui.paths import absolute
from csr_tui.token import Key, TokenList, Tokens
from csr_tui.ui import advice
from csr_tui.ui.background import run_blocking
from csr_tui.ui.live_screen import is_live
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.hanging_indent import MarkedText
from csr_tui.vault import VaultState, VaultStatus

SAYS = {
    VaultState.OPEN: "✓ Keyring ready: {name}",
    VaultState.LOCKED: "! {sentence} It asks you to unlock it when you generate.",
    VaultState.MISSING: "✗ {sentence} Choose a password that you type each time, or no encryption.",
}


class KeyStep(Step):
    """Who holds the password of a new key; the password itself is asked for when generating.

    A key on a token has none: it is chosen from a list, which a thread reads, for a module may hang.
    """

    STEP = WizardStep.KEY
    LEAD = "How should the key be protected?"
    HELP = f"{questions.CUSTODY.help} A key on a token (PKCS #11) never leaves it; you enter its PIN when you generate."

    password = getters.query_one("#password_choice", Choices)
    tokens = getters.query_one("#token", Choices)
    lead_of_tokens = getters.query_one("#tokens-lead", Static)
    own = getters.query_one("#key_file", Field)
    BINDINGS = [
        Binding("f2", "browse", "Browse", id="key.browse", tooltip="Choose an existing key file from a list"),
        Binding("f4", "read_tokens", "Read tokens", id="key.tokens", tooltip="List the keys on the tokens again"),
    ]

    def __init__(
        self,
        record: Record,
        *,
        keyring: Callable[[], VaultStatus],
        tokens: Callable[[], Tokens],
        **kwargs: object,
    ) -> None:
        super().__init__(record, **kwargs)  # type: ignore[arg-type]  # the step's own keywords
        self._keyring = keyring
        self._open_tokens = tokens
        self._no_keyring = False
        self._no_tokens = "Looking for PKCS #11 modules …"
        self._listed: tuple[Option[Key], ...] = ()
        self._own_kind = record.key  # of a new key; an existing one that is chosen on a token has its own

    def compose_fields(self) -> ComposeResult:
        yield MarkedText("Looking for the keyring …", id="keyring")
        yield Choices(
            tuple(self._ways()),
            self.record.custody,
            id=questions.CUSTODY.field,
            help="You enter a password of your own when you generate.",
        )
        yield MarkedText("", id="tokens-lead")
        yield Choices(
            (), None, id="token", help="An existing key decides the key type. You enter the PIN when you generate."
        )
        if self.record.lineage.same_key:
            where = f", on {self.record.token.place}" if self.record.token is not None else ""
            yield MarkedText(f"✓ The key of record {self.record.lineage.renews}{where}.", id="same")
        yield Field(
            questions.KEY_FILE.label,
            self.record.key_file,
            id=questions.KEY_FILE.field,
            placeholder=questions.KEY_FILE.placeholder,
            help=f"{questions.KEY_FILE.help} F2 opens a list.",
            rule=existing_key.file_fault,
        )

    def on_mount(self) -> None:
        self._show_tokens()
        self._look_for_keyring()
        self._look_for_modules()

    def _ways(self) -> Iterator[Option[Custody]]:
        """Each way to keep a key, with the reason where it cannot be had."""
        same, token = self.record.lineage.same_key, self.record.token
        for option in questions.custodies(no_keyring=self._no_keyring):
            stays = f"The reused key is on {token.place}." if same and token is not None else ""
            yield replace(option, refusal=stays or option.refusal)
        option = questions.on_token(self.record)
        yield option if same else replace(option, refusal=self._no_tokens)

    @work(group="key-step", exclusive=True, description="looking for the keyring")
    async def _look_for_keyring(self) -> None:
        """What comes of it may be another choice, so keys wait for it, unlike elsewhere."""
        status = await run_blocking(self._keyring)
        if not is_live(self):
            return
        line = self.query_one("#keyring", Static)
        line.set_class(not status.usable, "-missing")
        text = SAYS[status.state].format(name=status.name, sentence=status.sentence)
        line.update(escaped(f"{text}. {status.shared}" if status.shared else text))
        custody, self._no_keyring = self.password.value, status.state is VaultState.MISSING
        if isinstance(custody, Custody):
            custody = questions.usual_custody(custody, no_keyring=self._no_keyring)
        self.password.set_options(tuple(self._ways()), custody)
        self.edited()

    @work(group="modules", exclusive=True, description="looking for modules")
    async def _look_for_modules(self) -> None:
        try:
            modules = (await run_blocking(self._open_tokens)).modules
            self._no_tokens = "" if modules else "This machine has no PKCS #11 module."
        except CsrTuiError as error:
            self._no_tokens = advice.sentence(error)
        if is_live(self):
            self.password.set_options(tuple(self._ways()), self.password.value)
            self._show_tokens()

    @on(Choices.Changed, "#password_choice")
    def _show_tokens(self) -> None:
        """The list of keys in place of the file's field, where the key is to be on a token."""
        self.edited()
        chosen = self.on_token and not self.record.lineage.same_key
        self.lead_of_tokens.display = chosen
        self.tokens.display = chosen and bool(self._listed)
        self.own.display = not self.on_token
        self.refresh_bindings()
        if chosen and self._no_tokens:
            self._say(f"! {self._no_tokens}", wrong=True)
        elif chosen and not self._listed:
            self.action_read_tokens()

    @property
    def on_token(self) -> bool:
        """Whether the key is to be on a token."""
        return self.record.custody is Custody.TOKEN  # not from a widget: a page that goes has none, and still its keys

    @work(group="tokens", exclusive=True, description="reading tokens")
    async def action_read_tokens(self) -> None:
        """List the keys of every token; a module that hangs is given up after its time."""
        self._say("Reading the tokens …")
        try:
            found = await run_blocking(lambda: self._open_tokens().list())
        except CsrTuiError as error:
            if is_live(self):
                self._say(f"✗ {advice.sentence(error)}", wrong=True)
            return
        if is_live(self):
            self._list(found)

    def action_generate(self) -> None:
        """A key that is still to be chosen is chosen here; what was typed ahead, such as the PIN, lands in no field."""
        if self.record.token != TokenUri():
            super().action_generate()
            return
        self.set_focus(self.tokens if self.tokens.display else None)
        self.notify("Choose the key on the token first.", severity="warning")

    def _list(self, found: TokenList) -> None:
        drafted = self.record.token
        self._listed = token_options.options(found, replace(self.record, key=self._own_kind))
        self.tokens.set_options(self._listed, token_options.find(self._listed, drafted))
        lines = [f"✗ {problem}" for problem in found.problems]
        if not found.tokens:
            lines.append("No token found. Insert one, then press F4.")
        elif not lines:
            lines.append("Key on a token")
        self._say("\n".join(lines), wrong=bool(found.problems) or not found.tokens)
        self._show_tokens()
        if self.focused is None and self.tokens.display:
            self.tokens.focus()

    def _say(self, text: str, *, wrong: bool = False) -> None:
        for lead in self.query("#tokens-lead").results(Static):
            lead.update(escaped(text, keep="\n"))
            lead.set_class(wrong, "-missing")
        self.call_after_refresh(self._bring)

    def _bring(self) -> None:
        """Scroll what is new below the ways into view, as far as what is chosen stays there."""
        for widget in self.query("#tokens-lead, #token"):
            if widget.display:
                self.form.scroll_to_widget(widget, animate=False, immediate=True)
        if isinstance(self.focused, Choices):
            self.focused.show_chosen()

    def read(self) -> Record:
        custody = self.password.value
        if custody is Custody.TOKEN:
            return self._read_token()
        return replace(
            self.record,
            custody=custody if isinstance(custody, Custody) else self.record.custody,
            token=None,
            key=self._own_kind,
            key_file=str(absolute(self.own.value)) if self.own.value else "",
        )

    def _read_token(self) -> Record:
        """With the key that is chosen; before that with the one it had, or one that is still to be chosen."""
        key = self.tokens.value
        uri = key.uri if isinstance(key, Key) else self.record.token or TokenUri()
        spec = key.spec if isinstance(key, Key) else None
        return replace(self.record, custody=Custody.TOKEN, token=uri, key=spec or self._own_kind, key_file="")

    def action_browse(self) -> None:
        from csr_tui.ui.screens.picker import browse

        browse(self.own, "Choose a key file")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        """The keys of a way show only where it is chosen."""
        if action in {"browse", "read_tokens"} and self.is_mounted:
            return self.on_token is (action == "read_tokens")
        return True

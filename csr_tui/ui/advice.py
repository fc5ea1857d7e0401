"""What each hint means on the screen: the key or the place that leads on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError, Fact, Hint

if TYPE_CHECKING:
    from textual.app import App
    from textual.widget import Widget


ADVICE = {
    Hint.ADD_CA: "Add one: F4 on the desk.",
    Hint.AT_TERMINAL: "Enter it.",
    Hint.APPLY: "Create the requests in it: M on the desk.",
    Hint.ATTACH: "Open that record, and attach it there (A).",
    Hint.ATTACH_FIRST: "Attach the certificate from your CA first (A). Until then, PEM exports key and CSR.",
    Hint.CHOOSE_CA: "Choose one.",
    Hint.CLEAR_KEY: "Choose the clear key.",
    Hint.CLEAR_OR_PASSWORD: "Choose the clear key, or a password.",
    Hint.CURRENT_PASSWORD: "Type it.",
    Hint.DETACH: "Detach it first: T on the desk, then F4.",
    Hint.DOCTOR: "Leave with Ctrl+Q, and run csr-tui doctor.",
    Hint.EAB: "Enter the key id and the key that it gave you.",
    Hint.ENCRYPTED_KEY: "Choose an encrypted key.",
    Hint.ENDPOINT: "Choose that site in the API key window (I on the desk).",
    Hint.EXPORT_PASSWORD: "Choose another password, for these files.",
    Hint.GENERATE: "Generate it here: G on the desk.",
    Hint.GIVE_UP: "Press Ctrl+O on that record: attach its certificate, or give up.",
    Hint.INSPECT: "The desk lists the records; csr-tui inspect FILE in a shell shows the file.",
    Hint.KEYRING: "Unlock or start the keyring (V on the desk), and try again.",
    Hint.KEYRING_OR_ENVIRONMENT: (
        "Unlock or start the keyring (V on the desk); or start csr-tui with TENCENTCLOUD_SECRET_ID and "
        "TENCENTCLOUD_SECRET_KEY set."
    ),
    Hint.LIST: "The desk lists them all.",
    Hint.LIST_CAS: "F4 on the desk lists them.",
    Hint.LIST_TRASH: "Press 6 on the desk: it lists the trash.",
    Hint.LOGIN: "Enter the right API key (I on the desk, F2 when submitting).",
    Hint.LOGIN_FIRST: "Enter one (I on the desk, F2 when submitting).",
    Hint.MEND: "Wait for it, or leave with Ctrl+Q and start csr-tui again.",
    Hint.NEW_FROM: "In a shell, csr-tui new creates a draft from it.",
    Hint.NEW_PASSWORD: "Type one, or choose a random one at the step Key.",
    Hint.NO_PASSWORD: "Choose no encryption at all, or who holds the password, at the step Key.",
    Hint.OBTAIN: "Press Ctrl+O on record {record}.",
    Hint.OWN_PASSWORD: "Give the key a password of its own first: K on its page.",
    Hint.PROMPT_NEEDS_PASSWORD: "Choose another way to hold the password at the step Key.",
    Hint.PROMPT_NEEDS_TYPED: "Choose another way to hold the password at the step Key.",
    Hint.PROTECT_ACCOUNT: "Unlock or start the keyring (V on the desk), or choose another way to keep the key.",
    Hint.PROVE: "Then press Ctrl+O on that record.",
    Hint.RECONCILE: "Look it up: L on the desk.",
    Hint.RECONCILE_LATER: "Look it up after that: L on the desk.",
    Hint.RECONCILE_TYPING: "Look it up again (L on the desk), and enter the password.",
    Hint.REGISTER: "Register it: F4 on the desk, then Add with the same name.",
    Hint.REMOVE_CA: "Choose another name, or remove that CA first (F4 on the desk).",
    Hint.RENEW: "Renew it: X on its page.",
    Hint.RENEW_WITH_KEY: "Renew that record with the same key: X on its page.",
    Hint.RESTORE: "Restore it first: press 6 on the desk, then U.",
    Hint.SEND_AGAIN: "Send it again or detach it: T on the desk.",
    Hint.SUBMIT: "Finalise it: T on the desk.",
    Hint.SUBMIT_OR_DETACH: "Finalise it there (T on the desk), or detach it first (T, then F4).",
    Hint.TABLE_PASSWORD: "Choose a password when you create the requests.",
    Hint.TOKEN_EXTRA: "Install it in the environment of csr-tui: pip install python-pkcs11.",
    Hint.TOKEN_KEY: "Choose it at the step Key of record {record}, or delete it with the token's own program.",
    Hint.TOKEN_MODULE: 'In config.toml: [token], then module = "/path/to/module.so".',
    Hint.TOKEN_PIN: "Enter it when you generate.",
    Hint.TRY_PASSWORD: "Run csr-tui doctor with that password in a shell.",
}


def sentence(problem: CsrTuiError | Fact) -> str:
    """What is the case, then what to do, safe for the terminal."""
    advice = "" if problem.hint is None else ADVICE[problem.hint].format(record=problem.record or "")
    return escaped(f"{problem} {advice}".rstrip())


def report(node: App[int] | Widget, problem: CsrTuiError, *, title: str = "") -> None:
    """Show what went wrong in the status line."""
    node.notify(sentence(problem), title=title, severity="error")

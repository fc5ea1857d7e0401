"""What each hint means on the command line: the command or the flag that leads on."""

from __future__ import annotations

from csr_tui.errors import CsrTuiError, Fact, Hint

ADVICE = {
    Hint.ADD_CA: "Add one: csr-tui ca add.",
    Hint.AT_TERMINAL: "Run the command at a terminal and enter it.",
    Hint.APPLY: "Apply it: csr-tui apply FILE.",
    Hint.ATTACH: "Attach it there: csr-tui attach {record} FILE.",
    Hint.ATTACH_FIRST: (
        "Attach the certificate first: csr-tui attach {record} FILE. Until then, --for pem exports key and CSR."
    ),
    Hint.CHOOSE_CA: "Choose one with --ca NAME; csr-tui ca lists them.",
    Hint.CLEAR_KEY: "Export it unencrypted: --key-clear.",
    Hint.CLEAR_OR_PASSWORD: "Leave out --key-clear or --export-password-stdin.",
    Hint.CURRENT_PASSWORD: "Type it, or give it with --password-stdin.",
    Hint.DETACH: "Detach it first: csr-tui detach {record}.",
    Hint.DOCTOR: "Run csr-tui doctor.",
    Hint.EAB: "Give the key id and the key that it gave you: --eab-kid KID --eab-key-stdin.",
    Hint.ENCRYPTED_KEY: "Leave out --key-clear.",
    Hint.ENDPOINT: "Use that endpoint: set CSR_TUI_ENDPOINT, or run csr-tui login.",
    Hint.EXPORT_PASSWORD: "Give a password for the file with --export-password-stdin.",
    Hint.GENERATE: "Generate it here: csr-tui generate {record}.",
    Hint.GIVE_UP: (
        "If its certificate arrives, attach it: csr-tui attach {record} FILE. If none was issued: "
        "csr-tui obtain {record} --give-up."
    ),
    Hint.INSPECT: "csr-tui list shows the records, csr-tui inspect FILE shows the file.",
    Hint.KEYRING: "Unlock or start the keyring and try again.",
    Hint.KEYRING_OR_ENVIRONMENT: (
        "Unlock or start the keyring, or set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY."
    ),
    Hint.LIST: "csr-tui list shows all records.",
    Hint.LIST_CAS: "csr-tui ca lists them.",
    Hint.LIST_TRASH: "csr-tui list --trash shows the trash.",
    Hint.LOGIN: "Enter the right API key: csr-tui login.",
    Hint.LOGIN_FIRST: "Enter one with csr-tui login, or set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY.",
    Hint.MEND: "Wait for it, or run csr-tui doctor --mend.",
    Hint.NEW_FROM: "Create a draft from it: csr-tui new --from FILE.",
    Hint.NEW_PASSWORD: "Give it with --password-stdin, or choose --random-password.",
    Hint.NO_PASSWORD: "Use --no-password with --protect unprotected.",
    Hint.OBTAIN: "Continue it: csr-tui obtain {record}.",
    Hint.OWN_PASSWORD: "Give the key a password of its own first: csr-tui password {record} --change.",
    Hint.PROMPT_NEEDS_PASSWORD: "Leave out --no-password or --protect prompt.",
    Hint.PROMPT_NEEDS_TYPED: "Give one with --password-stdin, or leave out --protect prompt.",
    Hint.PROTECT_ACCOUNT: (
        "Start or unlock the keyring. Or hold the password yourself: --protect prompt. Or store the key of the account "
        "unencrypted: --protect unprotected."
    ),
    Hint.PROVE: "Then continue: csr-tui obtain {record}.",
    Hint.RECONCILE: "Check it: csr-tui reconcile.",
    Hint.RECONCILE_LATER: "Check it after that: csr-tui reconcile.",
    Hint.RECONCILE_TYPING: "Run csr-tui reconcile at a terminal and enter it.",
    Hint.REGISTER: "Register it: the same csr-tui ca add again.",
    Hint.REMOVE_CA: "Choose another name, or remove that CA first: csr-tui ca remove NAME.",
    Hint.RENEW: "Renew it: csr-tui renew {record}.",
    Hint.RENEW_WITH_KEY: (
        "Renew that record with the same key (csr-tui renew {record} --same-key), or share the key (--shared-key)."
    ),
    Hint.RESTORE: "Restore it first: csr-tui restore {record}.",
    Hint.SEND_AGAIN: "Send it again (csr-tui submit {record} --send-again) or detach it (csr-tui detach {record}).",
    Hint.SUBMIT: "Finalise it: csr-tui submit {record}.",
    Hint.SUBMIT_OR_DETACH: "Finalise it there (csr-tui submit {record}) or detach it first (csr-tui detach {record}).",
    Hint.TABLE_PASSWORD: "Give a password with --password-stdin, or leave it out for a random one.",
    Hint.TOKEN_EXTRA: "Install it in the environment of csr-tui: pip install python-pkcs11.",
    Hint.TOKEN_KEY: (
        "Use it (csr-tui generate {record} --token URI), or delete it with the token's own program and run csr-tui "
        "doctor --mend."
    ),
    Hint.TOKEN_MODULE: 'In config.toml: [token], then module = "/path/to/module.so".',
    Hint.TOKEN_PIN: "Type it, or give it with --password-stdin.",
    Hint.TRY_PASSWORD: "Give it with --password-stdin.",
}


def advice(problem: CsrTuiError | Fact) -> str:
    """What to do about it; an empty text where there is nothing."""
    return "" if problem.hint is None else ADVICE[problem.hint].format(record=problem.record or "ID")


def sentence(problem: CsrTuiError | Fact) -> str:
    """What is the case, then what to do."""
    return f"{problem} {advice(problem)}".rstrip()

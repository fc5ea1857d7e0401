"""Key passwords: making a random one, and weighing one that a person typed."""

from __future__ import annotations

import secrets

from csr_tui.core.findings import Finding
from csr_tui.core.secret import Secret
from csr_tui.core.text import is_invisible

ALPHABET = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
RANDOM_LENGTH = 26
"""Characters of a random password: 57 kinds each, 151 bits."""

MIN_LENGTH = 12
MIN_SCORE = 3
MAX_BYTES = 1023
"""The longest password that OpenSSL takes for a PKCS#8 key."""

_ZXCVBN_LIMIT = 72


def random_password() -> Secret:
    """Letters and digits that are not mistaken for one another, and need no quoting in a shell."""
    return Secret("".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH)))


def check(password: Secret, *, context: tuple[str, ...] = ()) -> Finding | None:
    """An error where no key can have this password, a warning where it is weak; `context` holds words to avoid."""
    text = password.reveal()
    if not text:
        return Finding.error("password-empty", "password", "The password is empty. Enter one, or choose no password.")
    if any(is_invisible(char) for char in text):
        return Finding.error(
            "password-control", "password", "The password contains a control character, which other programs reject."
        )
    if len(text.encode()) > MAX_BYTES:
        return Finding.error(
            "password-too-long", "password", f"The password is longer than the {MAX_BYTES} bytes that OpenSSL accepts."
        )
    if len(text) < MIN_LENGTH:
        return Finding.warning(
            "password-short",
            "password",
            f"This password is short: use at least {MIN_LENGTH} characters, such as four or five words.",
        )

    from zxcvbn import zxcvbn

    weighed = zxcvbn(text[:_ZXCVBN_LIMIT], user_inputs=[word for word in context if word])
    if weighed["score"] >= MIN_SCORE:
        return None
    why = weighed["feedback"]["warning"].rstrip(".")
    return Finding.warning(
        "password-guessable",
        "password",
        f"This password is easy to guess{f' ({why})' if why else ''}: use more words, or less common ones.",
        source="zxcvbn",
    )

"""One visit to a token: opened, with its PIN where it needs one, and closed again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from typing import Any

from csr_tui.core.secret import Secret
from csr_tui.core.token_uri import TokenUri
from csr_tui.errors import Hint, TokenError
from csr_tui.token import library


class Pin(Enum):
    """What a token's flags say of its PIN, the worst first; with a sentence, and one for after a wrong PIN."""

    LOCKED = "locked", "The PIN is locked.", "It is locked now. Its administrator can unlock it."
    FINAL_TRY = (
        "final-try",
        "One try is left for the PIN: another wrong one locks it.",
        "One try is left: another wrong one locks it.",
    )
    COUNT_LOW = "count-low", "A wrong PIN was entered.", "Further wrong ones will lock it."
    OK = "ok", "", "The token does not report how many tries are left."

    def __init__(self, word: str, sentence: str, after: str) -> None:
        self.word = word
        self.sentence = sentence
        self.after = after

    @classmethod
    def of(cls, flags: Any) -> Pin:
        """The state in a token's flags."""
        names = library.load().TokenFlag
        return next((pin for pin in cls if pin is cls.OK or names[f"USER_PIN_{pin.name}"] in flags), cls.OK)


@contextmanager
def logged_in(token: Any, where: TokenUri, pin: Secret | None, *, rw: bool = False) -> Iterator[Any]:
    """A session in which the private keys are seen; the PIN is tried once, and what is left of it is told."""
    pkcs11 = library.load()
    flags = pkcs11.TokenFlag
    pad = flags.PROTECTED_AUTHENTICATION_PATH in token.flags
    needed = flags.LOGIN_REQUIRED in token.flags
    with library.errors(where.title):
        if needed and not pad and (pin is None or not pin.reveal()):
            raise TokenError(f"The {where.place} needs its PIN.", hint=Hint.TOKEN_PIN)
        given = pkcs11.PROTECTED_AUTH if pad else pin.reveal() if pin is not None else None
        try:
            session = token.open(rw=rw, user_pin=given if needed else None)
        except (pkcs11.PinIncorrect, pkcs11.PinLocked) as error:
            left = Pin.of(token.slot.get_token().flags)  # read anew: those at hand are from before
            if left is Pin.LOCKED and isinstance(error, pkcs11.PinLocked):
                raise
            raise TokenError(f"{where.title}: The PIN is wrong. {left.after}") from error
        with session:
            yield session


def private_key(session: Any, key: TokenUri) -> Any:
    """The private half of a key, as the library has it; TokenError where there is none, or more than one."""
    pkcs11 = library.load()
    wanted: dict[Any, Any] = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY}
    if key.id is not None:
        wanted[pkcs11.Attribute.ID] = bytes.fromhex(key.id)
    elif key.object is not None:
        wanted[pkcs11.Attribute.LABEL] = key.object
    found = list(session.get_objects(wanted))  # the whole list: a token has one search at a time
    if len(found) > 1 and key.object is not None:  # of one id; a private key alone may have another label
        found = list(session.get_objects(wanted | {pkcs11.Attribute.LABEL: key.object}))
    if len(found) != 1:
        count = "no" if not found else f"{len(found)}"
        raise TokenError(f"{key.title} has {count} private key{'s' * (len(found) > 1)} like this: {key}.")
    return found[0]


def sign(session: Any, key: TokenUri, mechanism: str, data: bytes, pin: Secret | None) -> bytes:
    """A signature by a key; one that wants the PIN anew for each gets it."""
    pkcs11 = library.load()
    private = private_key(session, key)
    again: dict[str, Any] = {}
    with suppress(pkcs11.PKCS11Error):  # not every token knows the attribute
        if private[pkcs11.Attribute.ALWAYS_AUTHENTICATE] and pin is not None:
            again = {"pin": pin.reveal()}
    return bytes(private.sign(data, mechanism=pkcs11.Mechanism[mechanism], **again))

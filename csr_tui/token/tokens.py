"""The tokens of this machine and the keys on them, without a PIN."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

from csr_tui.core.text import escaped
from csr_tui.core.token_uri import TokenUri
from csr_tui.errors import TokenError
from csr_tui.timeouts import TimedOutError, Timeouts
from csr_tui.token import library, public_keys
from csr_tui.token.modules import Module
from csr_tui.token.public_keys import Key

if TYPE_CHECKING:
    import pkcs11

LIMIT = 30.0
"""Seconds for one call to a module; a card that is asked for a signature takes one or two."""


class Pin(Enum):
    """What a token's flags say of its PIN, the worst first; with a sentence."""

    LOCKED = "locked", "The PIN is locked."
    FINAL_TRY = "final-try", "One try is left for the PIN: another wrong one locks it."
    COUNT_LOW = "count-low", "A wrong PIN was entered."
    OK = "ok", ""

    def __init__(self, word: str, sentence: str) -> None:
        self.word = word
        self.sentence = sentence

    @classmethod
    def of(cls, flags: Any) -> Pin:
        """The state in a token's flags."""
        names = library.load().TokenFlag
        return next((pin for pin in cls if pin is cls.OK or names[f"USER_PIN_{pin.name}"] in flags), cls.OK)


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and the keys on it that can be seen without its PIN; with a `pin_pad` that is entered on the device."""

    uri: TokenUri
    module: Module
    pin: Pin
    pin_pad: bool
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class TokenList:
    """The tokens, and a sentence on each module or token that could not be looked at."""

    tokens: tuple[Token, ...]
    problems: tuple[str, ...]


class Tokens:
    """Every call has a limit of time, for a module may hang; one that does is not called again as long as it does."""

    def __init__(
        self, modules: Sequence[Module], *, waiting: Callable[[], None] = lambda: None, limit: float = LIMIT
    ) -> None:
        self.modules = tuple(modules)
        self._limit = limit
        self._timeouts = {module: Timeouts(f"The PKCS #11 module {module.name}", waiting) for module in self.modules}

    def list(self) -> TokenList:
        """Every token of every module; TokenError only where the library is missing."""
        library.load()
        tokens: list[Token] = []
        problems: list[str] = []
        for module in self.modules:
            try:
                found, refused = self._timeouts[module].run(self._limit, partial(_tokens, module))
            except (TokenError, TimedOutError) as error:
                problems.append(str(error))
                continue
            tokens += found
            problems += refused
        return TokenList(tuple(tokens), tuple(problems))


def _tokens(module: Module) -> tuple[list[Token], list[str]]:
    tokens: list[Token] = []
    problems: list[str] = []
    for token in _present(module):
        label = escaped(token.label)
        try:
            with library.errors(f"Token {label}"):
                tokens.append(_described(module, token))
        except TokenError as error:
            problems.append(str(error))
    return tokens, problems


def _present(module: Module) -> Iterator[pkcs11.Token]:
    """The tokens of a module that are there now and have been initialized, as the library has them."""
    pkcs11 = library.load()
    with library.errors(f"The PKCS #11 module {module.name}"):
        if not module.path.is_file():  # a pipe would be waited for without end, and with it the whole program
            raise TokenError(f"The PKCS #11 module {module.name} is no file: {escaped(str(module.path))}.")
        loaded = pkcs11.lib(str(module.path))
        loaded.reinitialize()  # else it does not notice a token that was pulled or put in
        for slot in loaded.get_slots(token_present=True):
            token = slot.get_token()
            if pkcs11.TokenFlag.TOKEN_INITIALIZED in token.flags:
                yield token


def _described(module: Module, token: Any) -> Token:
    pkcs11 = library.load()
    uri = TokenUri(token=token.label, serial=token.serial.decode("utf-8", "replace").strip())
    with token.open() as session:
        keys = tuple(public_keys.keys(session, uri))
    return Token(
        uri=uri,
        module=module,
        pin=Pin.of(token.flags),
        pin_pad=pkcs11.TokenFlag.PROTECTED_AUTHENTICATION_PATH in token.flags,
        keys=keys,
    )

"""The tokens of this machine: which there are, the keys on them, and signing with one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from csr_tui.core.record import KeySpec
from csr_tui.core.secret import Secret
from csr_tui.core.text import escaped
from csr_tui.core.token_uri import TokenUri
from csr_tui.errors import TokenError
from csr_tui.timeouts import TimedOutError, Timeouts
from csr_tui.token import library, new_key, private_key, public_keys, session
from csr_tui.token.modules import Module
from csr_tui.token.public_keys import Key
from csr_tui.token.session import Pin

if TYPE_CHECKING:
    import pkcs11

    from csr_tui.core.keys.kinds import PrivateKey

Result = TypeVar("Result")

LIMIT = 30.0
"""Seconds for one call to a module; a card that is asked for a signature takes one or two."""

_LOCKS: defaultdict[Path, Lock] = defaultdict(Lock)
"""Path of a module -> held while it is called: each call initializes it anew, which ends the sessions of others."""

PIN_PAD = 120.0
"""Seconds for a call during which the PIN is entered on the device."""

MAKING = 180.0
"""Seconds for a new key pair; a card may take a minute or two for RSA."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and the keys on it that can be seen without its PIN; with a `pin_pad` that is entered on the device."""

    uri: TokenUri
    module: Module
    pin: Pin
    pin_pad: bool
    needs_pin: bool
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
        return self._fitting(TokenUri())

    def find(self, uri: TokenUri) -> Token:
        """The one token that a URI names, and its keys that are seen without a PIN; TokenError unless there is one."""
        found = self._fitting(uri.of_token)
        match found.tokens:
            case (token,):
                return token
            case ():
                raise TokenError(" ".join((f"The {uri.place} is not in this machine.", *found.problems)))
        serials = ", ".join(str(token.uri.serial) for token in found.tokens)
        raise TokenError(f"{len(found.tokens)} tokens match the URI. Add the serial of one to it: {serials}.")

    def key(self, token: Token, uri: TokenUri, pin: Secret | None) -> Key:
        """The one key that a URI names; a token that shows none of its keys is asked with the PIN.

        TokenError where there is none, or more than one.
        """
        wanted = TokenUri(object=uri.object, id=uri.id)
        if not (keys := [key for key in token.keys if wanted.fits(key.uri)]):
            keys = [
                key
                for key in self._visit(token, pin, lambda open_: list(public_keys.keys(open_, token.uri)))
                if wanted.fits(key.uri)
            ]
        if len(keys) == 1:
            return keys[0]
        if not keys:
            raise TokenError(f"The {token.uri.place} has no such key: {escaped(str(wanted))}.")
        raise TokenError(
            f"{len(keys)} keys match the URI. Use one of these: {', '.join(str(key.uri) for key in keys)}."
        )

    def try_pin(self, token: Token, pin: Secret) -> None:
        """Log in once; TokenError, with what is left of the tries, where the PIN is wrong."""
        self._visit(token, pin, lambda _: None)

    def make(self, token: Token, spec: KeySpec, uri: TokenUri, pin: Secret | None) -> Key:
        """A new key pair with the label and the id of a URI; TokenError where the token does not make one."""
        key = self._visit(
            token,
            pin,
            lambda open_: Key(uri, public_keys.of_public_key(new_key.make(open_, spec, uri))),
            rw=True,
            limit=max(self._limit, MAKING),
        )
        if key.public is None:
            raise TokenError(f"The {uri.place} generated a key that cannot be read: {uri}.")
        return key

    def holds(self, uri: TokenUri) -> bool | None:
        """Whether a key is on its token, as far as that shows without a PIN; None where the token is not there."""
        found = self._fitting(uri.of_token)
        if not found.tokens:
            return None
        return any(uri.fits(key.uri) for token in found.tokens for key in token.keys)

    def private(self, token: Token, key: Key, pin: Secret | None) -> PrivateKey:
        """A key that signs by way of its token, which gets the PIN once for each signature."""
        if key.public is None:
            raise TokenError(f"Keys of this kind are not supported: {escaped(str(key.uri))}.")

        def sign(mechanism: str, data: bytes) -> bytes:
            return self._visit(token, pin, lambda open_: session.sign(open_, key.uri, mechanism, data, pin))

        return private_key.on_token(key.public, sign)

    def _visit(
        self,
        token: Token,
        pin: Secret | None,
        do: Callable[[Any], Result],
        *,
        rw: bool = False,
        limit: float | None = None,
    ) -> Result:
        """What is done in a session of a token, with its PIN; TokenError where it is gone, or refuses."""

        def visit() -> Result:
            for one in _present(token.module):
                if _uri(one).serial == token.uri.serial and one.label == token.uri.token:
                    with session.logged_in(one, token.uri, pin, rw=rw) as open_:
                        return do(open_)
            raise TokenError(f"The {token.uri.place} was removed.")

        return self._run(token.module, visit, max(limit or self._limit, PIN_PAD if token.pin_pad else 0.0))

    def _run(self, module: Module, function: Callable[[], Result], limit: float | None = None) -> Result:
        limit = limit or self._limit
        try:
            return self._timeouts[module].run(limit, lambda: _alone(module, function, limit / 2))
        except TimedOutError as error:
            raise TokenError(str(error)) from error

    def _fitting(self, uri: TokenUri) -> TokenList:
        library.load()
        tokens: list[Token] = []
        problems: list[str] = []
        for module in self.modules:
            try:
                found, refused = self._run(module, partial(_tokens, module, uri))
            except TokenError as error:
                problems.append(str(error))
                continue
            tokens += found
            problems += refused
        return TokenList(tuple(tokens), tuple(problems))


def _alone(module: Module, function: Callable[[], Result], patience: float) -> Result:
    """What `function` returns, while no other thread of this process calls the module."""
    lock = _LOCKS[module.path]
    if not lock.acquire(timeout=patience):
        raise TokenError(f"The PKCS #11 module {module.name} is still busy with another call.")
    try:
        return function()
    finally:
        lock.release()


def _tokens(module: Module, uri: TokenUri) -> tuple[list[Token], list[str]]:
    tokens: list[Token] = []
    problems: list[str] = []
    for token in _present(module):
        if not uri.fits(_uri(token)):
            continue
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
            raise TokenError(f"The PKCS #11 module {module.name} is not a file: {escaped(str(module.path))}.")
        loaded = pkcs11.lib(str(module.path))
        loaded.reinitialize()  # else it does not notice a token that was pulled or put in
        for slot in loaded.get_slots(token_present=True):
            token = slot.get_token()
            if pkcs11.TokenFlag.TOKEN_INITIALIZED in token.flags:
                yield token


def _uri(token: Any) -> TokenUri:
    """Everything that a URI may state of a token."""
    serial = token.serial.decode("utf-8", "replace").strip()
    return TokenUri(token.label, serial, manufacturer=token.manufacturer_id, model=token.model)


def _described(module: Module, token: Any) -> Token:
    flags = library.load().TokenFlag
    uri = replace(_uri(token), manufacturer=None, model=None)
    with token.open() as open_:
        keys = tuple(public_keys.keys(open_, uri))
    pin_pad = flags.PROTECTED_AUTHENTICATION_PATH in token.flags
    return Token(
        uri=uri,
        module=module,
        pin=Pin.of(token.flags),
        pin_pad=pin_pad,
        needs_pin=flags.LOGIN_REQUIRED in token.flags and not pin_pad,
        keys=keys,
    )

"""The tokens of this machine, by way of its modules, and the keys on them for a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from csr_tui import token
from csr_tui.core.secret import Secret
from csr_tui.core.text import decoded
from csr_tui.core.token_uri import TokenUri
from csr_tui.errors import FileError
from csr_tui.files import is_there, read_file
from csr_tui.lifecycle import existing_key
from csr_tui.lifecycle.existing_key import ExistingKey

if TYPE_CHECKING:
    from csr_tui.paths import Paths
    from csr_tui.storage import RecordStore


def open_tokens(paths: Paths, waiting: Callable[[], None] = lambda: None) -> token.Tokens:
    """The tokens of the modules that the settings name, or of those of p11-kit; TokenError without either."""
    chosen: tuple[token.Module, ...] = ()
    if is_there(paths.settings):
        try:
            chosen = token.chosen(decoded(read_file(paths.settings)))
        except ValueError as error:
            raise FileError(f"{paths.settings} cannot be understood: {error}.") from error
    return token.Tokens(chosen or token.of_p11_kit(), waiting=waiting)


def existing(
    store: RecordStore,
    tokens: token.Tokens,
    holder: token.Token,
    uri: TokenUri,
    pin: Secret | None,
    *,
    shared: bool = False,
) -> ExistingKey:
    """The key that a URI names, on the token that `tokens.find` gave for it; the PIN is used when it signs.

    TokenError where the token does not have it; InvalidError where it is weak or of a kind that is not used;
    StateError where a record has it already, unless it may be `shared`. Blocks: a module may take its time.
    """
    key = tokens.key(holder, uri, pin)
    private = tokens.private(holder, key, pin)
    existing_key.accept(store, private, shared=shared)
    return ExistingKey(private, None, strength_accepted=True, token=key.uri)

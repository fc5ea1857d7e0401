"""The tokens of this machine, by way of its modules, and the keys on them for a request."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from csr_tui import token
from csr_tui.core.record import Record
from csr_tui.core.secret import Secret
from csr_tui.core.text import decoded
from csr_tui.core.token_uri import TokenUri
from csr_tui.errors import FileError, TokenError
from csr_tui.files import is_there, read_file
from csr_tui.lifecycle import existing_key
from csr_tui.lifecycle.existing_key import ExistingKey
from csr_tui.lifecycle.steps import Point, Reached

if TYPE_CHECKING:
    from csr_tui.paths import Paths
    from csr_tui.storage import RecordStore


def open_tokens(paths: Paths, waiting: Callable[[], None] = lambda: None) -> token.Tokens:
    """The tokens of the modules in the settings, or of those of p11-kit; TokenError without these or the library."""
    token.check_library()
    chosen: tuple[token.Module, ...] = ()
    if is_there(paths.settings):
        try:
            chosen = token.chosen(decoded(read_file(paths.settings)))
        except ValueError as error:
            raise FileError(f"{paths.settings} cannot be read: {error}.") from error
    return token.Tokens(chosen or token.of_p11_kit(), waiting=waiting)


def check_unlocked(holder: token.Token) -> None:
    """TokenError where no PIN is of use any more."""
    if holder.pin is token.Pin.LOCKED:
        raise TokenError(f"{holder.uri.title}: {holder.pin.sentence} Its administrator can unlock it.")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key pair that is to be made on a token; the PIN is used when it is made, and once more when it signs."""

    tokens: token.Tokens
    holder: token.Token
    pin: Secret | None = field(repr=False)

    def make(self, store: RecordStore, record: Record, reached: Reached) -> ExistingKey:
        """Make it, with the record's id as its label; label and id are in the store before the token has the key.

        They stay there until a record has it, or the token shows that it does not. Nothing on a token is deleted.
        """
        uri = replace(self.holder.uri, object=record.id, id=secrets.token_hex(8))
        store.token_keys.note(uri, record.id)
        reached(Point.TOKEN_KEY_NOTED)
        try:
            key = self.tokens.make(self.holder, record.key, uri, self.pin)
        except TokenError:
            if self.tokens.holds(uri) is False:
                store.token_keys.forget(uri)
            raise
        return ExistingKey(self.tokens.private(self.holder, key, self.pin), None, strength_accepted=True, token=uri)


def left_behind(store: RecordStore, paths: Paths, living: Collection[str | None]) -> dict[TokenUri, bool | None]:
    """The keys that were about to be made on tokens and that no record has, each with whether it is there: None where
    that is not known. Those of records that a `living` process works on are left out. Blocks."""
    noted = [key.uri for key in store.token_keys.all() if key.record_id not in living]
    try:
        tokens = open_tokens(paths) if noted else None
        return {} if tokens is None else {uri: tokens.holds(uri) for uri in noted}
    except (TokenError, FileError):  # without modules
        return dict.fromkeys(noted)


def new_key(tokens: token.Tokens, holder: token.Token, record: Record, pin: Secret | None) -> NewKey:
    """The key that a draft is to get on a token; TokenError for a kind that is not made there."""
    token.check_kind(record.key)
    return NewKey(tokens, holder, pin)


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

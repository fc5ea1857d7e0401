"""The keys on the tokens of this machine, as a draft can have them, and a new one on each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from csr_tui.core.keys.kinds import kind_of, label_of
from csr_tui.core.questions import Option
from csr_tui.core.record import KeySpec, Record
from csr_tui.core.text import escaped
from csr_tui.core.token_uri import TokenUri
from csr_tui.errors import TokenError
from csr_tui.token import Key, Pin, Token, TokenList, check_kind


def options(found: TokenList, record: Record) -> tuple[Option[Key], ...]:
    """Each key, with its token and the state of the PIN; the one that a draft names is there in any case."""
    tokens = sorted(found.tokens, key=lambda token: str(token.uri))
    offered = [option for token in tokens for option in _of_token(token, record)]
    uri = record.token
    if uri is not None and uri != TokenUri() and find(offered, uri) is None:
        why = "It is not in this machine now, or shows this key only with its PIN."
        offered.insert(0, Option(Key(uri, None), key_name(uri), (f"{uri.title}. {why}",)))
    return tuple(offered)


def find(offered: Sequence[Option[Key]], drafted: TokenUri | None) -> Key | None:
    """The key of a list that a draft names."""
    if drafted is None or drafted == TokenUri():
        return None
    keys = (option.value for option in offered)
    return next((key for key in keys if drafted.fits(key.uri) and drafted.names_key is key.uri.names_key), None)


def key_name(uri: TokenUri) -> str:
    """A key on a token in words, fit for a terminal."""
    if not uri.names_key:
        return "new key"
    return escaped(uri.object) if uri.object else f"key {uri.id}"


def _of_token(token: Token, record: Record) -> Iterator[Option[Key]]:
    """The first has the line on the token."""
    line = f"{token.uri.title}. {token.pin.sentence}".rstrip()
    locked = line if token.pin is Pin.LOCKED else ""
    where = f"on {escaped(token.uri.token or 'a token')}"
    lines: tuple[str, ...] = (line,)
    for key in sorted(token.keys, key=lambda key: key_name(key.uri)):
        spec = key.spec
        title = f"{key_name(key.uri)}, {'unknown type' if spec is None else label_of(spec)}, {where}"
        known = spec is not None and kind_of(spec) is not None
        yield Option(key, title, lines, locked or ("" if known else "This type of key is not supported."))
        lines = ()
    if not token.keys:
        lines = (f"{line} No keys are visible without the PIN.",)
    yield Option(Key(token.uri, None), f"New key, {where}", lines, locked or _refusal(record.key))


def _refusal(spec: KeySpec) -> str:
    """Why a token makes no such key, if it does not."""
    try:
        check_kind(spec)
    except TokenError as error:
        return str(error)
    return ""

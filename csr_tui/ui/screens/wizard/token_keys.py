"""The keys on the tokens of this machine, as the fourth step offers them."""

from __future__ import annotations

from collections.abc import Iterator

from csr_tui.core.keys.kinds import kind_of, label_of
from csr_tui.core.questions import Option
from csr_tui.core.text import escaped
from csr_tui.core.token_uri import TokenUri
from csr_tui.token import Key, Pin, Token, TokenList


def options(found: TokenList, drafted: TokenUri | None) -> tuple[Option[Key], ...]:
    """Each key, with its token and the state of the PIN; the one that a draft names is there in any case."""
    offered = [option for token in sorted(found.tokens, key=lambda one: str(one.uri)) for option in _of_token(token)]
    if drafted is not None and drafted.names_key and find(offered, drafted) is None:
        why = "It is not in this machine now, or shows this key only with its PIN."
        offered.insert(0, Option(Key(drafted, None), key_name(drafted), (f"{drafted.title}. {why}",)))
    return tuple(offered)


def find(offered: list[Option[Key]] | tuple[Option[Key], ...], drafted: TokenUri | None) -> Key | None:
    """The key of a list that a draft names."""
    if drafted is None or not drafted.names_key:
        return None
    return next((option.value for option in offered if drafted.fits(option.value.uri)), None)


def key_name(uri: TokenUri) -> str:
    """A key on a token in words, fit for a terminal."""
    return escaped(uri.object) if uri.object else f"key {uri.id}"


def _of_token(token: Token) -> Iterator[Option[Key]]:
    """The first has the line on the token."""
    line = f"{token.uri.title}. {token.pin.sentence}".rstrip()
    if not token.keys:
        yield Option(Key(token.uri, None), "No keys that it shows without the PIN", refusal=line)
    for number, key in enumerate(sorted(token.keys, key=lambda key: key_name(key.uri))):
        spec = key.spec
        title = f"{key_name(key.uri)}, {'unknown type' if spec is None else label_of(spec)}"
        if token.pin is Pin.LOCKED:
            refusal = line
        else:
            refusal = "" if spec is not None and kind_of(spec) else "This type of key is not supported."
        yield Option(key, f"{title}, on {escaped(token.uri.token or 'a token')}", (line,) * (not number), refusal)

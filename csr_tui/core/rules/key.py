"""The rules of key kinds: which algorithm and size who takes."""

from __future__ import annotations

import re
from functools import cache

from csr_tui.core.findings import Finding
from csr_tui.core.keys.kinds import ALGORITHMS, KINDS, KeyKind, algorithm_named, either, missing, of_algorithm
from csr_tui.core.record import KeySpec, Purpose
from csr_tui.core.text import escaped, plain

LONGEST = 64

_ALGORITHMS = {word: row.name for row in ALGORITHMS for word in (row.name, *row.spellings)}
_PARAMETERS = {word: kind.parameter for kind in KINDS for word in (kind.parameter, *kind.spellings)}


def meant_algorithm(text: str) -> str | None:
    """The algorithm that a text certainly means, in whatever case and by whatever usual name."""
    return _ALGORITHMS.get(_word(text).upper())


def meant_parameter(text: str) -> str | None:
    """The size or curve that a text certainly means: `2,048`, `2048 bit`, `2048.0`, `P-256`, `NIST P-384`."""
    word = _word(text).casefold()
    size = re.fullmatch(r"(\d)[,. '’\u00a0\u202f]?(\d{3})(?:\.0+)?(?:[ -]?bits?)?", word)
    return _PARAMETERS.get("".join(size.groups()) if size else re.sub(r"[ _-]", "", word))


def meant_kind(text: str) -> KeySpec | None:
    """The kind of key that a text certainly means in the place of an algorithm: `RSA-2048`, `P-256`, `ECDSA P-384`."""
    return _kinds().get(_joined(_word(text)))


@cache
def _kinds() -> dict[str, KeySpec]:
    return {name: kind.spec for kind in reversed(KINDS) for name in _names_of(kind)}


def _names_of(kind: KeyKind) -> set[str]:
    sizes = {_joined(size) for size in (kind.parameter, *kind.spellings)}
    algorithms = {_joined(name) for name in (kind.algorithm.name, *kind.algorithm.spellings)}
    return {f"{name}{size}" for name in algorithms for size in sizes} | {size for size in sizes if not size.isdigit()}


def _joined(text: str) -> str:
    return re.sub(r"[\s_-]", "", text).casefold()


def _word(text: str) -> str:
    """In the letters of a keyboard; nothing where it is longer than any name of an algorithm, a size or a curve."""
    return plain(text.strip()) if len(text) <= LONGEST else ""


def algorithm(text: str, purpose: Purpose) -> Finding | None:
    """One that keys are generated with, on this machine too; for a public CA, one that it takes."""
    row = algorithm_named(text)
    if row is None:
        names = either([row.name for row in ALGORITHMS])
        return Finding.error(
            "algorithm-unknown", "algorithm", f"Choose {names}.", source="BR 6.1.5", fix=meant_algorithm(text)
        )
    public = list(dict.fromkeys(kind.algorithm.name for kind in KINDS if kind.public))
    if row.name not in public and purpose is Purpose.PUBLIC:
        return Finding.error(
            "algorithm-not-public",
            "algorithm",
            f"No public CA signs {row.label} keys: choose {either(public)}.",
            source="BR 6.1.5",
            fix=public[-1],
        )
    if why := missing(row):
        return Finding.error("key-not-here", "algorithm", f"{why} Update it, or choose another key type.")
    return None


def key_parameter(text: str, purpose: Purpose) -> Finding | None:
    """A size or a curve that some algorithm has."""
    del purpose
    known = [kind.parameter for kind in KINDS]
    if text in known:
        return None
    return Finding.error(
        "key-parameter-unknown",
        "key_parameter",
        f"Choose a supported size or curve: {', '.join(known)}.",
        source="BR 6.1.5",
        fix=meant_parameter(text),
    )


def fits(spec: KeySpec) -> Finding | None:
    """Whether the size or curve belongs to the algorithm."""
    offered = [kind.parameter for kind in of_algorithm(spec.algorithm)]
    if not offered or spec.parameter in offered:
        return None
    return Finding.error(
        "key-parameter-misfit",
        "key_parameter",
        f"{escaped(spec.algorithm)} needs {', '.join(offered)}, not {escaped(spec.parameter[:40])}.",
        source="BR 6.1.5",
    )

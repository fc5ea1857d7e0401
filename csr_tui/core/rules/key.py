"""The rules of key kinds: which algorithm and size who takes."""

from __future__ import annotations

import re

from csr_tui.core.findings import Finding
from csr_tui.core.record import ALGORITHMS, KEY_KINDS, KeySpec, Purpose, kind_of
from csr_tui.core.text import visible

_ALGORITHMS = {"EC": "ECC", "ECDSA": "ECC", "RSA": "RSA", "ECC": "ECC", "ED25519": "ED25519", "EDDSA": "ED25519"}
_CURVES = {
    "p256": "prime256v1",
    "nistp256": "prime256v1",
    "prime256v1": "prime256v1",
    "secp256r1": "prime256v1",
    "p384": "secp384r1",
    "nistp384": "secp384r1",
    "secp384r1": "secp384r1",
    "ed25519": "ed25519",
}


def meant_algorithm(text: str) -> str | None:
    """The algorithm that a text certainly means, in whatever case and by whatever usual name."""
    return _ALGORITHMS.get(text.strip().upper())


def meant_parameter(text: str) -> str | None:
    """The size or curve that a text certainly means: `2,048`, `2048 bit`, `2048.0`, `P-256`, `NIST P-384`."""
    word = text.strip().casefold()
    size = re.fullmatch(r"(\d)[,. '’\u00a0\u202f]?(\d{3})(?:\.0+)?(?:[ -]?bits?)?", word)
    found = "".join(size.groups()) if size else _CURVES.get(re.sub(r"[ _-]", "", word))
    return found if any(found == kind.spec.parameter for kind in KEY_KINDS) else None


def algorithm(text: str, purpose: Purpose) -> Finding | None:
    """RSA, ECC, and for one's own CA Ed25519."""
    if text not in ALGORITHMS:
        return Finding.error("algorithm", "Choose RSA, ECC or ED25519.", source="BR 6.1.5", fix=meant_algorithm(text))
    if text == "ED25519" and purpose is Purpose.PUBLIC:
        return Finding.error(
            "algorithm", "No public CA signs Ed25519 keys: choose RSA or ECC.", source="BR 6.1.5", fix="ECC"
        )
    return None


def key_parameter(text: str, purpose: Purpose) -> Finding | None:
    """A size or a curve that some algorithm has."""
    del purpose
    known = [kind.spec.parameter for kind in KEY_KINDS]
    if text in known:
        return None
    return Finding.error(
        "key_parameter",
        f"Choose a size or a curve this program makes: {', '.join(known)}.",
        source="BR 6.1.5",
        fix=meant_parameter(text),
    )


def fits(spec: KeySpec) -> Finding | None:
    """Whether the size or curve belongs to the algorithm."""
    if spec.algorithm not in ALGORITHMS or kind_of(spec) is not None:
        return None
    offered = ", ".join(kind.spec.parameter for kind in KEY_KINDS if kind.spec.algorithm == spec.algorithm)
    return Finding.error(
        "key_parameter",
        f"{visible(spec.algorithm)} goes with {offered}, not with {visible(spec.parameter[:40])}.",
        source="BR 6.1.5",
    )

"""A new key pair on a token, which its private half never leaves."""

from __future__ import annotations

from typing import Any

from csr_tui.core.keys.kinds import label_of
from csr_tui.core.record import KeySpec
from csr_tui.core.token_uri import TokenUri
from csr_tui.errors import TokenError
from csr_tui.token import library

_CURVES = {
    KeySpec("ECC", "prime256v1"): ("EC", bytes.fromhex("06082a8648ce3d030107")),
    KeySpec("ECC", "secp384r1"): ("EC", bytes.fromhex("06052b81040022")),
    KeySpec("ED25519", "ed25519"): ("EC_EDWARDS", b"\x13\x0cedwards25519"),
}
"""Kind of key -> its type and parameters in PKCS #11; Ed25519 by the name of its curve, as SoftHSM wants."""


def check_kind(spec: KeySpec) -> None:
    """TokenError for a kind of key that is not made on tokens here."""
    if spec.algorithm != "RSA" and spec not in _CURVES:
        raise TokenError(f"csr-tui does not generate {label_of(spec)} keys on a token.")


def make(session: Any, spec: KeySpec, uri: TokenUri) -> Any:
    """The public half, as the library has it; label and id are those of the URI. TokenError where the private half
    could leave the token."""
    pkcs11 = library.load()
    attribute = pkcs11.Attribute
    common: dict[str, Any] = {
        "id": bytes.fromhex(uri.id or ""),
        "label": uri.object,
        "store": True,
        "capabilities": pkcs11.MechanismFlag.SIGN | pkcs11.MechanismFlag.VERIFY,
        "public_template": {attribute.PRIVATE: False},
        "private_template": {attribute.PRIVATE: True, attribute.SENSITIVE: True, attribute.EXTRACTABLE: False},
    }
    if spec.algorithm == "RSA":
        public, private = session.generate_keypair(pkcs11.KeyType.RSA, int(spec.parameter), **common)
    else:
        kind, parameters = _CURVES[spec]
        domain = session.create_domain_parameters(pkcs11.KeyType[kind], {attribute.EC_PARAMS: parameters}, local=True)
        public, private = domain.generate_keypair(**common)
    if not private[attribute.SENSITIVE] or private[attribute.EXTRACTABLE]:
        raise TokenError(f"The {uri.place} generated a key that can be exported from it: {uri}. Do not use it.")
    return public

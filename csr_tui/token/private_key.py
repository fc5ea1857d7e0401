"""A private key that stays on its token, as pyca takes it: one that can sign, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, cast

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from csr_tui.core.keys.kinds import PrivateKey, PublicKey
from csr_tui.errors import TokenError

Sign: TypeAlias = Callable[[str, bytes], bytes]
"""Signs bytes by a mechanism, which is named as python-pkcs11 names it."""


def on_token(public: PublicKey, sign: Sign) -> PrivateKey:
    """The private half of this key, whose signatures `sign` makes; TokenError for a kind that no token has here."""
    match public:
        case rsa.RSAPublicKey():
            return _key(rsa.RSAPrivateKey, public, lambda data, _, digest: sign(f"{_name(digest)}_RSA_PKCS", data))
        case ec.EllipticCurvePublicKey():
            return _key(ec.EllipticCurvePrivateKey, public, lambda data, how: _ecdsa(sign, data, how.algorithm))
        case ed25519.Ed25519PublicKey():
            return _key(ed25519.Ed25519PrivateKey, public, lambda data: sign("EDDSA", data))
    raise TokenError("Keys of this kind cannot be used on a token.")


def _key(base: type[Any], public: PublicKey, sign: Callable[..., bytes]) -> PrivateKey:
    def stays(*_: object, **__: object) -> None:
        raise TokenError("The private key never leaves its token.")

    members: dict[str, Any] = dict.fromkeys(base.__abstractmethods__, stays)
    members |= {"public_key": lambda _: public, "sign": lambda _, data, *how: sign(bytes(data), *how)}
    return cast("PrivateKey", type("KeyOnToken", (base,), members)())


def _name(digest: hashes.HashAlgorithm) -> str:
    return digest.name.upper()


def _ecdsa(sign: Sign, data: bytes, digest: hashes.HashAlgorithm) -> bytes:
    """A token signs a digest, and returns the two numbers one after the other."""
    hashing = hashes.Hash(digest)
    hashing.update(data)
    raw = sign("ECDSA", hashing.finalize())
    middle = len(raw) // 2
    return encode_dss_signature(int.from_bytes(raw[:middle], "big"), int.from_bytes(raw[middle:], "big"))

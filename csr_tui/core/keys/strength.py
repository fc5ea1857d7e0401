"""The rules of keys that were made elsewhere: those whose private half is public, or can be computed, are refused."""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd, isqrt, prod

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from csr_tui.core.findings import Code, Finding
from csr_tui.core.keys import published
from csr_tui.core.keys.kinds import PublicKey
from csr_tui.core.text import escaped

SMALLEST = 2048
"""Bits (BR 6.1.5)."""

LARGEST = 16_384
"""Bits; OpenSSL verifies nothing with more, and to look for weaknesses in more takes minutes."""

SMALLEST_CURVE = 256
"""Bits (BR 6.1.5)."""

EXPONENT = 65537
FERMAT_ROUNDS = 100

NEW_KEY = " Generate a new key."
"""What the owner of a broken key can do."""

_PRIMES = tuple(n for n in range(2, 752) if all(n % divisor for divisor in range(2, isqrt(n) + 1)))
_SMALL_FACTORS = prod(_PRIMES)


_ROCA = {
    prime: frozenset(pow(EXPONENT, exponent, prime) for exponent in range(prime))
    for prime in _PRIMES
    if 3 <= prime <= 167
}
"""Infineon's library made its primes powers of 65537 modulo each of these (CVE-2017-15361)."""


def rsa_key(modulus: int, exponent: int) -> Finding | None:
    """An error where a public key cannot be trusted; a millisecond for 4096 bits."""
    bits = modulus.bit_length()
    if bits < SMALLEST:
        return _error(
            "key-too-small",
            f"The key is weak: RSA needs at least {SMALLEST} bits, and this key has {bits}.",
            "BR 6.1.5",
        )
    if bits > LARGEST:
        return _error(
            "key-too-large",
            f"The key is too large: csr-tui accepts at most {LARGEST:,} bits, and this key has {bits:,}.",
            "",
        )
    if exponent != EXPONENT:
        return _error("key-exponent", f"The key's public exponent is not {EXPONENT}.{NEW_KEY}", "BR 6.1.6")
    if gcd(modulus, _SMALL_FACTORS) != 1:
        return _error("key-small-factor", f"The key is broken: its modulus has a small factor.{NEW_KEY}", "BR 6.1.6")
    if _primes_are_close(modulus):
        return _error(
            "key-close-primes",
            f"The key is broken: its primes are so close that anyone can compute them.{NEW_KEY}",
            "BR 6.1.1.3",
        )
    if all(modulus % prime in powers for prime, powers in _ROCA.items()):
        return _error("key-roca", f"The key is broken: a faulty chip generated it (ROCA).{NEW_KEY}", "BR 6.1.1.3")
    return None


def weakness(key: PublicKey) -> Finding | None:
    """An error where a key that was made elsewhere cannot be trusted; a millisecond for RSA 4096."""
    finding = None
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        finding = rsa_key(numbers.n, numbers.e)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        finding = ec_key(key.curve.key_size)
    return finding or published_key(key)


def published_key(key: PublicKey) -> Finding | None:
    """An error where badkeys' list of published private keys has this one (Debian's of 2008: CVE-2008-0166)."""
    if (collection := published.collection(key)) is None:
        return None
    listed = f"its private key is public (badkeys: {escaped(collection)})"
    return _error("key-published", f"The key is broken: {listed}.{NEW_KEY}", "BR 6.1.1.3")


def shared_prime(modulus: int, others: Mapping[int, str]) -> Finding | None:
    """An error where another modulus, of the record that it leads to, has a prime in common; then both are known."""
    for other, record_id in others.items():
        if other != modulus and gcd(modulus, other) != 1:
            sentence = f"The key is broken: it shares a prime with the key of record {record_id}:"
            return _error(
                "key-shared-prime", f"{sentence} anyone can compute both. Generate a new key for each.", "BR 6.1.1.3"
            )
    return None


def ec_key(bits: int) -> Finding | None:
    """An error where a curve is too small to be trusted."""
    if bits < SMALLEST_CURVE:
        return _error(
            "key-too-small",
            f"The key is weak: a curve needs at least {SMALLEST_CURVE} bits, and this one has {bits}.",
            "BR 6.1.5",
        )
    return None


def _primes_are_close(modulus: int) -> bool:
    """Fermat's factorisation, for as many rounds as BR 6.1.1.3 asks for."""
    middle = isqrt(modulus - 1) + 1
    for candidate in range(middle, middle + FERMAT_ROUNDS):
        rest = candidate * candidate - modulus
        if isqrt(rest) ** 2 == rest:
            return True
    return False


def _error(code: Code, message: str, source: str) -> Finding:
    return Finding.error(code, "key_parameter", message, source=source)

"""RSA keys from elsewhere: the ones that can be broken are told from the good."""

from __future__ import annotations

import random
from functools import cache
from math import gcd, isqrt, prod
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from csr_tui.core import inspect
from csr_tui.core.keys.strength import rsa_key

if TYPE_CHECKING:
    from collections.abc import Callable

CHANCE = random.Random(20261123)
SMALL = [number for number in range(2, 2000) if all(number % divisor for divisor in range(2, isqrt(number) + 1))]
PRODUCT = prod(SMALL)


def is_prime(number: int) -> bool:
    """Miller and Rabin, for the numbers that these tests make."""
    if gcd(number, PRODUCT) > 1:
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(12):
        power = pow(CHANCE.randrange(2, number - 1), odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def prime_after(number: int, step: int = 2) -> int:
    while not is_prime(number):
        number += step
    return number


def roca_prime(bits: int) -> int:
    """A prime as the faulty chips made them: k * M + (65537 ** a mod M)."""
    product = prod(small for small in SMALL if small < 168)
    chance = random.Random(bits)
    start = chance.getrandbits(bits - product.bit_length() - 1) | 1 << (bits - product.bit_length() - 1)
    return prime_after(start * product + pow(65537, chance.randrange(1, 10**6), product), product)


@cache
def primes() -> tuple[int, int]:
    """Two of 1024 bits, found by the first test that needs them: every process of a run imports this file."""
    chance = random.Random(20261123)
    p, q = (prime_after(chance.getrandbits(1024) | 1 << 1023 | 1 << 1022 | 1) for _ in range(2))
    return p, q


@pytest.mark.parametrize(
    ("modulus", "exponent", "says"),
    [
        (lambda p, q: (p >> 600 | 1) * q, 65537, "weak"),
        (lambda p, q: p * q, 3, "exponent"),
        (lambda p, q: p * q * 3, 65537, "small factor"),
        (lambda p, q: p * q * 751, 65537, "small factor"),
        (lambda p, _: p * prime_after(p + 2), 65537, "so close"),
        (lambda *_: roca_prime(1024) * roca_prime(1030), 65537, "ROCA"),
    ],
    ids=["short", "exponent", "factor 3", "factor 751", "close primes", "ROCA"],
)
def test_a_key_that_can_be_broken_is_refused(modulus: Callable[[int, int], int], exponent: int, says: str) -> None:
    finding = rsa_key(modulus(*primes()), exponent)

    assert finding is not None
    assert says in finding.message


def test_good_keys_pass() -> None:
    assert rsa_key(prod(primes()), 65537) is None
    for size in ("2048", "3072", "4096"):
        numbers = generate_private_key(65537, int(size)).public_key().public_numbers()
        assert rsa_key(numbers.n, numbers.e) is None


def test_inspect_tells_a_broken_key() -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    prime, _ = primes()
    broken = RSAPublicNumbers(65537, prime * prime_after(prime + 2)).public_key()
    pem = broken.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    (item,) = inspect.read(pem)

    assert "so close" in item.problems[0]

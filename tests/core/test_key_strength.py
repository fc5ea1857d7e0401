"""RSA keys from elsewhere: the ones that can be broken are told from the good."""

from __future__ import annotations

import random
from math import prod

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from csr_tui.core import inspect
from csr_tui.core.keys.strength import rsa_key

CHANCE = random.Random(20261123)


def is_prime(number: int) -> bool:
    """Miller and Rabin, for the numbers that these tests make."""
    if any(number % small == 0 for small in (2, 3, 5, 7, 11, 13, 17, 19, 23)):
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
    small = [number for number in range(2, 168) if all(number % divisor for divisor in range(2, number))]
    product = prod(small)
    start = CHANCE.getrandbits(bits - product.bit_length() - 1) | 1 << (bits - product.bit_length() - 1)
    return prime_after(start * product + pow(65537, CHANCE.randrange(1, 10**6), product), product)


ODD = CHANCE.getrandbits(1024) | 1 << 1023 | 1 << 1022 | 1
P = prime_after(ODD)
Q = prime_after(CHANCE.getrandbits(1024) | 1 << 1023 | 1 << 1022 | 1)


@pytest.mark.parametrize(
    ("modulus", "exponent", "says"),
    [
        ((P >> 600 | 1) * Q, 65537, "weak"),
        (P * Q, 3, "exponent"),
        (P * Q * 3, 65537, "small factor"),
        (P * Q * 751, 65537, "small factor"),
        (P * prime_after(P + 2), 65537, "so close"),
        (roca_prime(1024) * roca_prime(1030), 65537, "ROCA"),
    ],
    ids=["short", "exponent", "factor 3", "factor 751", "close primes", "ROCA"],
)
def test_a_key_that_can_be_broken_is_refused(modulus: int, exponent: int, says: str) -> None:
    finding = rsa_key(modulus, exponent)

    assert finding is not None
    assert says in finding.message


def test_good_keys_pass() -> None:
    assert rsa_key(P * Q, 65537) is None
    for size in ("2048", "3072", "4096"):
        numbers = generate_private_key(65537, int(size)).public_key().public_numbers()
        assert rsa_key(numbers.n, numbers.e) is None


def test_inspect_tells_a_broken_key() -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    broken = RSAPublicNumbers(65537, P * prime_after(P + 2)).public_key()
    pem = broken.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    (item,) = inspect.read(pem)

    assert "so close" in item.problems[0]

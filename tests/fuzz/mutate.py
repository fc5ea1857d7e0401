"""Inputs made of good ones, each a little or very wrong, and the same again for the same number."""

from __future__ import annotations

import random

TOKENS = (
    *(bytes((value,)) for value in (0, 1, 0x1B, 0x7F, 0x80, 0xFF)),
    *(
        text.encode()
        for text in ("\u202e", "\u3002", "ß", "\U0001f4a9", "\u0130", "xn--", "--", "*.", "@", "=", ",", "[", "\n")
    ),
    *(
        b"-----BEGIN CERTIFICATE-----",
        b"-----END ",
        b"://",
        b"null",
        b"1e999",
        b"\xed\xa0\x80",
        b"\x30\x80",
        b"\x30\x84\xff\xff\xff\xff",
    ),
)
"""What parsers stumble over."""

LARGEST = 1 << 16
"""Bytes of an input: mutations that double must end somewhere."""


def mutated(seeds: tuple[bytes, ...], which: str) -> bytes:
    """One input; `which` names it for good."""
    dice = random.Random(which)
    data = bytearray(dice.choice(seeds))
    for _ in range(dice.choice((1, 1, 1, 2, 3, 5, 9))):
        at = dice.randrange(len(data) + 1)
        some = dice.randrange(1, 9)
        match dice.randrange(8):
            case 0 if data:
                data[at % len(data)] ^= 1 << dice.randrange(8)
            case 1:
                data[at:at] = dice.choice(TOKENS)
            case 2:
                del data[at : at + some]
            case 3:
                data[at : at + some] = dice.randbytes(some)
            case 4:
                del data[at:]
            case 5:
                data[at:at] = data[at : at + some * dice.choice((1, 9, 99))]
            case 6:
                other = dice.choice(seeds)
                data[at:] = other[dice.randrange(len(other) + 1) :]
            case _ if data:
                data[at % len(data)] = dice.choice((0, 0x7F, 0x80, 0xFF))
        del data[LARGEST:]
    return bytes(data)

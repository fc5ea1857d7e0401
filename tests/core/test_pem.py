"""The reader of PEM: what is read at once is what would be read line by line."""

from __future__ import annotations

import base64
import json
import textwrap

from hypothesis import given
from hypothesis import strategies as st

from csr_tui.core import pem

LABELS = st.sampled_from(["CERTIFICATE", "PRIVATE KEY", "X509 CRL", "OpenVPN Static key V1", "A-B"])
BLOCKS = st.lists(st.tuples(LABELS, st.binary(min_size=1, max_size=300)), min_size=1, max_size=4)


def written(blocks: list[tuple[str, bytes]]) -> bytes:
    return b"".join(pem.armoured(pem.Block(label, der)) for label, der in blocks)


@given(BLOCKS)
def test_what_is_written_is_read_with_its_lines(blocks: list[tuple[str, bytes]]) -> None:
    found = pem.blocks(written(blocks))

    assert [(block.label, block.der, block.wrong, block.odd) for block in found] == [(*one, "", "") for one in blocks]
    lines = written(blocks).decode().splitlines()
    assert all(lines[block.line - 1] == f"-----BEGIN {block.label}-----" for block in found)


@given(BLOCKS)
def test_a_first_line_of_text_moves_the_lines_and_nothing_else(blocks: list[tuple[str, bytes]]) -> None:
    """The text keeps the file from being read at once."""
    at_once, by_line = pem.blocks(written(blocks)), pem.blocks(b"# a comment\n" + written(blocks))

    moved = [(one.label, one.der, one.line + 1, one.wrong, one.odd) for one in at_once]
    assert [(one.label, one.der, one.line, one.wrong, one.odd) for one in by_line] == moved


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_bytes_between_break_the_walk(noise: bytes, place: int) -> None:
    data = written([("CERTIFICATE", b"0" * 200)])
    place %= len(data)

    assert pem.blocks(data[:place] + noise + data[place:])


@given(st.binary(min_size=3, max_size=300), st.integers(1, 200))
def test_base64_alone_is_one_block_however_it_is_wrapped(data: bytes, width: int) -> None:
    sequence = b"\x30\x82" + len(data).to_bytes(2, "big") + data
    text = "\n".join(textwrap.wrap(base64.b64encode(sequence).decode(), width))

    (block,) = pem.blocks(text.encode())

    assert (block.label, block.der) == ("", sequence)


@given(BLOCKS, st.sampled_from(["/", "\\/"]), st.sampled_from(["+", "\\u002B"]), st.sampled_from([None, 2]))
def test_blocks_inside_the_strings_of_json_are_read(
    blocks: list[tuple[str, bytes]], slash: str, plus: str, indent: int | None
) -> None:
    document = {"chain": [written([block]).decode() for block in blocks], "note": "a\nb"}
    text = json.dumps(document, indent=indent).replace("/", slash).replace("+", plus)

    found = pem.blocks(text.encode())

    odd = "its lines are inside a string, as in JSON"
    assert [(block.label, block.der, block.wrong, block.odd) for block in found] == [(*one, "", odd) for one in blocks]
    lines = text.splitlines()
    assert all(f"-----BEGIN {block.label}-----" in lines[block.line - 1] for block in found)


@given(BLOCKS, st.sampled_from(["", '"', "'"]))
def test_a_block_in_the_value_of_a_variable_is_read(blocks: list[tuple[str, bytes]], quote: str) -> None:
    value = written(blocks).decode().strip().replace("\n", "\\n")

    found = pem.blocks(f"A=1\nTLS={quote}{value}{quote}\nB=2\n".encode())

    assert [(block.label, block.der, block.line, block.wrong) for block in found] == [(*one, 2, "") for one in blocks]

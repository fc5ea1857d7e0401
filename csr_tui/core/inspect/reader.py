"""Reading a file, block by block where it is PEM, and by what it is where it is DER."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from csr_tui.core import archive, formats, pem
from csr_tui.core.findings import InvalidError
from csr_tui.core.inspect import containers, parsers
from csr_tui.core.inspect.item import CERTIFICATE, PRIVATE_KEY, Item
from csr_tui.core.inspect.matching import judge_together
from csr_tui.core.parsing import parsing
from csr_tui.core.secret import Secret

MOST_BLOCKS = 1000
"""More than any file of trusted roots has."""

NOTHING = "This file contains no request, key or certificate in PEM or DER."


def read(data: bytes, password: Secret | None = None, *, now: datetime | None = None) -> tuple[Item, ...]:
    """Everything in a file, in its order, judged one by one and together; dates only where `now` is given.

    A password is used only for what is encrypted: PasswordError where it is another one. InvalidError where there is
    nothing that is known.
    """
    with parsing("This file"):
        if formats.is_zip(data):
            return judge_together(_in_zip(data, password, now), in_order=False)
        found = _in_file(data, password, now)
        alone = all(len(items) == 1 for items in found)
        return judge_together(tuple(item for items in found for item in items), in_order=alone)


def _in_zip(data: bytes, password: Secret | None, now: datetime | None) -> tuple[Item, ...]:
    """Everything in the files of a zip, each with the name of its file; those that hold nothing are passed over."""
    items: list[Item] = []
    skipped = 0
    for name, content in archive.members(data):
        try:
            found = [item for some in _in_file(content, password, now) for item in some]
        except InvalidError as error:
            if str(error) == NOTHING:
                continue
            found = [_skipped(content, str(error))]
            skipped += 1
        items += [replace(item, lines=(("in", name), *item.lines)) for item in found]
    if len(items) == skipped:
        raise InvalidError("This zip contains no request, key or certificate.")
    return tuple(items)


def _skipped(content: bytes, why: str) -> Item:
    """A file that is damaged, or of a kind that is not read here."""
    label = pem.blocks(content)[0].label.lower()
    if why == formats.named(content) and why != pem.CUT:
        return Item(label or "file", lines=(("note", f"skipped. {why}"),))
    return Item(label or "file", problems=(why,))


def _in_file(data: bytes, password: Secret | None, now: datetime | None) -> list[tuple[Item, ...]]:
    """What is in each block; InvalidError where there is nothing that is known."""
    blocks = pem.blocks(data)
    if not blocks[0].label:
        rest = (_block(block, password, now) for block in blocks[1:MOST_BLOCKS])
        return [_bare(data, blocks[0], password, now), *rest]
    if all(block.wrong in pem.CUT_OFF for block in blocks):
        raise InvalidError(blocks[0].wrong)
    found = [_block(block, password, now) for block in blocks[:MOST_BLOCKS]]
    if len(blocks) > MOST_BLOCKS:
        found.append((Item("rest", problems=(f"{len(blocks) - MOST_BLOCKS:,} more blocks were skipped.",)),))
    return found


def _block(block: pem.Block, password: Secret | None, now: datetime | None) -> tuple[Item, ...]:
    """The contents of one block of PEM; a block that cannot be read is reported by itself."""
    kind = formats.kind_in(block)  # Windows writes CERTIFICATE above a PKCS#7
    try:
        items = _of_kind(kind, block, password, now)
    except InvalidError as error:
        return (Item((block.label or kind).lower(), problems=(str(error),)),)
    if items is None:
        return (Item(block.label or "DER", lines=(("note", "skipped"),)),)
    if block.label and kind != block.kind and kind not in {"PKCS7", "PKCS12"}:
        block = replace(block, odd=block.odd or f"its label is {block.label}")
    return _noted(items, block)


def _bare(data: bytes, block: pem.Block, password: Secret | None, now: datetime | None) -> tuple[Item, ...]:
    """The contents of DER, which has no label."""
    kind = formats.kind_of(pem.first(block.der))
    if block.odd and kind == "PKCS12":
        raise InvalidError(formats.named(data))
    items = _of_kind(kind, block, password, now)
    if items is None:
        raise InvalidError(formats.named(data) or NOTHING)
    return _noted(items, block)


def _of_kind(kind: str, block: pem.Block, password: Secret | None, now: datetime | None) -> tuple[Item, ...] | None:
    """The things in a block of this kind; None where it is of a kind that is not looked at."""
    match kind:
        case "PKCS7" | "CMS" | "PKCS12" | "CERTIFICATE" | "TRUSTED CERTIFICATE" | "CERTIFICATE REQUEST":
            if wrong := block.wrong or pem.damage(block.der):
                raise InvalidError(wrong)
    match kind:
        case "PKCS7" | "CMS":
            return containers.from_pkcs7(block.der, now)
        case "PKCS12":
            return containers.from_pkcs12(block.der, password, now)
        case "CERTIFICATE REQUEST":
            return (parsers.request(block.der),)
        case "CERTIFICATE" | "TRUSTED CERTIFICATE":
            return (parsers.certificate_in(pem.first(block.der), now),)
        case "PUBLIC KEY" | "RSA PUBLIC KEY":
            return (parsers.public_key(block.der),)
    return (parsers.private_key(block, password),) if kind.endswith("PRIVATE KEY") else None


def _noted(items: tuple[Item, ...], block: pem.Block) -> tuple[Item, ...]:
    """With a line on it where OpenSSL does not load this key or certificate."""
    if not block.odd:
        return items
    note = ("note", f"nginx, HAProxy and OpenSSL do not load it like this: {block.odd}")
    return tuple(
        replace(item, lines=(*item.lines, note)) if item.kind in {CERTIFICATE, PRIVATE_KEY} else item for item in items
    )

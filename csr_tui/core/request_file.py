"""One request as a TOML file: written for people to keep and change, and read back as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard

from csr_tui.core import formats, host_names, names, toml, values
from csr_tui.core.fields import NAMES, texts_of
from csr_tui.core.findings import Finding, InvalidError
from csr_tui.core.record import Record
from csr_tui.core.text import decoded, escaped, trim
from csr_tui.core.usages import USAGES


def dump(record: Record) -> str:
    """Every field that makes up a request, named as in the JSON document; `sans` are all names, the domain first."""
    subject = record.subject
    tags: object = {tag.key: tag.value for tag in record.tags}
    if len({tag.key for tag in record.tags}) < len(record.tags):  # wrong, but a draft may be
        tags = list(map(str, record.tags))
    fields = {
        "purpose": str(record.purpose),
        "usage": record.usage,
        **dict(zip(NAMES, texts_of(subject), strict=True)),
        "sans": record.sans,
        **({"extra": record.extra} if record.extra else {}),
        "algorithm": record.key.algorithm,
        "key_parameter": record.key.parameter,
        "remark": record.remark,
        "tags": tags,
        **record.custody.choices,
    }
    usage = USAGES[record.usage]
    label = usage.main.value.lower()
    listed = f"# The {label} is always one of the names (sans), listed or not.\n"
    head = (
        f"# The request for {escaped(host_names.to_unicode(subject.domain)) or f'a missing {label}'}.\n"
        f"{listed if usage.among_names(label) else ''}"
        "# To create a draft from it: csr-tui new --from THIS_FILE\n\n"
    )
    return head + "".join(toml.assignment(field, value) for field, value in fields.items())


def is_one(data: bytes) -> bool:
    """Whether this is text that may be TOML, and no PEM, no DER and no page."""
    try:
        text = decoded(data)
    except UnicodeDecodeError:
        return False
    return toml.is_likely(text) and not text.lstrip().startswith("<")


def load(data: bytes, empty: Record) -> tuple[Record, tuple[Finding, ...]]:
    """What a file asks for, put into `empty`, and a hint wherever a text is not kept just as it stands there.

    InvalidError where the file cannot be understood. A name in canonical form stays as it is; any other is read as
    one that was typed, and none is split.
    """
    table = _table(data)
    texts: dict[str, str | tuple[str, ...]] = {}
    for field, value in table.items():
        try:
            texts[field] = tuple(value) if field == "tags" and _is_texts(value) else values.parse(field, value)
        except ValueError as error:
            raise InvalidError(f"{escaped(field[:40])} {error}") from error
    sans = texts.pop("sans", ())
    record, notes = values.with_values(empty, texts)
    main = USAGES[record.usage].among_names(record.subject.domain)
    others = dict.fromkeys(names.canonical_or_raw(name) for name in filter(trim, sans) if name != main)
    return replace(record, names=tuple(name for name in others if name != main)), notes


def _table(data: bytes) -> dict[str, object]:
    try:
        return toml.read(decoded(data))
    except ValueError as error:
        name = formats.text_format(data)
        instead = formats.named(data) or (f"It is {name}." if name else "")
        why = f". {instead}" if instead else f": {escaped(str(error))}."
        raise InvalidError(f"This is neither a certificate request nor a request in TOML{why}") from error


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)

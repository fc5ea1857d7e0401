"""What keeps a request from being made by Tencent Cloud: its API carries eight strings, and no more."""

from __future__ import annotations

from collections.abc import Iterator

from csr_tui.core.fields import FIELDS
from csr_tui.core.findings import Finding
from csr_tui.core.keys.kinds import KINDS, kind_of
from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.core.usages import USAGES

SOURCE = "CreateCSR"

DOMAIN_ALONE = Finding.hint(
    "tencent-domain-alone",
    "sans",
    "Tencent Cloud's API accepts the domain only. To request other names, generate here.",
    source=SOURCE,
)


def for_tencent(record: Record) -> tuple[Finding, ...]:
    """Errors that stand in the way of submitting, besides those of every request."""
    return tuple(_findings(record))


def hints(record: Record, sans: tuple[str, ...]) -> Iterator[Finding]:
    """What only a request made here can have."""
    if not USAGES[record.usage].usual:
        return
    if len(sans) > 1:
        yield DOMAIN_ALONE
    kind = kind_of(record.key)
    if kind is not None and not kind.tencent:
        sentence = f"Tencent Cloud does not generate {kind.label} keys: generate here."
        yield Finding.hint("tencent-key", "key_parameter", sentence, source=SOURCE)


def _findings(record: Record) -> Iterator[Finding]:
    if not USAGES[record.usage].usual:
        sentence = (
            f"Tencent Cloud makes requests for servers only, not for {USAGES[record.usage].label}: generate here."
        )
        yield Finding.error("tencent-usage", "usage", sentence, source=SOURCE)
        return  # with nothing that could help
    for field in FIELDS:
        text = getattr(record.subject, field.name)
        if field.tencent and not text:
            sentence = f"Tencent Cloud requires it: enter {field.about}, or generate here."
            yield Finding.error("tencent-field-missing", field.name, sentence, source=SOURCE)
        if text and not field.tencent:
            sentence = "Tencent Cloud's API has no such field: generate here, or leave it empty."
            yield Finding.error("tencent-field-unknown", field.name, sentence, source=SOURCE)
    if record.extra:
        names = ", ".join(dict.fromkeys(line.partition("=")[0] for line in record.extra))
        sentence = f"Tencent Cloud's API has no such lines ({escaped(names[:80])}): generate here, or remove them."
        yield Finding.error("tencent-extra", "extra", sentence, source=SOURCE)
    others = len(record.sans) - 1
    if others > 0:
        what = "the other name" if others == 1 else f"the {others} other names"
        yield Finding.error(
            "tencent-domain-alone",
            "sans",
            f"Tencent Cloud's API accepts only the domain: generate here, or remove {what}.",
            source=SOURCE,
        )
    kind = kind_of(record.key)
    if kind is not None and not kind.tencent:
        made = ", ".join(kind.label for kind in KINDS if kind.tencent)
        yield Finding.error(
            "tencent-key",
            "key_parameter",
            f"Tencent Cloud does not generate {kind.label} keys: generate here, or choose {made}.",
            source=SOURCE,
        )

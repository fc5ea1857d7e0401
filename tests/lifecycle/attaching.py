"""What is attached to a record here: certificates of two CAs of our own, as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from authority import NOW, Authority

from csr_tui.core import csr
from csr_tui.core.record import Record
from csr_tui.lifecycle import attach
from csr_tui.lifecycle.attach import Source

if TYPE_CHECKING:
    from authority import Dates
    from cryptography.x509 import Certificate

    from csr_tui.storage import RecordStore


ROOT = Authority("Example Root")
CA = Authority("Example Issuing CA", ROOT)


def issue(record: Record, *names: str, **dates: Unpack[Dates]) -> Certificate:
    return CA.issue(csr.read(record.csr or "").public_key, *(names or record.sans), **dates)


def sources(*parts: bytes) -> tuple[Source, ...]:
    return tuple(Source(f"{number}.pem", part) for number, part in enumerate(parts))


def attached(store: RecordStore, *parts: bytes, record: Record | None = None) -> Record:
    return attach.keep(store, attach.look(store, sources(*parts), NOW, record=record))

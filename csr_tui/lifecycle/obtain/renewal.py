"""When a CA suggests renewing a certificate that it issued (RFC 9773)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from csr_tui.core import certificate
from csr_tui.core.ca import CA
from csr_tui.core.facts import moment
from csr_tui.core.order import OrderStage
from csr_tui.core.record import Record
from csr_tui.core.secret import Environ
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle.obtain import accounts

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from csr_tui.acme.client import AcmeClient
    from csr_tui.storage import RecordStore


def suggestion(ca: CA, client: AcmeClient, leaf: Certificate) -> str:
    """A sentence; empty where the CA has none or does not answer, for nothing depends on it. Blocks."""
    with suppress(CsrTuiError):
        if (window := client.renewal_window(leaf)) is not None:
            start, end = map(moment, window)
            return f"{ca.name} suggests renewing between {start} and {end}."
    return ""


def ca_of(store: RecordStore, record: Record) -> CA | None:
    """The CA to ask: the one from which the record's certificate was obtained by ACME."""
    order = record.order
    if record.certificate is None or order is None or order.directory is None:
        return None
    known = next((ca for ca in store.cas.all() if ca.directory == order.directory and ca.name == order.ca), None)
    return known if order.stage is OrderStage.CONFIRMED else None


def look(ca: CA, record: Record, environ: Environ) -> str:
    """The suggestion for a record now. It is asked for without an account, whose key stays closed. Blocks."""
    leaf, *_ = certificate.certificates_in((record.certificate or "").encode())
    return suggestion(ca, accounts.reader(ca, environ), leaf)

"""What the list shows of a record beyond its columns; loads the rules, so it is imported after the first paint."""

from __future__ import annotations

from csr_tui.core import certificate, csr, rules  # noqa: F401  # generating needs csr: loading it is the point
from csr_tui.core.record import Record, State
from csr_tui.errors import CsrTuiError
from csr_tui.ui.needs import Assessment


def assess(record: Record) -> Assessment:
    """Some tenths of a millisecond."""
    if record.state is State.DRAFT:
        return Assessment(findings=rules.check(record))
    if record.certificate is None:
        return Assessment()
    try:
        leaf = certificate.stored_leaf(record.certificate)
    except CsrTuiError:
        return Assessment(damaged=True)
    try:
        issued = certificate.read(leaf)
    except CsrTuiError:
        return Assessment()
    return Assessment(differing=len(certificate.differences(record, issued)))

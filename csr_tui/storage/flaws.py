"""What a record needs somebody for besides time: the errors of a draft, or where a certificate differs.

They are counted apart from a record's own commit, of which the rules would take a fifth, by who lists them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core.record import Record, State
from csr_tui.errors import CsrTuiError
from csr_tui.storage.rows import COLUMNS, RECORDS, record_of

if TYPE_CHECKING:
    from csr_tui.storage.database import Database


def count(record: Record) -> int:
    """How many it has by the rules of today; none where it cannot be judged."""
    if record.damage:
        return 0
    if record.state is State.DRAFT:
        from csr_tui.core import rules
        from csr_tui.core.findings import errors

        return len(errors(rules.check(record)))
    if record.certificate is None:
        return 0
    from csr_tui.core import certificate

    try:
        issued = certificate.read(certificate.certificates_in(record.certificate.encode())[0])
    except CsrTuiError:
        return 0
    return len(certificate.differences(record, issued))


def judge(database: Database, most: int) -> bool:
    """Count those of so many records without a count; False where there was none that could be written."""
    sql = f"SELECT {COLUMNS} FROM {RECORDS} WHERE flaws IS NULL LIMIT ?"
    found = database.read(lambda read: [record_of(row) for row in read(sql, (most,))])
    if not (counted := [(count(record), record.id) for record in found]):
        return False
    with database.writing() as write:
        return (
            sum(write("UPDATE record SET flaws = ? WHERE id = ? AND flaws IS NULL", row).rowcount for row in counted)
            > 0
        )

"""What a record needs somebody for besides time: the errors of a draft, or where a certificate differs.

They are counted apart from a record's own commit, of which the rules would take a fifth, by who lists them; with them,
the issuers of certificates are read that an older version stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core.record import Record, State
from csr_tui.errors import CsrTuiError
from csr_tui.storage.rows import COLUMNS, RECORDS, record_of

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from csr_tui.storage.database import Database


def issuer_of(record: Record) -> str:
    """Who signed its certificate, in a few words; an empty text where none can be read."""
    if (leaf := _leaf(record)) is None:
        return ""
    from csr_tui.core import dn

    return dn.label(dn.issuer(leaf))


def count(record: Record) -> int:
    """How many it has by the rules of today; one where it, or its certificate, cannot be read."""
    if record.damage:
        return 1
    if record.state is State.DRAFT:
        from csr_tui.core import rules
        from csr_tui.core.findings import errors

        return len(errors(rules.check(record)))
    if record.certificate is None:
        return 0
    from csr_tui.core import certificate

    leaf = _leaf(record)
    try:
        return 1 if leaf is None else len(certificate.differences(record, certificate.read(leaf)))
    except CsrTuiError:  # a kind of key that cannot be read here is no flaw of the record's
        return 0


def judge(database: Database, most: int) -> bool:
    """Store flaws and issuer of at most so many records that lack one of them; whether any record was written."""
    lacking = "flaws IS NULL OR (certificate IS NOT NULL AND issuer IS NULL)"
    sql = f"SELECT flaws, {COLUMNS} FROM {RECORDS} WHERE {lacking} LIMIT ?"
    found = database.read(lambda read: [(flaws, record_of(tuple(row))) for flaws, *row in read(sql, (most,))])
    if not (judged := [_judged(record, flaws) for flaws, record in found]):
        return False
    with database.writing() as write:
        update = "UPDATE record SET flaws = ?, issuer = ? WHERE id = ? AND revision = ?"
        return sum(write(update, row).rowcount for row in judged) > 0


def _judged(record: Record, flaws: int | None) -> tuple[int, str, str, int]:
    """What `judge` keeps; flaws that were counted before stand, unless the certificate cannot be read."""
    issuer = issuer_of(record)
    return count(record) if flaws is None or not issuer else flaws, issuer, record.id, record.revision


def _leaf(record: Record) -> Certificate | None:
    """The certificate of a record, where it has one that can be read."""
    if record.certificate is None:
        return None
    from csr_tui.core import certificate

    try:
        return certificate.stored_leaf(record.certificate)
    except CsrTuiError:
        return None

"""Certificate signing requests: built from a record, read, compared with what was asked for, turned into a draft."""

from csr_tui.core.csr.build import MismatchError, build, prove, sign
from csr_tui.core.csr.compare import Difference, compare_subject, differences
from csr_tui.core.csr.draft import findings, to_draft
from csr_tui.core.csr.read import Request, key_fingerprint, read
from csr_tui.core.csr.subject import Part, subject, subject_parts

__all__ = [
    "Difference",
    "MismatchError",
    "Part",
    "Request",
    "build",
    "compare_subject",
    "differences",
    "findings",
    "key_fingerprint",
    "prove",
    "read",
    "sign",
    "subject",
    "subject_parts",
    "to_draft",
]

"""The choices of an export: which targets can load the files of a record, and how its key can leave for each."""

from __future__ import annotations

from collections.abc import Sequence

from csr_tui.core.questions import Option
from csr_tui.core.record import Record
from csr_tui.export.targets import TARGETS
from csr_tui.export.targets.target import KeyFormat, Target
from csr_tui.lifecycle import exporting
from csr_tui.lifecycle.exporting import KeyForm

OWN = Option(KeyForm.AS_MADE, "Encrypted: the record's own password")
OTHER = Option(KeyForm.ENCRYPTED, "Encrypted: another password, for these files")
CLEAR = Option(KeyForm.CLEAR, "Clear: for servers that cannot ask")
AS_MADE = Option(KeyForm.AS_MADE, "Clear, as generated")
ON_TOKEN = Option(KeyForm.AS_MADE, "No key: it is on its token")
SEALED = Option(KeyForm.AS_MADE, "The record's own password", ("PKCS#12 files always have a password.",))


def forms(target: Target, *, own: bool, on_token: bool = False) -> tuple[Option[KeyForm], ...]:
    """How a key can leave for this target, the usual way first; `own` says that it has a password of its own, and
    `on_token` that it cannot leave at all."""
    if on_token:
        return (ON_TOKEN,)
    match target.key:
        case KeyFormat.PEM:
            return (OWN, OTHER, CLEAR) if own else (AS_MADE, OTHER)
        case KeyFormat.CLEAR_PEM:
            why = (f"{target} cannot ask for a password,", "and refuses an encrypted key.")
            return (Option(KeyForm.CLEAR, "Clear", why),)
        case KeyFormat.PKCS12 | KeyFormat.OLD_PKCS12:
            return (SEALED, OTHER) if own else (OTHER,)


def targets(records: Sequence[Record]) -> tuple[tuple[Option[str], ...], Target]:
    """Every target, by its name, with the reason where it can load nothing of these records; and the usual one."""
    issued = all(record.certificate is not None for record in records)
    reasons = {one: {exporting.unfit(record, one) for record in records} for one in TARGETS.values()}
    fitting = [one for one, why in reasons.items() if "" in why]
    for_server = issued and any(one.serves for one in fitting)  # else the usual target is PEM
    first = next(one for one in fitting if one.needs_certificate is for_server)
    offered = tuple(Option(one.name, one.label, refusal="" if one in fitting else min(reasons[one])) for one in reasons)
    return offered, first

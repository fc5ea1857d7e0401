"""Adding CAs, and choosing the one that a record is taken to."""

from __future__ import annotations

from csr_tui.core.ca import CA, NAME
from csr_tui.core.record import Record
from csr_tui.core.text import escaped
from csr_tui.errors import Hint, StateError, UsageError
from csr_tui.lifecycle.obtain import command
from csr_tui.storage import RecordStore


def add_command(store: RecordStore, name: str, line: str) -> CA:
    """Keep a command as CA; UsageError where it cannot be run as one."""
    check_name(name)
    command.split(line)
    return store.cas.add(CA(name, command=line))


def check_name(name: str) -> None:
    """UsageError for what no CA is named."""
    if not NAME.fullmatch(name):
        raise UsageError(
            f"A CA cannot be named {escaped(name)[:40]}: use up to 32 lower-case letters (a to z), digits and hyphens."
        )


def choose(store: RecordStore, record: Record, name: str | None) -> CA:
    """The CA of this name; without one, that of the record, or the only one there is."""
    if name is not None or record.ca is not None:
        return store.cas.get(name or record.ca or "")
    known = store.cas.all()
    if not known:
        raise StateError("No CA is configured yet.", hint=Hint.ADD_CA)
    if len(known) > 1:
        raise UsageError("Several CAs are configured.", hint=Hint.CHOOSE_CA)
    return known[0]

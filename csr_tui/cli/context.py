"""The context of a command: folders, keyring, standard input, and a prompter where someone can be asked."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from csr_tui.cli import output, terminal
from csr_tui.core.record import State
from csr_tui.core.secret import Environ, Secret
from csr_tui.core.text import escaped
from csr_tui.errors import Hint, NotFoundError, StateError
from csr_tui.paths import Paths

if TYPE_CHECKING:
    from csr_tui.core.record import Record
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

LONGEST_NAME = 255
"""Characters of an id or a domain that are looked for; no domain is longer."""

NO_SECRETS: Mapping[str, Secret] = MappingProxyType({})
WAITING = "Waiting for the keyring. Unlock it if a window asks for its password; Ctrl+C stops."


class Prompter(NamedTuple):
    """Somebody at a terminal: asked for a password, which is not shown, or for a line.

    A line has its end, and is empty at the end of the input; `gone` is whether the terminal has been closed.
    """

    secret: Callable[[str], str]
    line: Callable[[str], str]
    gone: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Context:
    """`person` is None where nobody can be asked; `screen` says whether the desk can be shown."""

    paths: Paths
    vault: Vault
    stdin: BinaryIO
    person: Prompter | None = None
    screen: bool = False
    environ: Environ = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Whether its lines are to stay as they are: a screen reader reads them, or the terminal has no cursor."""
        return bool(self.environ.get("ACCESSIBLE")) or self.environ.get("TERM") == "dumb"

    @contextmanager
    def store(self) -> Iterator[RecordStore]:
        """The records, opened for one command; what their opening has to say goes to standard error."""
        from csr_tui.storage import RecordStore

        with RecordStore(self.paths.store) as store:
            notice = store.notice
            if notice:
                output.say(notice)
            try:
                yield store
            finally:  # damage may be met, and mended, at any time
                if store.notice and store.notice != notice:
                    output.say(store.notice)


def from_process(secrets: Mapping[str, Secret] = NO_SECRETS) -> Context:
    """Those of this process; `secrets` were taken out of its environment."""
    from csr_tui import paths
    from csr_tui.vault import Vault

    typing = sys.stdin is not None and sys.stdin.isatty()
    return Context(
        paths=paths.find(),
        vault=Vault(waiting=lambda: output.say(WAITING)),
        stdin=io.BytesIO() if sys.stdin is None else sys.stdin.buffer,
        person=Prompter(terminal.secret, terminal.line, terminal.is_gone) if typing else None,
        screen=typing and sys.stdout is not None and sys.stdout.isatty(),
        environ={**os.environ, **secrets},
    )


def find(store: RecordStore, text: str, *fitting: State) -> Record:
    """The one record of this id or domain, of several the only one in a `fitting` state; StateError in the trash."""
    wanted = escaped(text[:LONGEST_NAME])
    try:
        return store.find(wanted, fitting=fitting)
    except NotFoundError as error:
        try:
            trashed = store.find(wanted, trashed=None)
        except NotFoundError:
            raise error from None
    raise StateError(f"Record {trashed.id} is in the trash.", hint=Hint.RESTORE, record=trashed.id)


def find_trashed(store: RecordStore, text: str, *, anywhere: bool = False) -> Record:
    """The one record of this id or domain in the trash, or `anywhere`."""
    return store.find(escaped(text[:LONGEST_NAME]), trashed=None if anywhere else True)

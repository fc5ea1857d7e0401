"""Keys and CSRs for many drafts, claimed and kept a hundred at a time, so that a kill costs a moment's work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from csr_tui.core.record import Record, State, new_id
from csr_tui.errors import CsrTuiError, StateError
from csr_tui.lifecycle import generate, locks, recovery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from csr_tui.core.batch import Row
    from csr_tui.export import Written
    from csr_tui.lifecycle.generate import Reached
    from csr_tui.lifecycle.makers import Makers
    from csr_tui.storage import Intent, RecordStore
    from csr_tui.vault import Vault

T = TypeVar("T")

Progress: TypeAlias = "Callable[[str, int, int], None]"
"""Told what is being done, how much of it is, and of how much."""

AT_ONCE = 100
"""Records in one commit; twice as many are under way while keys are made."""

AT_ONCE_SLOWLY = 8
"""RSA keys in one commit: they take a tenth of a second each and more, and a kill is to cost no more than one."""

FEW = 24
"""Fewer P-256 keys than these are made before another process has even started."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of one row: `record` as it is now, what was done for it just now, or why something was not."""

    row: Row
    record: Record
    added: bool = False
    generated: bool = False
    files: tuple[Written, ...] = ()
    error: CsrTuiError | None = None


def worth_starting(records: Sequence[Record]) -> bool:
    """Whether making these keys takes longer than starting the processes that make several at once."""
    drafts = [record for record in records if record.state is State.DRAFT]
    slow = sum(record.key.algorithm == "RSA" for record in drafts)
    return len(drafts) >= FEW or slow > 2


def chunks(
    items: Sequence[T],
    progress: Progress = lambda *_: None,
    what: str = "",
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Sequence[T]]:
    """A hundred at a time, until told to stop."""
    for start in range(0, len(items), AT_ONCE):
        progress(what, start, len(items))
        if stopped():
            return
        yield items[start : start + AT_ONCE]
    progress(what, len(items), len(items))


class Generation:
    """Keys and CSRs for the drafts of a batch, claimed and kept a hundred at a time.

    The next hundred is claimed before the last one is kept, so that from the first claim to the end an intent stands
    which names the batch's password: nobody takes it from the keyring meanwhile, however many records are purged.
    """

    def __init__(
        self,
        store: RecordStore,
        vault: Vault,
        wanted: Mapping[locks.Choice, locks.Lock],
        choices: Mapping[str, locks.Choice],
        makers: Makers | None,
        progress: Progress,
        stopped: Callable[[], bool],
        reached: Reached,
    ) -> None:
        self._store = store
        self._vault = vault
        self._locks = tuple(wanted.values())
        self._numbers = {record_id: tuple(wanted).index(choice) for record_id, choice in choices.items()}
        self._makers = makers
        self._progress = progress
        self._stopped = stopped
        self._reached = reached
        self._name = new_id()
        self._claimed: dict[str, Intent] = {}
        self._ready: list[tuple[Record, str]] = []
        self._done = self._total = 0

    def run(self, ends: dict[str, Ended]) -> None:
        """Generate every draft among `ends`; on any failure what is kept stays, and nothing else is left."""
        drafts = []
        for end in ends.values():
            if end.error is None and end.record.state is State.DRAFT:
                try:
                    generate.check(end.record)
                    drafts.append(end.record)
                except CsrTuiError as error:
                    ends[end.row.record.id] = replace(end, error=error)
        self._total = len(drafts)
        try:
            self._each(drafts, ends)
        finally:
            if self._claimed:
                self._store.batch.abandon(tuple(self._claimed.values()))
            self._store.batch.release(self._name)
            recovery.sweep(self._store, self._vault)

    def _each(self, drafts: list[Record], ends: dict[str, Ended]) -> None:
        begun = False
        for some in chunks(drafts, stopped=self._stopped):
            refs = [self._locks[self._numbers[draft.id]].ref for draft in some]
            intents = {one.record_id: one for one in self._store.batch.begin(self._name, some, refs)}
            self._claimed |= intents
            self._reached("claimed")
            if not begun:
                self._begin()
                begun = True
            for draft in some:
                if draft.id not in intents:
                    why = StateError("It was changed, or is being worked on, by another csr-tui. Apply again.")
                    ends[draft.id] = replace(ends[draft.id], error=why)
                    self._total -= 1
            self._make([draft for draft in some if draft.id in intents], ends)
        if self._makers is not None:
            self._collect(self._makers, 0, ends)
        self._keep(ends)
        self._progress("generating", self._done, self._total)

    def _begin(self) -> None:
        """The passwords are in the keyring, and read back, before there is a key."""
        for lock in self._locks:
            if lock.ref is not None and lock.password is not None:
                self._vault.put(lock.ref, lock.password)
        self._reached("password kept")
        if self._makers is not None:
            self._makers.begin(self._locks)

    def _make(self, drafts: list[Record], ends: dict[str, Ended]) -> None:
        if self._makers is None:
            for draft in drafts:
                self._ready.append(generate.make(draft, self._locks[self._numbers[draft.id]]))
                self._progress("generating", self._done + len(self._ready), self._total)
            return
        self._makers.give([(self._numbers[draft.id], draft) for draft in drafts])
        self._collect(self._makers, AT_ONCE, ends)

    def _collect(self, makers: Makers, leave: int, ends: dict[str, Ended]) -> None:
        """Wait until no more than so many are under way, and keep what is made meanwhile."""
        while makers.under_way > leave and not self._stopped():
            self._ready += makers.take()
            self._progress("generating", self._done + len(self._ready), self._total)
            slow = any(record.key.algorithm == "RSA" for record, _ in self._ready)
            if len(self._ready) >= (AT_ONCE_SLOWLY if slow else AT_ONCE):
                self._keep(ends)

    def _keep(self, ends: dict[str, Ended]) -> None:
        """One commit for what is ready."""
        self._reached("made")
        done = self._store.batch.complete([(self._claimed[one.id], one, pem) for one, pem in self._ready])
        for record in done:
            del self._claimed[record.id]
            ends[record.id] = replace(ends[record.id], record=record, generated=True)
        self._done += len(done)
        self._ready = []
        self._reached("kept")

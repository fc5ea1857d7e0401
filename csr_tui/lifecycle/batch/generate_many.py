"""Keys and CSRs for many requests, made and kept some hundreds at a time, so that a kill costs a moment's work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from csr_tui.core.custody import Custody, PasswordChoice, Protection
from csr_tui.core.keys.kinds import is_slow
from csr_tui.core.record import Record, State, new_id
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError, StateError
from csr_tui.lifecycle import generate, key_encryption, recovery
from csr_tui.lifecycle.batch.processes import Job, Workers, processors
from csr_tui.lifecycle.key_encryption import KeyEncryption
from csr_tui.lifecycle.steps import Point, Reached
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from csr_tui.export import Written
    from csr_tui.export.manifest import Proof
    from csr_tui.storage import Intent, RecordStore

T = TypeVar("T")

Progress: TypeAlias = "Callable[[str, int, int], None]"
"""Told what is being done, how much of it is, and of how much."""

KeyEncryptionArguments: TypeAlias = "list[tuple[Custody, str | None, str | None]]"
"""Encryptions, as they go through a pipe: custody, password, and its name in the keyring."""

Task: TypeAlias = "tuple[int, Record]"
"""A draft, and the number of the encryption that its key gets."""

Result: TypeAlias = "tuple[str, generate.KeyAndCsr]"
"""The id of a draft, and what was made for it."""

AT_ONCE = 200
"""Records in one commit; twice as many are under way while keys are made."""

AT_ONCE_SLOWLY = 8
"""RSA keys in one commit: they take a tenth of a second each and more, and a kill is to cost no more than one."""

GROUP = 25
"""Records that go to a process at once, where making one takes less than a millisecond."""

FEW = 24
"""Fewer P-256 keys than these are made, and their files written, before another process has even started."""

PRELOAD = ("csr_tui.core.csr", "csr_tui.core.keys.encryption", __name__)
"""What a process needs: cryptography takes a twentieth of a second, and what it is told to do a hundredth."""

TAKEN = "Another csr-tui changed it or is working on it. Run the command again."


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """What is to become of many records: drafts, or keys too (`password` and `protection` go before a record's own
    custody, and `fallback` before all that needs a keyring), and files in `folder`. `typed` is the key password where
    the person gives one."""

    generate: bool = False
    password: PasswordChoice | None = None
    protection: Protection | None = None
    typed: Secret | None = None
    weak_ok: bool = False
    folder: Path | None = None
    fallback: Custody | None = None

    def custody(self, record: Record) -> Custody:
        """How the key of this record is to be kept."""
        custody = record.custody.choose(password=self.password, protection=self.protection)
        return self.fallback if self.fallback is not None and custody.in_keyring else custody


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of one record: as it is now, what was done for it just now, or why something was not."""

    record: Record
    added: bool = False
    generated: bool = False
    files: tuple[Written, ...] = ()
    proofs: tuple[Proof, ...] = ()
    error: CsrTuiError | None = None


def chunks(
    items: Sequence[T],
    progress: Progress = lambda *_: None,
    what: str = "",
    stopped: Callable[[], bool] = lambda: False,
    *,
    first: int = AT_ONCE,
) -> Iterator[Sequence[T]]:
    """So many at a time, and so many first, until told to stop."""
    start, end = 0, first
    while start < len(items):
        progress(what, start, len(items))
        if stopped():
            return
        yield items[start:end]
        start, end = end, end + AT_ONCE
    progress(what, len(items), len(items))


def workers(records: Sequence[Record]) -> Workers:
    """Processes to make the keys or the files of these; none where starting them would take longer than the work."""
    slow = sum(record.state is State.DRAFT and is_slow(record.key) for record in records)
    return Workers(processors() if len(records) >= FEW or slow > 2 else 0, preload=PRELOAD)


def keys_and_csrs(arguments: KeyEncryptionArguments) -> Callable[[Sequence[Task]], list[Result]]:
    """The work of a process: to make the keys of drafts, encrypt them, and build the CSRs."""
    prepared = [KeyEncryption(custody, None if text is None else Secret(text), ref) for custody, text, ref in arguments]

    def work(tasks: Sequence[Task]) -> list[Result]:
        made = generate.make([generate.in_steps(draft, prepared[number]) for number, draft in tasks])
        return [(draft.id, one) for (_, draft), one in zip(tasks, made, strict=True)]

    return work


def generate_all(
    store: RecordStore,
    vault: Vault,
    records: Sequence[Record],
    options: BatchOptions,
    *,
    progress: Progress = lambda *_: None,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[BatchResult, ...]:
    """Finalise these drafts here; results in their order. VaultError or PasswordError as `BatchGeneration` raises."""
    ends = {record.id: BatchResult(record) for record in records}
    with workers(records) as pool:
        generation = BatchGeneration(store, vault, records, options, pool, progress=progress, stopped=stopped)
        generation.run(chunks(records, stopped=stopped), ends)
    return tuple(ends.values())


class BatchGeneration:
    """Keys and CSRs for a batch, made by `workers`: of drafts that are stored, and of new ones that rules passed.

    Nothing that is made is kept before its password is in the keyring, and read back. A stored draft is claimed, so
    that nobody else touches it; a new one is stored only with its key.
    """

    def __init__(
        self,
        store: RecordStore,
        vault: Vault,
        records: Sequence[Record],
        options: BatchOptions,
        workers: Workers,
        *,
        progress: Progress = lambda *_: None,
        stopped: Callable[[], bool] = lambda: False,
        reached: Reached = lambda _: None,
    ) -> None:
        """PasswordError where no key could be encrypted."""
        self._store = store
        self._vault = vault
        self._progress = progress
        self._stopped = stopped
        self._reached = reached
        custodies = {record.id: options.custody(record) for record in records}
        first = {custodies[record.id]: record for record in reversed(records)}
        self._encryptions = [_encryption(record, custody, options) for custody, record in first.items()]
        numbers = {custody: number for number, custody in enumerate(first)}
        self._numbers = {record_id: numbers[custody] for record_id, custody in custodies.items()}
        self._workers = workers
        self._name = new_id()
        self._reserved: dict[str, Intent] = {}
        self._claimed: dict[str, Intent] = {}
        self._making: dict[str, Record] = {}
        self._ready: list[Result] = []
        self._done = self._total = 0

    def run(self, drafts: Iterable[Sequence[Record]], ends: dict[str, BatchResult]) -> None:
        """Generate these, so many at a time; on any failure what is kept stays, and nothing else is left.

        VaultError, before anything is kept, where there is no keyring that a key needs. Passed over is what ended
        already, or is no draft; what cannot be generated ends with the reason.
        """
        self._total = sum(end.record.state is State.DRAFT for end in ends.values())
        try:
            self._each(drafts, ends)
        finally:
            self._progress("generating", self._done, self._total)
            try:
                if standing := (*self._claimed.values(), *self._reserved.values()):
                    self._store.batch.abandon(standing)
            finally:  # on a full disk the intents stand, but they are nobody's any more: `recovery.recover` ends them
                self._store.batch.release(self._name)
            recovery.sweep(self._store, self._vault)

    def _each(self, drafts: Iterable[Sequence[Record]], ends: dict[str, BatchResult]) -> None:
        job: Job[Task, Result] | None = None
        for some in drafts:
            ready = [draft for draft in some if self._fits(draft, ends)]
            job = job or self._begin()
            slow = any(is_slow(draft.key) for draft in ready)
            job.submit([(self._numbers[draft.id], draft) for draft in ready], 1 if slow else GROUP)
            claimed = self._claim(ready, ends)
            self._making |= {draft.id: draft for draft in claimed}
            self._total -= sum(draft.state is State.DRAFT for draft in some) - len(claimed)
            self._collect(job, AT_ONCE, ends)
        if job is not None:
            self._collect(job, 0, ends)
        self._keep(ends)

    def _fits(self, draft: Record, ends: dict[str, BatchResult]) -> bool:
        """Whether this is a draft that can be generated; what is not stored yet was checked just now."""
        if ends[draft.id].error is not None or draft.state is not State.DRAFT:
            return False
        if draft.revision:
            try:
                generate.check_new_key(draft)
            except CsrTuiError as error:
                ends[draft.id] = replace(ends[draft.id], error=error)
                return False
        return True

    def _claim(self, drafts: Sequence[Record], ends: dict[str, BatchResult]) -> list[Record]:
        """Those of the drafts that are this batch's from now on; their passwords are in the keyring."""
        stored = [draft for draft in drafts if draft.revision]
        if stored:
            begun = self._store.batch.begin(self._name, stored)
            self._claimed |= {one.record_id: one for one in begun if one.record_id is not None}
            for draft in stored:
                if draft.id not in self._claimed:
                    ends[draft.id] = replace(ends[draft.id], error=StateError(TAKEN))
        mine = [draft for draft in drafts if draft.id in self._claimed or not draft.revision]
        self._hold({self._numbers[draft.id] for draft in mine})
        return mine

    def _hold(self, numbers: set[int]) -> None:
        """The passwords of these encryptions are in the keyring, and read back; no others are."""
        fresh = [
            encryption
            for number in sorted(numbers)
            if (encryption := self._encryptions[number]).ref not in (None, *self._reserved)
        ]
        if fresh:
            self._vault.require()
            held = self._store.batch.reserve_secrets(
                self._name, [encryption.ref for encryption in fresh if encryption.ref is not None]
            )
            self._reserved |= {one.secret_ref: one for one in held if one.secret_ref is not None}
        self._reached(Point.CLAIMED)
        for encryption in fresh:
            if encryption.ref is not None and encryption.password is not None:
                self._vault.put(encryption.ref, encryption.password)
                self._reached(Point.PASSWORD_KEPT)

    def _begin(self) -> Job[Task, Result]:
        arguments = [
            (one.custody, None if one.password is None else one.password.reveal(), one.ref) for one in self._encryptions
        ]
        return self._workers.begin(keys_and_csrs, arguments)

    def _collect(self, job: Job[Task, Result], leave: int, ends: dict[str, BatchResult]) -> None:
        """Wait until no more than so many are under way, and keep what is made meanwhile."""
        while job.under_way > leave and not self._stopped():
            self._ready += [one for one in job.results() if one[0] in self._making]
            self._progress("generating", self._done + len(self._ready), self._total)
            slow = any(is_slow(self._making[id_].key) for id_, _ in self._ready)
            if len(self._ready) >= (AT_ONCE_SLOWLY if slow else AT_ONCE):
                self._keep(ends)

    def _keep(self, ends: dict[str, BatchResult]) -> None:
        """One commit for what is ready."""
        self._reached(Point.MADE)
        ready = [self._finished(*one) for one in self._ready]
        for record, mine in self._store.batch.complete(tuple(self._reserved.values()), ready):
            self._claimed.pop(record.id, None)
            new = not self._making.pop(record.id).revision and record.revision == 1
            taken = record.state is State.DRAFT or record.trashed_at is not None
            error = StateError(TAKEN) if taken and not mine else None
            ends[record.id] = replace(ends[record.id], record=record, added=mine and new, generated=mine, error=error)
            self._done += 1
        self._ready = []
        self._reached(Point.KEPT)

    def _finished(self, record_id: str, pair: generate.KeyAndCsr) -> tuple[Intent | None, Record, str | None]:
        draft = self._making[record_id]
        record = pair.record_of(draft, self._encryptions[self._numbers[record_id]])
        return self._claimed.get(record_id), record, pair.key_pem


def _encryption(first: Record, custody: Custody, options: BatchOptions) -> KeyEncryption:
    """One for all records of a custody; its password has one name in the keyring, which tells that it is shared."""
    encryption = key_encryption.prepare(first, custody, options.typed, weak_ok=options.weak_ok)
    return encryption if encryption.ref is None else replace(encryption, ref=f"batch-{new_id()}")

"""A draft under edit, and how it is kept."""

from __future__ import annotations

from dataclasses import replace

from csr_tui.core.custody import Custody
from csr_tui.core.record import Record, WizardStep
from csr_tui.errors import NotFoundError, StateError
from csr_tui.lifecycle import drafts
from csr_tui.storage import RecordStore, StaleError


class Draft:
    """One record under edit: it enters the store with its first change, and is saved again after each."""

    def __init__(self, store: RecordStore, record: Record) -> None:
        self._store = store
        self._kept = record
        self.record = record
        steps = tuple(WizardStep)
        left = steps.index(record.step)
        self.seen = frozenset(steps[: left + 1]) if record.revision else frozenset[WizardStep]()

    @property
    def unsaved(self) -> bool:
        """Whether there is something that is only on the screen; going to another step alone is not.

        Nor is, in a new draft, the custody that the step Key chooses itself where there is no keyring.
        """
        now = replace(self.record, step=self._kept.step)
        if not now.revision and now.custody is Custody.TYPED_PROMPT:
            now = replace(now, custody=self._kept.custody)
        return now != self._kept

    def edit(self, record: Record) -> None:
        """Take what the screen has now; the revision is the store's affair."""
        self.record = replace(record, revision=self.record.revision)

    def see(self, step: WizardStep) -> None:
        """The step has been visited: from now on its mark shows its state."""
        self.seen |= {step}

    def save(self) -> str | None:
        """Keep the draft; a sentence when another copy of the program got there first. Raises StorageError."""
        if not self.unsaved:
            if self.record.revision and self.record.step is not self._kept.step:
                self._store.save_step(self.record.id, self.record.step)
                self._kept = self.record
            return None
        notice = None
        try:
            kept = self._store.save(self.record) if self.record.revision else self._store.add(self.record)
        except (StaleError, StateError, NotFoundError):
            kept = self._store.add(replace(drafts.duplicate(self.record), step=self.record.step))
            notice = "This record was changed elsewhere. Your changes are saved as a separate draft, which is open now."
        self._kept = self.record = kept
        return notice

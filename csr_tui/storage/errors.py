"""What can go wrong between two copies of the program that share one store."""

from __future__ import annotations

from csr_tui.core.record import Record
from csr_tui.errors import StateError


class StaleError(StateError):
    """Somebody else changed the record since it was read; `current` is what it is now."""

    def __init__(self, current: Record) -> None:
        super().__init__("Another program changed this record meanwhile. Read it again, then repeat your change.")
        self.current = current


class IntentGoneError(StateError):
    """The action was cancelled, or taken for dead and cleaned up; nothing of it was kept."""

    def __init__(self) -> None:
        super().__init__("The action was cancelled before it finished. Nothing was saved.")

"""The records on this machine: SQLite, revisions, trash, search and intents; never a clear secret."""

from csr_tui.storage.database import utc_now
from csr_tui.storage.errors import IntentGoneError, StaleError
from csr_tui.storage.intents import Intent
from csr_tui.storage.query import Anchor, Query, Sort
from csr_tui.storage.store import RecordStore

__all__ = ["Anchor", "Intent", "IntentGoneError", "Query", "RecordStore", "Sort", "StaleError", "utc_now"]

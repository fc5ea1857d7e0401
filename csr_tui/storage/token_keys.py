"""Keys that are about to be made on tokens: each is noted before, and forgotten once a record has it."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from csr_tui.core import token_uri
from csr_tui.core.token_uri import TokenUri
from csr_tui.errors import UsageError
from csr_tui.storage.database import Database


class NotedKey(NamedTuple):
    """A key that may be on its token, and the record that it was made for."""

    uri: TokenUri
    record_id: str


class TokenKeys:
    """What is noted here and belongs to no action under way was left behind by one that was stopped."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, uri: TokenUri, record_id: str) -> None:
        """Commit that this key is about to be made."""
        with self._database.writing() as write:
            write(
                "INSERT INTO token_key (uri, record_id, noted_at) VALUES (?, ?, ?)",
                (str(uri), record_id, self._database.now()),
            )

    def forget(self, uri: TokenUri) -> None:
        """It is known not to be on its token."""
        with self._database.writing() as write:
            write("DELETE FROM token_key WHERE uri = ?", (str(uri),))

    def all(self, record_id: str | None = None) -> tuple[NotedKey, ...]:
        """Those of a record, or all."""
        sql = "SELECT uri, record_id FROM token_key WHERE record_id = coalesce(?, record_id) ORDER BY noted_at, uri"
        found = []
        with self._database.reading() as read:
            for uri, noted_for in read(sql, (record_id,)).fetchall():
                with suppress(UsageError):  # a backup may hold anything
                    found.append(NotedKey(token_uri.parse(uri), noted_for))
        return tuple(found)

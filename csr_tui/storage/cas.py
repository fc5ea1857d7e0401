"""The CAs: one row each, and the keys of the accounts there, as they are at rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from csr_tui.core.ca import CA
from csr_tui.core.text import escaped
from csr_tui.errors import Hint, NotFoundError, StateError
from csr_tui.storage.ca_rows import CA_COLUMNS, CA_ROW, ca_of
from csr_tui.storage.columns import stamp
from csr_tui.storage.database import Database
from csr_tui.storage.errors import IntentGoneError
from csr_tui.storage.intents import Intent
from csr_tui.storage.ledger import mark_orphaned


class CAs:
    """Each change is a commit of its own; a CA never becomes another one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[CA, ...]:
        with self._database.reading() as read:
            return tuple(ca_of(row) for row in read(f"SELECT {CA_COLUMNS} FROM ca ORDER BY name").fetchall())

    def get(self, name: str) -> CA:
        """The CA of this name; NotFoundError where there is none."""
        wanted = escaped(name)[:100]  # no name of a CA is as long, or differs from this
        with self._database.reading() as read:
            row = read(f"SELECT {CA_COLUMNS} FROM ca WHERE name = ?", (wanted,)).fetchone()
        if row is None:
            raise NotFoundError(f"No CA is named {wanted}.", hint=Hint.LIST_CAS)
        return ca_of(row)

    def account_key(self, name: str) -> str | None:
        """The account's key at rest, as PEM; None for a command."""
        with self._database.reading() as read:
            row = read("SELECT account_key FROM ca WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def add(self, ca: CA, *, account_key: str | None = None, intents: Sequence[Intent] = ()) -> CA:
        """Keep a new CA, an ACME directory with its account's key; StateError where the name is taken.

        The intents, which hold the password of that key, end in the same commit; IntentGoneError where one is gone.
        """
        at = self._database.clock()
        protection = None if ca.custody is None else ca.custody.protection
        address = (ca.name, ca.directory, ca.command, ca.trust, ca.email, ca.account_url)
        with self._database.writing() as write:
            if write("SELECT 1 FROM ca WHERE name = ?", (ca.name,)).fetchone():
                raise StateError(f"A CA named {ca.name} already exists.", hint=Hint.REMOVE_CA)
            write(
                f"INSERT INTO ca ({', '.join(CA_ROW)}) VALUES ({', '.join('?' * len(CA_ROW))})",
                (*address, account_key, protection, ca.secret_ref, stamp(at)),
            )
            for intent in intents:
                if write("DELETE FROM intent WHERE id = ?", (intent.id,)).rowcount != 1:
                    raise IntentGoneError
        return replace(ca, created_at=at)

    def registered(self, ca: CA, account_url: str) -> CA:
        """Keep where the account is, once the CA has registered it with this address."""
        with self._database.writing() as write:
            write("UPDATE ca SET account_url = ?, email = ? WHERE name = ?", (account_url, ca.email, ca.name))
        return self.get(ca.name)

    def choose(self, record_id: str, name: str) -> None:
        """Keep which CA a record is taken to; that is no change of the record, and its revision stays."""
        with self._database.writing() as write:
            write("UPDATE record SET ca = ? WHERE id = ?", (name, record_id))

    def remove(self, name: str) -> None:
        """Remove a CA; records forget it, and the password of its account's key is doomed.

        StateError while a record is on its way there.
        """
        ca = self.get(name)
        with self._database.writing() as write:
            row = write(
                "SELECT record_id FROM certificate_order WHERE ca = ? AND stage IN "
                "('ordering', 'ordered', 'proving', 'finalising', 'fetching', 'unknown')",
                (name,),
            ).fetchone()
            if row is not None:
                raise StateError(f"Record {row[0]} is on its way to this CA.", hint=Hint.GIVE_UP, record=row[0])
            write("DELETE FROM ca WHERE name = ?", (name,))
            mark_orphaned(write, ca.secret_ref)

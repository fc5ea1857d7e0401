"""Orders: what was asked of which CA for which record, committed before the first byte leaves."""

from __future__ import annotations

from csr_tui.core.order import CertificateOrder, OrderStage
from csr_tui.errors import Hint, StateError
from csr_tui.storage.database import Database
from csr_tui.storage.journal_rows import ORDER, order_of, order_row

_COLUMNS = ", ".join(ORDER)
_STOPPED = "The program stopped before it had the whole reply."


class Orders:
    """One row for each record that was ever taken to a CA; the database refuses a stage that cannot follow.

    Moves are made by the process that owns the record's intent, so no two of them ever meet.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, record_id: str) -> CertificateOrder | None:
        with self._database.reading() as read:
            row = read(f"SELECT {_COLUMNS} FROM certificate_order WHERE record_id = ?", (record_id,)).fetchone()
        return order_of(row) if row else None

    def open(self) -> tuple[CertificateOrder, ...]:
        """Those of which something may still come, the oldest first; some may be in another process's hands."""
        sql = f"""SELECT {_COLUMNS} FROM certificate_order
                  WHERE stage IN ('ordering', 'ordered', 'proving', 'finalising', 'fetching', 'unknown')
                  ORDER BY sent_at, record_id"""
        with self._database.reading() as read:
            return tuple(order_of(row) for row in read(sql).fetchall())

    def put(self, order: CertificateOrder) -> CertificateOrder:
        """Keep an order as it is now, in a commit of its own; StateError where another record holds its URL."""
        with self._database.writing():
            return self.write(order)

    def write(self, order: CertificateOrder) -> CertificateOrder:
        """The same, within the transaction that is under way."""
        columns = [column for column in ORDER if column != "record_id"]
        other = self._database.execute(
            "SELECT record_id FROM certificate_order WHERE order_url = ? AND record_id <> ?",
            (order.url, order.record_id),
        ).fetchone()
        if other is not None:
            raise StateError(
                f"The CA returned the order of record {other[0]}, which has the same names. Finish that order, or give "
                "it up, first.",
                hint=Hint.OBTAIN,
                record=other[0],
            )
        self._database.execute(
            f"INSERT INTO certificate_order ({_COLUMNS}) VALUES ({', '.join('?' * len(ORDER))}) "
            f"ON CONFLICT (record_id) DO UPDATE SET {', '.join(f'{one} = excluded.{one}' for one in columns)}",
            order_row(order),
        )
        return order

    def attached(self, record_id: str) -> None:
        """Within a transaction: the certificate arrived in another way, which settles the run of a command."""
        self._database.execute(
            "UPDATE certificate_order SET stage = 'confirmed', message = '' "
            "WHERE record_id = ? AND order_url IS NULL AND stage IN ('finalising', 'unknown')",
            (record_id,),
        )

    def interrupted(self, record_id: str) -> None:
        """Within a transaction: its process is gone. A CSR that it had sent is unknown until the order is looked at.

        What it had not sent, or was only ordered without its URL being known, never was: no order issues by itself.
        """
        self._database.execute(
            "UPDATE certificate_order SET stage = 'unknown', message = ? "
            "WHERE record_id = ? AND stage = 'finalising' AND searched_at IS NULL",
            (_STOPPED, record_id),
        )
        self._database.execute(
            "DELETE FROM certificate_order WHERE record_id = ? AND stage IN (?, ?)",
            (record_id, str(OrderStage.INTENT), str(OrderStage.ORDERING)),
        )

    def drop(self, record_id: str) -> None:
        """Forget an order, whatever came of it there; StateError while another process works on it."""
        with self._database.writing() as write:
            if write("SELECT 1 FROM intent WHERE record_id = ?", (record_id,)).fetchone():
                raise StateError("Another process is working on this order. Wait for it.")
            write("DELETE FROM certificate_order WHERE record_id = ? AND stage <> 'confirmed'", (record_id,))

"""What a store costs: a draft's commit against a bare write, and the bytes of a record in it, the search included.

Aims: a commit within 2.5 of a 4 KiB write with fdatasync; 100,000 drafts within 1.5 KiB each.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path

from measuring import row

from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, Tag, new_id
from csr_tui.storage import RecordStore

ROUNDS = 400
RECORDS = 100_000


def draft(number: int) -> Record:
    """A request as companies file them: every part of the subject, two names, a remark and a tag."""
    host = f"h{number}.example.com"
    return Record(
        new_id(),
        subject=Subject(host, "Example Trading Ltd", "IT", "pki@example.com", "Hunan", "Changsha", "CN"),
        names=(f"www.{host}", f"h{number}.example.net"),
        key=KeySpec("ECC", "prime256v1"),
        remark=f"ticket {number}",
        tags=(Tag("team", "web"),),
    )


def commit_costs(folder: Path) -> float:
    """The median of interleaved pairs: adding one draft over writing a page to a file that is there."""
    descriptor = os.open(folder / "bare", os.O_CREAT | os.O_WRONLY, 0o600)
    os.pwrite(descriptor, bytes(4096 * 64), 0)
    os.fsync(descriptor)
    pairs = []
    with RecordStore(folder / "one" / "records.db") as store:
        for number in range(ROUNDS):
            one = draft(number)
            before = time.perf_counter()
            os.pwrite(descriptor, os.urandom(4096), 4096 * (number % 64))
            os.fdatasync(descriptor)
            between = time.perf_counter()
            store.add(one)
            pairs.append((between - before, time.perf_counter() - between))
    os.close(descriptor)
    return statistics.median(ours / bare for bare, ours in pairs)


def bytes_each(folder: Path) -> tuple[float, float]:
    """Bytes of a draft in a store of a hundred thousand, and how many of them are for the search."""
    path = folder / "many" / "records.db"
    with RecordStore(path) as store:
        for start in range(0, RECORDS, 1000):
            store.batch.add([draft(number) for number in range(start, start + 1000)])
        store.maintenance.vacuum(lambda _, __: None)
        _, size = store.maintenance.waste()
        sql = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'search%'"
        with store._database.reading() as read:
            search = read(sql).fetchone()[0]
    return size / RECORDS, search / RECORDS


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        row("time to commit a draft", "a write of 4 KiB and fdatasync", commit_costs(Path(folder)), "at most 2.5")
        size, search = bytes_each(Path(folder))
        row(f"size of a draft in a store of {RECORDS:,}", "1 KiB", size / 1024, "at most 1.5")
        row("size of its part of the search index", "1 KiB", search / 1024, "")


if __name__ == "__main__":
    main()

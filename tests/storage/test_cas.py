"""The CAs in a store: added, chosen by records, removed, and brought back by salvage."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from csr_tui.core.ca import CA
from csr_tui.core.custody import Custody
from csr_tui.errors import NotFoundError, StateError
from csr_tui.lifecycle import drafts
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.core.record import Record

DIRECTORY = CA(
    "corp",
    directory="https://ca.example/dir",
    trust="ROOT",
    email="ops@example.org",
    custody=Custody.RANDOM_KEYRING,
    secret_ref="ca-corp-abc123",
)
OWN = CA("own", command="sign {csr} {out}")


@pytest.fixture
def cas(store: RecordStore) -> RecordStore:
    """A store with a directory and a command."""
    store.batch.release("held")
    (intent,) = store.batch.reserve_secrets("held", ["ca-corp-abc123"])
    store.cas.add(DIRECTORY, account_key="ACCOUNT KEY")
    store.batch.abandon([intent])
    store.batch.release("held")
    store.cas.add(OWN)
    return store


def test_a_ca_is_kept_with_its_account(cas: RecordStore) -> None:
    assert [replace(one, created_at=None) for one in cas.cas.all()] == [DIRECTORY, OWN]
    assert cas.cas.get("corp").created_at is not None
    assert (cas.cas.account_key("corp"), cas.cas.account_key("own")) == ("ACCOUNT KEY", None)
    assert cas.orphaned_secrets() == ()


def test_a_name_is_taken_once_and_an_unknown_one_is_refused(cas: RecordStore) -> None:
    with pytest.raises(StateError):
        cas.cas.add(replace(OWN, name="corp"))
    with pytest.raises(NotFoundError):
        cas.cas.get("other")


def test_a_renewal_takes_over_the_ca_of_its_record_and_a_copy_does_not(
    cas: RecordStore, draft: Callable[..., Record], generated: Callable[[Record], Record]
) -> None:
    done = generated(cas.add(draft()))
    cas.cas.choose(done.id, "corp")
    chosen = cas.get(done.id)

    renewal = drafts.renew(cas, chosen)

    assert (chosen.revision, renewal.ca, cas.get(renewal.id).ca) == (done.revision, "corp", "corp")
    assert drafts.copy(cas, chosen).ca is None


def test_a_removed_ca_is_forgotten_by_its_records_and_its_password_is_doomed(
    cas: RecordStore, draft: Callable[..., Record]
) -> None:
    record = cas.add(draft())
    cas.cas.choose(record.id, "corp")

    cas.cas.remove("corp")

    assert cas.get(record.id).ca is None
    assert cas.orphaned_secrets() == ("ca-corp-abc123",)


def test_the_cas_of_a_damaged_store_are_copied(cas: RecordStore, path: Path, draft: Callable[..., Record]) -> None:
    record = cas.add(draft())
    cas.cas.choose(record.id, "corp")
    before = cas.cas.all()
    cas.close()
    data = bytearray(path.read_bytes())
    data[:100] = bytes(100)  # the header
    path.write_bytes(data)

    with RecordStore(path) as mended:
        assert "damaged" in (mended.notice or "")
        assert mended.cas.all() == before
        assert mended.cas.account_key("corp") == "ACCOUNT KEY"
        assert mended.get(record.id).ca == "corp"
        assert "ca-corp-abc123" in mended.live_secrets()

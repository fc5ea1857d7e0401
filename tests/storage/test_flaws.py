"""What needs somebody: drafts with errors by what was saved last, and what an older version stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from authority import Authority, pem
from cryptography.hazmat.primitives.asymmetric import ec
from storage.test_released_stores import released

from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, new_id
from csr_tui.storage import Query, RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NEEDS = Query(needs_by=datetime(2026, 11, 23, tzinfo=UTC))
BAD = KeySpec("RSA", "7")


def test_a_draft_with_errors_needs_somebody_until_it_is_mended_trashed_or_generated(
    store: RecordStore, draft: Callable[..., Record], generated: Callable[[Record], Record]
) -> None:
    ((added, _),) = store.batch.add([draft(key=BAD)])
    others = [store.add(draft(key=BAD)) for _ in range(3)]
    assert (store.judge(), store.judge(), store.count(NEEDS)) == (True, False, 4)
    assert store.count(replace(NEEDS, usage="client")) == 0

    saved = store.save(replace(added, key=KeySpec("RSA", "2048")))
    store.trash(others[0].id)
    generated(others[1])
    assert store.judge()
    assert [one.id for one in store.page(NEEDS)] == [others[2].id]
    store.save(replace(saved, subject=Subject()))
    assert (store.judge(), store.judge(), store.count(NEEDS)) == (True, False, 2)


def test_the_records_of_an_older_store_are_judged_a_few_at_a_time(path: Path) -> None:
    with RecordStore(released(path, 12)) as store:
        bad = {store.add(Record(new_id(), key=BAD)).id for _ in range(3)}
        store._database.execute("UPDATE record SET flaws = NULL")
        assert store.count(NEEDS) == 0

        rounds = 0
        while store.judge(most=2):
            rounds += 1

        assert rounds > 2
        assert bad <= {one.id for one in store.page(NEEDS)}
        assert store._database.execute("SELECT count(*) FROM record WHERE flaws IS NULL").fetchone() == (0,)


def test_the_issuers_of_an_older_store_are_read_once_those_that_cannot_be_among_them(
    path: Path,
) -> None:
    ca = Authority("Example Issuing CA")
    leaf = pem(ca.issue(ec.generate_private_key(ec.SECP256R1()).public_key(), "www.example.com")).decode()
    with RecordStore(released(path, 16)) as store:
        set_certificate = "UPDATE record SET certificate = ?, flaws = 0 WHERE id = 'issued0000'"
        for certificate, issuer in ((leaf, "Example Issuing CA"), ("CERTIFICATE", "")):
            store._database.execute(set_certificate, (certificate,))
            store._database.execute("UPDATE record SET issuer = NULL")
            assert store.get("issued0000").issuer == ""

            assert (store.judge(), store.judge()) == (True, False)
            assert store.get("issued0000").issuer == issuer
            assert ("issued0000" in {one.id for one in store.page(NEEDS)}) is (not issuer)

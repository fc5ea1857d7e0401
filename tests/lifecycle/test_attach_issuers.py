"""Attaching: the certificates of CAs that come along, are missing, ended, or are known from other records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from authority import NOW, Authority, pem
from lifecycle.attaching import CA, ROOT, attached, issue, sources

from csr_tui.core.record import Record
from csr_tui.errors import NotFoundError, StateError
from csr_tui.lifecycle import attach

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.storage import RecordStore


def test_a_ca_file_alone_says_that_ones_own_certificate_is_missing(
    store: RecordStore, generated: Callable[..., Record]
) -> None:
    generated()

    with pytest.raises(NotFoundError, match="add the file with your own"):
        attached(store, pem(CA.certificate))


def test_a_ca_file_for_a_named_record_is_to_come_with_its_certificate(
    store: RecordStore, generated: Callable[..., Record]
) -> None:
    record = generated()

    with pytest.raises(StateError, match="together with the certificate of this record"):
        attached(store, pem(CA.certificate), record=record)


def test_a_missing_issuer_is_told_and_can_come_later(store: RecordStore, generated: Callable[..., Record]) -> None:
    record = generated()
    leaf = issue(record)

    alone = attach.look(store, sources(pem(leaf)), NOW)
    kept = attach.keep(store, alone)
    completed = attached(store, pem(CA.certificate, ROOT.certificate), record=kept)

    assert not alone.chain.complete
    assert "Example Issuing CA, is missing" in alone.findings[0].message
    assert completed.certificate == pem(leaf, CA.certificate).decode()
    assert completed.earlier == ()


def test_an_issuer_that_came_with_another_record_is_not_asked_for_again(
    store: RecordStore, generated: Callable[..., Record]
) -> None:
    attached(store, pem(issue(generated()), CA.certificate, ROOT.certificate))
    record = generated()

    offer = attach.look(store, sources(pem(issue(record))), NOW)

    assert offer.completed
    assert offer.chain.intermediates == (CA.certificate,)
    assert offer.chain.root == ROOT.certificate


def test_the_chain_that_a_ca_sent_is_not_swapped_for_a_known_one(
    store: RecordStore, generated: Callable[..., Record]
) -> None:
    old_root = Authority("Old Root")
    crossed = Authority("Example Root", old_root, key=ROOT.key)
    attached(store, pem(issue(generated()), CA.certificate, ROOT.certificate))
    record = generated()

    offer = attach.look(store, sources(pem(issue(record), CA.certificate, crossed.certificate)), NOW)

    assert offer.chain.intermediates == (CA.certificate, crossed.certificate)
    assert not offer.completed


@pytest.mark.parametrize(("start", "says"), [(-400, "expired on"), (50, "is not valid before")])
def test_an_issuer_out_of_its_time_is_replaced_by_one_that_came_with_another_record(
    store: RecordStore, generated: Callable[..., Record], start: int, says: str
) -> None:
    attached(store, pem(issue(generated()), CA.certificate, ROOT.certificate))
    other = Authority("Example Issuing CA", ROOT, key=CA.key, start=start, days=300)
    record = generated()

    offer = attach.look(store, sources(pem(issue(record), other.certificate)), NOW)

    assert offer.chain.intermediates == (CA.certificate,)
    assert offer.completed
    assert says in " ".join(map(str, offer.left_out))

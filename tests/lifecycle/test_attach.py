"""Attaching: the record is found by its key, the chain is completed and checked, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from authority import NOW, Authority, der, pem
from lifecycle.attaching import CA, ROOT, attached, issue, sources

from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.findings import InvalidError
from csr_tui.core.lineage import Lineage
from csr_tui.core.pem import Block, armoured
from csr_tui.core.record import Origin, Purpose, Record, State
from csr_tui.errors import Hint, NotFoundError, StateError
from csr_tui.lifecycle import attach, generate
from csr_tui.storage import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from authority import Dates

    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault


def test_the_record_is_found_by_its_key_and_the_root_left_out(
    store: RecordStore, generated: Callable[..., Record]
) -> None:
    generated()
    record = generated()
    leaf = issue(record)

    offer = attach.look(store, sources(pem(ROOT.certificate, CA.certificate), der(leaf)), NOW)
    kept = attach.keep(store, offer)

    assert (kept.id, kept.state) == (record.id, State.ISSUED)
    assert kept.certificate == pem(leaf, CA.certificate).decode()
    assert kept.not_after == leaf.not_valid_after_utc
    assert kept.issuer == "Example Issuing CA"
    assert store.certificates.root(record.id) == pem(ROOT.certificate).decode()
    assert store.get(record.id).has_root
    assert (offer.spare, offer.completed, offer.replaces, offer.findings) == (0, False, False, ())


def test_looking_keeps_nothing(store: RecordStore, generated: Callable[..., Record]) -> None:
    record = generated()

    attach.look(store, sources(pem(issue(record), CA.certificate)), NOW)

    assert store.get(record.id) == record


def test_a_keyless_record_is_attached_too(store: RecordStore, draft: Callable[..., Record], vault: Vault) -> None:
    elsewhere = generate.generate(store, vault, draft(), Custody.RANDOM_KEYRING)
    record = draft()
    there = replace(
        record, origin=Origin.TENCENT, csr=elsewhere.csr, key_fingerprint=elsewhere.key_fingerprint, secret_ref=None
    )
    keyless = store.complete_generate(store.begin(record, "submit", None), there, key_pem=None)
    store.trash(elsewhere.id)

    kept = attached(store, pem(issue(keyless), CA.certificate))

    assert (kept.id, kept.state, kept.has_key) == (keyless.id, State.ISSUED, False)


def test_a_file_for_no_record_is_told_with_its_key_and_what_to_do(
    store: RecordStore, generated: Callable[..., Record]
) -> None:
    generated()
    stranger = CA.issue(Authority("x").key.public_key(), "strange.example.com")

    with pytest.raises(NotFoundError) as told:
        attached(store, pem(CA.certificate), pem(stranger))

    assert "1.pem is for strange.example.com, whose key is " in str(told.value)
    assert "No record has that key" in str(told.value)
    assert told.value.hint is Hint.INSPECT


def test_the_key_of_another_record_is_refused_and_that_record_named(
    store: RecordStore, generated: Callable[..., Record]
) -> None:
    record, other = generated(), generated()

    with pytest.raises(StateError, match=f"It belongs to record {other.id}"):
        attached(store, pem(issue(other), CA.certificate), record=record)
    assert store.get(record.id) == record
    assert store.get(other.id) == other


def test_a_draft_and_the_trash_take_no_certificate(
    store: RecordStore, generated: Callable[..., Record], draft: Callable[..., Record]
) -> None:
    record = generated()
    leaf = pem(issue(record), CA.certificate)

    with pytest.raises(StateError, match="is a draft"):
        attached(store, leaf, record=draft())
    store.trash(record.id)
    with pytest.raises(StateError, match="in the trash"):
        attached(store, leaf)


def test_of_two_records_with_one_key_the_waiting_one_gets_it(
    store: RecordStore, generated: Callable[..., Record], draft: Callable[..., Record]
) -> None:
    first = generated()
    attached(store, pem(issue(first), CA.certificate))
    second = draft()
    same = replace(second, origin=Origin.LOCAL, csr=first.csr, key_fingerprint=first.key_fingerprint, secret_ref=None)
    waiting = store.complete_generate(store.begin(second, "generate", None), same, key_pem="KEY")

    kept = attached(store, pem(issue(first), CA.certificate))

    assert kept.id == waiting.id
    with pytest.raises(NotFoundError, match=r"Several records have this key: .*Choose one"):
        attached(store, pem(issue(first, start=0), CA.certificate))


def test_a_newer_certificate_replaces_an_older_one_never_the_other_way(
    store: RecordStore, generated: Callable[..., Record]
) -> None:
    record = generated()
    older, newer = issue(record), issue(record, start=0)
    attached(store, pem(older, CA.certificate))

    offer = attach.look(store, sources(pem(newer, older, CA.certificate)), NOW)
    kept = attach.keep(store, offer)

    assert offer.replaces
    assert offer.spare == 1
    assert kept.certificate == pem(newer, CA.certificate).decode()
    assert kept.earlier == (pem(older, CA.certificate).decode(),)
    with pytest.raises(StateError, match="already has a newer certificate"):
        attached(store, pem(older, CA.certificate))


def test_the_same_once_more_changes_nothing(store: RecordStore, generated: Callable[..., Record]) -> None:
    leaf = issue(generated())
    kept = attached(store, pem(leaf, CA.certificate, ROOT.certificate))

    assert attached(store, pem(leaf)) == kept
    assert attached(store, pem(CA.certificate, leaf)) == kept


@pytest.mark.parametrize(
    ("names", "dates", "says"),
    [((), {"start": -100}, "0.pem: Validity: It expired on 2026-11-14 UTC"), (("a.example",), {}, "")],
    ids=["ended", "other names"],
)
def test_what_no_server_can_use_is_refused_and_what_a_ca_may_change_is_not(
    store: RecordStore, generated: Callable[..., Record], names: tuple[str, ...], dates: Dates, says: str
) -> None:
    record = generated(subject=Subject(domain="www.example.com", organization="Example Ltd"))
    data = pem(issue(record, *names, **dates), CA.certificate)

    if says:
        with pytest.raises(InvalidError, match=says):
            attached(store, data)
        assert store.get(record.id) == record
    else:
        offer = attach.look(store, sources(data), NOW)
        assert {(one.asked, one.got) for one in offer.compared if one.field != "domain"} == {
            ("Example Ltd", ""),
            ("www.example.com", ""),
            ("", "a.example"),
        }


def test_a_source_without_a_certificate_is_named(store: RecordStore, generated: Callable[..., Record]) -> None:
    record = generated()

    with pytest.raises(InvalidError, match=r"1.pem: It contains no certificate. It is a certificate request"):
        attached(store, pem(issue(record)), (record.csr or "").encode())


def block(data: bytes, label: str = "CERTIFICATE") -> bytes:
    return armoured(Block(label, data))


OTHER = der(Authority("A&B*").certificate)
UNREADABLE = {
    "a sign that no PrintableString has": OTHER.replace(b"\x0c\x04A&B*", b"\x13\x04A&B*"),
    "Latin-1 in a T61String": OTHER.replace(b"\x0c\x04A&B*", b"\x0c\x04A\xfcB*"),
    "version 5": OTHER.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x04", 1),
    "a time without seconds": OTHER.replace(b"\x17\x0d", b"\x17\x0c", 1),
}


@pytest.mark.parametrize("what", UNREADABLE)
@pytest.mark.parametrize("apart", [False, True], ids=["one file", "a file of its own"])
def test_a_certificate_that_cannot_be_read_is_left_out_and_told(
    store: RecordStore, generated: Callable[..., Record], what: str, apart: bool
) -> None:
    record = generated()
    good, odd = pem(issue(record), CA.certificate), block(UNREADABLE[what])

    offer = attach.look(store, sources(good, odd) if apart else sources(good + odd), NOW)

    (warning,) = [finding for finding in offer.findings if finding.field == "file"]
    place = "1.pem: The certificate in line 1" if apart else "0.pem: The certificate in line "
    assert warning.message.startswith(place)
    assert "left out" in warning.message
    assert "cut off" not in warning.message
    assert attach.keep(store, offer).state is State.ISSUED


@pytest.mark.parametrize(
    "damaged",
    [pem(CA.certificate)[:-30], pem(CA.certificate).replace(b"\nMII", b"\nM!!", 1), block(der(CA.certificate)[:200])],
    ids=["no END", "no Base64", "length beyond its end"],
)
def test_a_certificate_that_was_cut_refuses_the_file(
    store: RecordStore, generated: Callable[..., Record], damaged: bytes
) -> None:
    record = generated()

    with pytest.raises(InvalidError, match=r"0\.pem: The certificate in line .* (cut off|cut)"):
        attach.look(store, sources(pem(issue(record)) + damaged), NOW)


def test_where_the_records_own_cannot_be_read_the_refusal_tells_so(
    store: RecordStore, generated: Callable[..., Record]
) -> None:
    record = generated()
    own = der(issue(record)).replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x04", 1)

    with pytest.raises(NotFoundError, match=r"line 1 was left out.*version"):
        attach.look(store, sources(block(own) + pem(CA.certificate)), NOW)


def test_of_two_records_of_one_line_the_newest_is_meant(
    store: RecordStore, generated: Callable[..., Record], draft: Callable[..., Record]
) -> None:
    first = generated()
    attached(store, pem(issue(first), CA.certificate))
    second = draft(lineage=Lineage(renews=first.id, same_key=True))
    same = replace(second, origin=Origin.LOCAL, csr=first.csr, key_fingerprint=first.key_fingerprint, secret_ref=None)
    store.complete_generate(store.begin(second, "generate", None), same, key_pem="KEY")
    attached(store, pem(issue(first, start=0), CA.certificate))

    again = attached(store, pem(issue(first, start=0, days=91), CA.certificate))

    assert again.id == second.id


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ({"start": 0}, {"start": -1}, "valid from 2026-11-24, this one from 2026-11-23"),
        ({"start": 0}, {"start": -0.25}, "valid from 2026-11-24 12:00 UTC, this one from 2026-11-24 06:00 UTC"),
        ({"days": 90}, {"days": 89}, "valid until 2027-02-21, this one until 2027-02-20"),
    ],
)
def test_the_older_of_two_certificates_is_told_by_what_differs(
    store: RecordStore, generated: Callable[..., Record], first: Dates, second: Dates, says: str
) -> None:
    record = generated()
    attached(store, pem(issue(record, **first), CA.certificate))

    with pytest.raises(StateError, match=says):
        attached(store, pem(issue(record, **second), CA.certificate))


def test_a_name_that_was_asked_for_as_another_kind_is_a_warning(
    store: RecordStore, generated: Callable[..., Record]
) -> None:
    record = generated(names=("10.0.0.5",), purpose=Purpose.PRIVATE)

    offer = attach.look(store, sources(pem(issue(record, "www.example.com", "10.0.0.5"), CA.certificate)), NOW)

    (warning,) = offer.findings
    assert warning.message == (
        "10.0.0.5 was requested as an address, but issued as a DNS name: clients do not match it."
    )
    assert [(one.asked, one.got) for one in offer.compared if one.differs] == [
        ("10.0.0.5", ""),
        ("", "DNS:10.0.0.5"),
    ]


def test_what_is_left_out_is_told_with_its_place_and_why(store: RecordStore, generated: Callable[..., Record]) -> None:
    record = generated()
    newer, older = issue(record, start=0), issue(record)
    cross = Authority("Example Root", Authority("Old Root"), key=ROOT.key, start=-900, days=800)
    stray = Authority("Stray CA").certificate
    data = pem(older, newer, CA.certificate, cross.certificate)

    offer = attach.look(store, sources(data, der(stray)), NOW)

    line = {one: data[: data.index(pem(one))].count(b"\n") + 1 for one in (older, cross.certificate)}
    assert offer.left_out == (
        f"www.example.com (0.pem, line {line[older]}) is another certificate for the same key",
        f"Example Root (0.pem, line {line[cross.certificate]}) expired on 2026-08-16 UTC",
        "Stray CA (1.pem) is not part of the chain",
    )


def test_the_record_is_found_among_hundreds_of_other_certificates(
    store: RecordStore, generated: Callable[..., Record]
) -> None:
    record = generated()
    others = [pem(*(CA.issue(Authority("x").key.public_key(), "a.example") for _ in range(60))) for _ in range(2)]

    assert attached(store, *others, pem(issue(record), CA.certificate)).id == record.id


def test_a_certificate_that_differs_needs_somebody_until_one_that_does_not_takes_its_place(
    store: RecordStore, generated: Callable[..., Record]
) -> None:
    needs = Query(needs_by=NOW)
    record = generated()
    assert store.count(needs) == 0

    attached(store, pem(issue(record, record.subject.domain, "other.example.com"), CA.certificate))
    assert store.judge()
    assert [one.id for one in store.page(needs)] == [record.id]

    attached(store, pem(issue(record, days=200), CA.certificate))
    assert store.judge()
    assert store.count(needs) == 0

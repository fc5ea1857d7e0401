"""Whole orders at Pebble, which looks at the proofs itself."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from authority import pem
from lifecycle.attaching import attached, issue
from lifecycle.obtain.conftest import Desk
from pebble import Pebble, Pebbles, account_key, resolve_here, serving

from csr_tui.acme.client import AcmeClient
from csr_tui.core import certificate
from csr_tui.core.ca import CA
from csr_tui.core.order import CertificateOrder, NameProof, OrderStage
from csr_tui.core.record import Purpose, Record, State, new_id
from csr_tui.errors import CsrTuiError, Fact, Hint, RefusedError, StateError, UsageError
from csr_tui.lifecycle import recovery
from csr_tui.lifecycle.attach import Offer
from csr_tui.lifecycle.obtain import command, order, proofs
from csr_tui.lifecycle.obtain.proofs import ProofKind
from csr_tui.lifecycle.steps import Point, Reached

if TYPE_CHECKING:
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

pytestmark = pytest.mark.system


def order_of(desk: Desk, record: Record) -> CertificateOrder:
    found = desk.store.get(record.id).order
    assert found is not None
    return found


def waits(result: object, hint: Hint | None = Hint.PROVE) -> Fact:
    assert isinstance(result, Fact), result
    assert result.hint is hint
    return result


class Answers(AcmeClient):
    """Counts the answers to challenges, and the CSRs."""

    answered = finalised = 0

    def answer(self, challenge: str) -> None:
        self.answered += 1
        super().answer(challenge)

    def finalise(self, url: str, csr: bytes) -> None:
        self.finalised += 1
        super().finalise(url, csr)


def test_an_order_by_dns_waits_until_the_record_is_seen_and_is_brought_home(desk: Desk) -> None:
    record = desk.record()
    client = desk.client(kind=Answers)
    assert "Prove 1 name until" in str(waits(desk.obtain(record, client=client)))
    (proof,) = order_of(desk, record).proofs
    assert (proof.kind, proof.place) == ("dns-01", f"_acme-challenge.{record.subject.domain}")
    placed = order_of(desk, record).url

    waits(desk.obtain(record, client=client))
    assert "Not seen yet" in order_of(desk, record).proofs[0].note
    desk.pebble.set_txt(proof.place, "an-old-value")
    waits(desk.obtain(record, client=client))
    assert "An old value is still published: an-old-value. Remove it." in order_of(desk, record).proofs[0].note
    assert client.answered == 0  # the CA would look once, and fail

    desk.prove(record)
    offer = desk.whole(record, client=client)

    done = desk.store.get(record.id)
    assert (done.state, done.certificate is not None, client.answered, client.finalised) == (State.ISSUED, True, 1, 1)
    assert (order_of(desk, record).stage, order_of(desk, record).url) == (OrderStage.CONFIRMED, placed)
    assert offer.chain.intermediates
    with pytest.raises(StateError, match="already has a certificate"):
        desk.obtain(record)


def test_a_wildcard_and_its_apex_are_proven_by_two_values_at_one_name(desk: Desk) -> None:
    apex = f"{new_id()}.example.com"
    record = desk.record(f"*.{apex}", apex)
    waits(desk.obtain(record))
    found = order_of(desk, record).proofs
    assert {proof.name for proof in found} == {apex, f"*.{apex}"}
    assert {proof.place for proof in found} == {f"_acme-challenge.{apex}"}

    desk.whole(record)

    leaf = certificate.read(certificate.certificates_in((desk.store.get(record.id).certificate or "").encode())[0])
    assert set(leaf.sans) == {f"*.{apex}", apex}


def test_a_proof_that_the_ca_does_not_see_costs_the_order_and_is_told_in_its_words(desk: Desk) -> None:
    record = desk.record()
    waits(desk.obtain(record, even_so=True))  # what was just shown cannot be there yet
    first = order_of(desk, record)

    with pytest.raises(RefusedError, match=r"(?s)did not accept the proof of .*\(\w+\).*(record|servers)") as caught:
        desk.whole(record, even_so=True, place_nothing=True)

    assert caught.value.code in {"unauthorized", "dns"}
    refused = order_of(desk, record)
    assert (refused.stage, refused.message) == (OrderStage.REFUSED, str(caught.value))
    desk.whole(record)
    assert order_of(desk, record).url != first.url


@pytest.fixture
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_here(monkeypatch)


@pytest.mark.usefixtures("_here")
def test_a_file_on_the_web_server_is_fetched_by_us_first(desk: Desk, tmp_path: Path) -> None:
    record = desk.record()
    waits(desk.obtain(record, kind=ProofKind.FILE))
    (proof,) = order_of(desk, record).proofs
    assert proof.place.startswith(f"http://{record.subject.domain}/.well-known/acme-challenge/")
    waits(desk.obtain(record))
    assert "was not reached" in order_of(desk, record).proofs[0].note

    target = tmp_path / "www" / proof.place.removeprefix(f"http://{record.subject.domain}/")
    target.parent.mkdir(parents=True)
    with serving(tmp_path / "www", desk.pebble.http_port):
        waits(desk.obtain(record))
        assert "HTTP status 404" in order_of(desk, record).proofs[0].note
        target.write_text("something else")
        waits(desk.obtain(record))
        assert "different content" in order_of(desk, record).proofs[0].note
        target.write_text(proof.value + "\n")
        assert desk.whole(record)


@pytest.mark.usefixtures("_here")
def test_the_file_is_written_below_the_webroot_and_removed_again(desk: Desk, tmp_path: Path) -> None:
    record = desk.record()
    root = tmp_path / "www"
    with pytest.raises(CsrTuiError, match="is not a folder"):
        desk.obtain(record, kind=ProofKind.WEBROOT, webroot=root)
    root.mkdir()

    with serving(root, desk.pebble.http_port):
        assert desk.whole(record, kind=ProofKind.WEBROOT, webroot=root)

    assert list(root.iterdir()) == []


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The root of a web server."""
    folder = tmp_path / "www"
    folder.mkdir()
    return folder


def placed(desk: Desk, root: Path) -> Record:
    """A record whose order waits for the file that was written below a root, which nobody serves."""
    record = desk.record()
    waits(desk.obtain(record, kind=ProofKind.WEBROOT, webroot=root))
    (proof,) = order_of(desk, record).proofs
    assert [one.read_text() for one in root.rglob("*") if one.is_file()] == [proof.value]
    return record


def stop_at(point: Point) -> Reached:
    def reached(label: str) -> None:
        if label == point:
            raise KeyboardInterrupt

    return reached


@pytest.mark.usefixtures("_here")
@pytest.mark.parametrize("point", [Point.PROOF_ANSWERED, Point.FINALISING])
def test_a_file_that_one_run_left_below_the_webroot_is_removed_by_the_next(
    desk: Desk, root: Path, monkeypatch: pytest.MonkeyPatch, point: Point
) -> None:
    """It is needed while the CA may look at it. The order knows where it is, wherever the next run starts."""
    record = desk.record()
    monkeypatch.chdir(root)
    with serving(root, desk.pebble.http_port):
        with pytest.raises(KeyboardInterrupt):
            desk.whole(record, kind=ProofKind.WEBROOT, webroot=Path(), reached=stop_at(point))
        assert (root / ".well-known").exists() is (point is Point.PROOF_ANSWERED)
        monkeypatch.chdir("/")
        assert desk.whole(record, place_nothing=True)

    assert list(root.iterdir()) == []


@pytest.mark.usefixtures("_here")
def test_a_file_that_went_missing_is_written_again(desk: Desk, root: Path) -> None:
    record = placed(desk, root)
    shutil.rmtree(root / ".well-known")
    with serving(root, desk.pebble.http_port):
        assert desk.whole(record, place_nothing=True)
    assert list(root.iterdir()) == []


@pytest.mark.usefixtures("_here")
@pytest.mark.parametrize("kind", ProofKind)
def test_a_file_is_removed_once_another_proof_is_chosen(
    desk: Desk, root: Path, tmp_path: Path, kind: ProofKind
) -> None:
    record = placed(desk, root)
    (other := tmp_path / "other").mkdir()
    chosen = other if kind is ProofKind.WEBROOT else None
    waits(desk.obtain(record, kind=kind, webroot=chosen))
    waits(desk.obtain(record))
    assert list(root.iterdir()) == []
    assert [one.folder for one in order_of(desk, record).proofs] == [str(chosen or "")]
    assert (other / ".well-known").exists() is (chosen is not None)


@pytest.mark.usefixtures("_here")
def test_a_file_is_removed_once_its_order_has_failed(desk: Desk, root: Path) -> None:
    record = placed(desk, root)
    with pytest.raises(RefusedError, match="did not accept the proof"):
        desk.whole(record, even_so=True, place_nothing=True)
    assert list(root.iterdir()) == []


@pytest.mark.usefixtures("_here")
def test_a_file_is_removed_once_its_order_is_given_up_or_purged_or_needless(desk: Desk, root: Path) -> None:
    given_up, purged, issued = placed(desk, root), desk.record(), desk.record()
    command.give_up(desk.store, desk.store.get(given_up.id))
    assert list(root.iterdir()) == []

    desk.obtain(purged, kind=ProofKind.WEBROOT, webroot=root)
    recovery.purge(desk.store, desk.vault, desk.store.trash(purged.id))
    assert list(root.iterdir()) == []

    desk.obtain(issued, kind=ProofKind.WEBROOT, webroot=root)
    attached(desk.store, pem(issue(issued)), record=desk.store.get(issued.id))
    assert list(root.iterdir()) == []


@pytest.mark.usefixtures("_here")
def test_a_file_that_somebody_changed_is_left_alone(desk: Desk, root: Path) -> None:
    record = placed(desk, root)
    (file,) = (one for one in root.rglob("*") if one.is_file())
    file.write_text("another proof")
    command.give_up(desk.store, desk.store.get(record.id))
    assert file.read_text() == "another proof"


@pytest.mark.parametrize("environment", [{"WFE_NONCEREJECT": "50"}, {"AUTHZREUSE": "100"}], ids=["nonces", "reuse"])
def test_refused_nonces_and_names_that_are_proven_already_need_nothing(
    pebbles: Pebbles, pebble: Pebble, store: RecordStore, vault: Vault, environment: dict[str, str]
) -> None:
    desk = Desk(store, vault, pebbles(environment))
    domain = f"{new_id()}.example.com"
    assert desk.whole(desk.record(domain))
    again = desk.record(domain)
    first = desk.obtain(again)
    if "AUTHZREUSE" in environment:
        assert isinstance(first, Offer)
    assert desk.whole(desk.record())


def test_one_run_waits_for_the_person_and_the_ca_as_long_as_it_is_asked_to(desk: Desk) -> None:
    record = desk.record()
    waited: list[float] = []

    def act(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            desk.prove(record)

    waits(desk.obtain(record, wait=20.0, sleep=waited.append))
    assert waited == [15.0, 5.0]
    waited.clear()
    assert isinstance(desk.obtain(record, wait=3600.0, sleep=act), Offer)
    assert waited[:2] == [15.0, 15.0]


def test_another_account_or_another_ca_never_goes_on_with_an_order(desk: Desk) -> None:
    record = desk.record()
    waits(desk.obtain(record))
    before = order_of(desk, record)

    other = AcmeClient(desk.pebble.directory, account_key(), label="other", trust=desk.pebble.trust)
    other.new_account(email=None, agreed=True)
    with pytest.raises(StateError, match="another account"):
        desk.obtain(record, client=other)
    with pytest.raises(StateError, match="order is at pebble"):
        order.refuse_elsewhere(before, desk.client(), CA("corp", "https://ca.example/dir"))
    assert order_of(desk, record) == before


def test_two_records_with_the_same_names_never_share_an_order(desk: Desk) -> None:
    domain = f"{new_id()}.example.com"
    first, second = desk.record(domain), desk.record(domain)
    waits(desk.obtain(first))
    url = order_of(desk, first).url or ""

    class Boulder(AcmeClient):
        def new_order(self, identifiers: tuple[tuple[str, str], ...]) -> str:
            return url

    with pytest.raises(StateError, match=f"the order of record {first.id}"):
        desk.obtain(second, client=desk.client(kind=Boulder))

    assert desk.store.get(second.id).order is None
    assert desk.whole(second)
    assert desk.whole(first)


PUBLIC = CA("letsencrypt", "https://acme-v02.api.letsencrypt.org/directory")


@pytest.mark.parametrize(
    ("ca", "fields", "sentence"),
    [
        (PUBLIC, {"purpose": Purpose.PRIVATE}, "for your own CA, and letsencrypt is a public one"),
        (None, {"names": ("jane@example.com",), "purpose": Purpose.PRIVATE}, "host names and IP addresses only"),
        (None, {"usage": "client", "purpose": Purpose.PRIVATE}, "ACME certifies servers"),
    ],
)
def test_what_acme_cannot_carry_is_refused_before_anything_is_sent(
    desk: Desk, ca: CA | None, fields: dict[str, Any], sentence: str
) -> None:
    record = desk.record(f"{new_id()}.example.com", *fields.pop("names", ()), **fields)
    with pytest.raises(StateError, match=sentence):
        order.check(record, ca or desk.ca)


def test_a_name_that_a_changed_store_has_is_refused_with_its_reason(desk: Desk) -> None:
    record = desk.record(f"{new_id()}.example.com")
    with pytest.raises(StateError, match="It contains an invisible character"):
        order.check(replace(record, names=("a\nb",)), desk.ca)


def test_a_draft_has_nothing_to_take_to_a_ca(desk: Desk) -> None:
    with pytest.raises(StateError, match="is a draft"):
        order.check(Record(new_id()), desk.ca)


def test_a_way_that_the_ca_does_not_offer_is_refused_with_those_it_does(desk: Desk) -> None:
    record = desk.record(f"*.{new_id()}.example.com")
    with pytest.raises(RefusedError, match=r"cannot be proven this way. The CA offers: dns-01"):
        desk.obtain(record, kind=ProofKind.FILE)
    assert order_of(desk, record).stage is OrderStage.ORDERED
    assert desk.whole(record)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("127.0.0.1", ("127.0.0.1", 53)),
        ("127.0.0.1:8053", ("127.0.0.1", 8053)),
        ("::1", ("::1", 53)),
        ("[::1]:8053", ("::1", 8053)),
        ("localhost", None),
        ("127.0.0.1:0", None),
        ("127.0.0.1:x", None),
    ],
)
def test_a_resolver_is_an_address_with_or_without_a_port(text: str, found: tuple[str, int] | None) -> None:
    if found is None:
        with pytest.raises(UsageError, match="not the address of a name server"):
            proofs.resolver_of({"CSR_TUI_RESOLVER": text})
    else:
        resolver = proofs.resolver_of({"CSR_TUI_RESOLVER": text})
        assert resolver is not None
        assert (resolver.host, resolver.port) == found


def test_a_value_is_never_the_one_of_an_earlier_order(desk: Desk) -> None:
    record = desk.record()
    waits(desk.obtain(record))
    shown: NameProof = order_of(desk, record).proofs[0]
    desk.store.orders.drop(record.id)
    waits(desk.obtain(record))
    assert order_of(desk, record).proofs[0].value != shown.value

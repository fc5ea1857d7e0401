"""`csr-tui obtain` with an ACME directory: what it prints, and its exit statuses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from pebble import PROGRAMS, Pebble, Pebbles, account_key

from csr_tui.acme.client import AcmeClient
from csr_tui.acme.resources import Authorization, Challenge
from csr_tui.core.ca import CA
from csr_tui.core.custody import Custody
from csr_tui.core.record import new_id
from csr_tui.errors import RefusedError, UnknownOutcomeError
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cli.conftest import Generated, Run

    from csr_tui.acme.resources import OrderReply
    from csr_tui.paths import Paths

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def pebbles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pebbles]:
    running = Pebbles(tmp_path_factory.mktemp("pebbles"))
    yield running
    running.close()


@pytest.fixture
def pebble(pebbles: Pebbles, require: Callable[..., None], paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Pebble:
    """A CA with an account whose key is unprotected, and its DNS to look at."""
    require(*PROGRAMS)
    pebble, key = pebbles(), account_key()
    account = AcmeClient(pebble.directory, key, label="pebble", trust=pebble.trust).new_account(email=None, agreed=True)
    ca = CA(
        "pebble",
        pebble.directory,
        trust=pebble.trust,
        account_url=account,
        custody=Custody.NONE_UNPROTECTED,
    )
    with RecordStore(paths.store) as store:
        store.cas.add(ca, account_key=key.reveal())
    monkeypatch.setenv("CSR_TUI_RESOLVER", pebble.resolver)
    monkeypatch.setattr("csr_tui.lifecycle.obtain.run.FOR_CA", 0.05)  # Pebble decides within milliseconds
    return pebble


def test_it_prints_what_to_prove_then_attaches_the_certificate(pebble: Pebble, run: Run, generated: Generated) -> None:
    domain = f"{new_id()}.example.com"
    record_id = generated(domain=domain)

    placed = run("obtain", record_id)
    assert (placed.status, placed.err) == (9, "")
    shown = run("obtain", record_id, "--json")
    order, error = shown.json["order"], shown.json["error"]
    (proof,) = order["proofs"]
    assert (shown.status, error["kind"], order["ca"], order["stage"]) == (9, "waiting", "pebble", "ordered")
    assert f"csr-tui obtain {record_id}" in error["hint"]
    assert proof == {**proof, "name": domain, "kind": "dns-01", "record": f"_acme-challenge.{domain}", "seen": False}
    assert [*proof] == ["name", "kind", "record", "value", "seen", "lasting"]
    assert proof["lasting"] is None
    assert all(f"  {text}\n" in placed.out for text in (domain, proof["record"], proof["value"])), placed.out
    assert "Prove 1 name until " in placed.out

    page = run("show", record_id).out
    assert all(text in page for text in ("pebble, order placed, until ", proof["record"], proof["value"])), page

    pebble.set_txt(proof["record"], proof["value"])
    done = run("obtain", record_id, "--wait", "1m", "--json")
    assert (done.status, done.json["state"], done.json["order"]["stage"]) == (0, "issued", "confirmed")
    assert done.json["certificate"].count("BEGIN") == 2
    assert run("obtain", record_id).status == 4


def test_a_lasting_record_is_a_value_of_its_proof(
    pebble: Pebble, run: Run, generated: Generated, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = AcmeClient.authorization

    def offering(client: AcmeClient, url: str) -> Authorization:
        lasting = Challenge("dns-persist-01", f"{url}/lasting", "pending", "", None, ("ca.example",))
        found = usual(client, url)
        return replace(found, challenges=(*found.challenges, lasting))

    monkeypatch.setattr(AcmeClient, "authorization", offering)
    record_id = generated(domain=f"{new_id()}.example.com")
    (proof,) = run("obtain", record_id, "--json").json["order"]["proofs"]

    place, value = proof["lasting"]["record"], proof["lasting"]["value"]
    assert place == f"_validation-persist.{proof['name']}"
    assert value.startswith("ca.example; accounturi=https://")
    assert run("show", record_id, "--json").json["order"]["proofs"] == [proof]
    sentence = f"Or set this TXT record once, for all orders of this account: {place} with the value {value}.\n"
    assert sentence in run("obtain", record_id).out


def test_giving_up_frees_a_record(pebble: Pebble, run: Run, generated: Generated) -> None:
    record_id = generated(domain=f"{new_id()}.example.com")
    assert run("obtain", record_id, "--give-up").status == 4
    first = run("obtain", record_id, "--json").json["order"]["url"]

    assert run("obtain", record_id, "--give-up", "--json").json["order"] is None

    assert run("obtain", record_id, "--json").json["order"]["url"] != first


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--webroot", "/nowhere", "--proof", "dns"), 2),
        (("--proof", "webroot"), 2),
        (("--proof", "tls"), 2),
        (("--wait", "soon"), 2),
        (("--webroot", "/nowhere"), 8),
        (("--ca", "other"), 4),
    ],
)
def test_what_does_not_fit_together_is_refused(
    pebble: Pebble, run: Run, generated: Generated, words: tuple[str, ...], status: int
) -> None:
    record_id = generated(domain=f"{new_id()}.example.com")
    assert run("obtain", record_id, *words).status == status


def test_a_ca_that_is_not_reached_is_a_refusal(
    pebble: Pebble, run: Run, generated: Generated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSR_TUI_PROXY", "http://127.0.0.1:1")
    monkeypatch.setattr("time.sleep", lambda _: None)
    record_id = generated(domain=f"{new_id()}.example.com")
    failed = run("obtain", record_id, "--json")
    assert (failed.status, failed.json["error"]["kind"]) == (6, "refused")
    assert run("show", record_id, "--json").json["order"] is None


def test_a_csr_without_a_reply_is_unknown_until_reconcile_brings_its_certificate_home(
    pebble: Pebble, run: Run, generated: Generated, paths: Paths
) -> None:
    record_id = generated(domain=f"{new_id()}.example.com")
    (proof,) = run("obtain", record_id, "--json").json["order"]["proofs"]
    pebble.set_txt(proof["record"], proof["value"])
    finalise, order = AcmeClient.finalise, AcmeClient.order
    sent: list[str] = []

    def lost(client: AcmeClient, url: str, csr: bytes) -> None:
        finalise(client, url, csr)
        sent.append(url)
        raise UnknownOutcomeError("pebble did not answer the CSR: the connection broke before the reply.")

    def deaf(client: AcmeClient, url: str) -> OrderReply:
        if sent:
            raise RefusedError("pebble was not reached.")
        return order(client, url)

    with patch.object(AcmeClient, "finalise", lost), patch.object(AcmeClient, "order", deaf):
        failed = run("obtain", record_id, "--json")
        assert (failed.status, failed.json["error"]["kind"]) == (7, "unknown")
        assert "csr-tui reconcile" in failed.json["error"]["hint"]
        assert run("reconcile").status == 7
        assert f"may have issued a certificate for {record_id}" in run("doctor").out

    with RecordStore(paths.store) as store:
        kept = store.orders.get(record_id)
        assert kept is not None
        gave_up = run("obtain", record_id, "--give-up")
        assert (gave_up.status, "Public CAs list theirs in crt.sh" in gave_up.out) == (0, True)
        store.orders.put(kept)

    while run("show", record_id, "--json").json["state"] == "generated":  # Pebble signs within milliseconds
        settled = run("reconcile", "--json")
        assert settled.status == 0
    assert settled.json["records"][0]["order"]["stage"] == "confirmed"
    assert run("reconcile").out == "All outcomes are known.\n"
    assert len(sent) == 1

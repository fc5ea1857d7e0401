"""CAs that answer as none should, each Pebble but for one reply: nothing is lost, doubled, or attached wrongly."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from authority import Authority, pem
from cryptography.hazmat.primitives.asymmetric import ec
from hostile.texts import HOSTILE, UNSEEN
from lifecycle.obtain.conftest import Desk

from csr_tui.acme.client import AcmeClient
from csr_tui.core import csr
from csr_tui.core.order import OrderStage
from csr_tui.core.record import Record, State
from csr_tui.errors import CsrTuiError, Fact, RateLimitedError, RefusedError

if TYPE_CHECKING:
    from csr_tui.lifecycle.attach import Offer

pytestmark = pytest.mark.system

EVIL = " ".join(HOSTILE.values())
ROOT = Authority("Somebody Else's Root", now=datetime.now(UTC))


@dataclass(frozen=True)
class Reply:
    """What comes in place of the real reply."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def problem(code: str, detail: str, status: int, **headers: str) -> Reply:
    body = f'{{"type": "urn:ietf:params:acme:error:{code}", "detail": {json.dumps(detail)}}}'.encode()
    return Reply(status, body, tuple(headers.items()))


class Odd(AcmeClient):
    """Pebble, but for the replies to one action."""

    action = ""
    reply: Callable[[Any], Any]
    left = 0

    def _send(self, method: str, url: str, action: str, data: bytes | None = None) -> Any:
        real = super()._send(method, url, action, data)
        if action != self.action or not self.left:
            return real
        self.left -= 1
        return self.reply(real)


def odd(desk: Desk, action: str, reply: Callable[[Any], Any], times: int = 1000) -> Odd:
    client = desk.client(kind=Odd, sleep=lambda _: None)
    client.action, client.reply, client.left = action, reply, times
    return client


def instead(reply: Reply) -> Callable[[Any], Any]:
    return lambda real: replace(
        real, status=reply.status, body=reply.body, headers={**real.headers, **dict(reply.headers)}
    )


def edited(old: bytes, new: bytes) -> Callable[[Any], Any]:
    return lambda real: replace(real, body=real.body.replace(old, new))


def proven(desk: Desk) -> Record:
    record = desk.record()
    assert isinstance(desk.obtain(record), Fact)
    desk.prove(record)
    return record


def run(desk: Desk, record: Record, client: AcmeClient) -> Offer | Fact | CsrTuiError:
    """Until it no longer waits for the CA to look at the proofs."""
    for _ in range(100):
        try:
            result = desk.obtain(record, client=client)
        except CsrTuiError as error:
            return error
        if not isinstance(result, Fact) or "checking the proofs" not in str(result):
            return result
    raise AssertionError(result)


def stage(desk: Desk, record: Record) -> OrderStage | None:
    found = desk.store.get(record.id).order
    return None if found is None else found.stage


CSR, ORDER, CERTIFICATE = "the CSR", "the request for the order", "the request for the certificate"


def test_an_order_that_stays_in_processing_is_waited_for_and_asked_for_only_once(desk: Desk) -> None:
    record, before = proven(desk), desk.pebble.issued
    client = odd(desk, ORDER, edited(b'"status": "valid"', b'"status": "processing"'))

    for _ in range(3):
        waiting = run(desk, record, client)
        assert str(waiting) == "pebble is working on the certificate."
        assert stage(desk, record) is OrderStage.FINALISING

    client.left = 0
    assert not isinstance(run(desk, record, client), Fact | CsrTuiError)
    assert desk.pebble.issued - before == 1


def test_retry_after_is_what_is_waited(desk: Desk) -> None:
    record = proven(desk)
    waited: list[float] = []

    def asked(real: Any) -> Any:
        body = real.body.replace(b'"status": "valid"', b'"status": "processing"')
        return replace(real, body=body, headers={**real.headers, "Retry-After": "7"})

    client = odd(desk, ORDER, asked)
    assert isinstance(desk.obtain(record, client=client, wait=60.0, sleep=waited.append), Fact)
    assert 6 < max(waited) <= 7, waited
    assert sum(waited) == pytest.approx(60.0)


def test_an_order_whose_time_is_over_has_expired(desk: Desk) -> None:
    record = proven(desk)

    def late(real: Any) -> Any:
        body = json.loads(real.body) | {"status": "invalid", "expires": "2026-01-01T00:00:00Z"}
        return replace(real, body=json.dumps(body).encode())

    failed = run(desk, record, odd(desk, ORDER, late))
    assert (str(failed), stage(desk, record)) == (
        "The order at pebble has expired. Nothing was issued; place a new one.",
        OrderStage.EXPIRED,
    )
    assert desk.whole(record)


FAILING = {
    "500": Reply(500, b"oops"),
    "serverInternal": problem("serverInternal", "try later", 500),
    "redirect": Reply(302, b"", (("Location", "https://evil.example/"),)),
    "a page": Reply(200, b"<html>"),
}


@pytest.mark.parametrize("name", FAILING)
@pytest.mark.parametrize("action", [CSR, ORDER, CERTIFICATE])
def test_a_reply_that_is_none_costs_nothing_for_the_order_knows(desk: Desk, action: str, name: str) -> None:
    record, before = proven(desk), desk.pebble.issued
    failed = run(desk, record, odd(desk, action, instead(FAILING[name])))
    if action == CSR:  # the order is looked at, and it is issued
        failed = failed if not isinstance(failed, Fact) else run(desk, record, desk.client())
        assert not isinstance(failed, Fact | CsrTuiError)
    else:
        assert isinstance(failed, CsrTuiError)
        assert not isinstance(run(desk, record, desk.client()), Fact | CsrTuiError)
    assert desk.pebble.issued - before == 1


def test_too_many_requests_are_a_refusal_that_says_when_to_try_again(desk: Desk) -> None:
    record = desk.record()
    reply = problem(
        "rateLimited", "too many certificates already issued for: example.com", 429, **{"Retry-After": "3600"}
    )
    failed = run(desk, record, odd(desk, "the new order", instead(reply)))
    assert isinstance(failed, RateLimitedError)
    assert "too many certificates already issued for: example.com. (rateLimited)" in str(failed)
    assert "It asks to wait until " in str(failed)
    assert stage(desk, record) is OrderStage.REFUSED
    assert desk.whole(record)


def test_a_csr_that_the_ca_refuses_is_told_in_its_words_and_can_be_given_up(desk: Desk) -> None:
    record = proven(desk)

    class Refusing(AcmeClient):
        def finalise(self, url: str, csr: bytes) -> None:
            raise RefusedError("pebble refused the CSR: the key is on a list. (badCSR)", code="badCSR")

    failed = run(desk, record, desk.client(kind=Refusing))
    assert "the key is on a list" in str(failed)
    assert stage(desk, record) is OrderStage.PROVING
    assert desk.whole(record)


def wrong_key(record: Record) -> bytes:
    return pem(
        ROOT.issue(ec.generate_private_key(ec.SECP256R1()).public_key(), record.subject.domain), ROOT.certificate
    )


def wrong_chain(record: Record) -> bytes:
    mine = Authority("Own Root", now=datetime.now(UTC))
    own = mine.issue(csr.read(record.csr or "").public_key, record.subject.domain)
    return pem(own, ROOT.certificate)


@pytest.mark.parametrize(
    ("certificate", "sentence"),
    [(wrong_key, "is for "), (lambda _: b"", "certificate"), (lambda _: b"x" * 100_000, "certificate")],
    ids=["another key", "empty", "no certificate"],
)
def test_a_certificate_of_somebody_else_is_never_attached(
    desk: Desk, certificate: Callable[[Record], bytes], sentence: str
) -> None:
    record, before = proven(desk), desk.pebble.issued
    failed = run(desk, record, odd(desk, CERTIFICATE, instead(Reply(200, certificate(record)))))
    assert isinstance(failed, CsrTuiError)
    assert sentence in str(failed)
    assert (desk.store.get(record.id).state, stage(desk, record)) == (State.GENERATED, OrderStage.FETCHING)

    assert not isinstance(run(desk, record, desk.client()), Fact | CsrTuiError)  # it is fetched again
    assert desk.pebble.issued - before == 1


def test_somebody_elses_chain_is_left_out(desk: Desk) -> None:
    record = proven(desk)
    result = run(desk, record, odd(desk, CERTIFICATE, instead(Reply(200, wrong_chain(record)))))
    assert not isinstance(result, Fact | CsrTuiError), result
    assert "Somebody Else's Root" in " ".join(result.left_out)
    assert "Somebody" not in (desk.store.get(record.id).certificate or "")


@pytest.mark.parametrize("action", ["the new order", ORDER, CSR])
def test_what_a_ca_writes_never_reaches_a_terminal_raw(desk: Desk, action: str) -> None:
    record = proven(desk) if action != "the new order" else desk.record()
    failed = run(desk, record, odd(desk, action, instead(problem("unauthorized", EVIL * 100, 403))))
    texts = [str(failed), *(proof.note for proof in _proofs(desk, record)), _message(desk, record)]
    assert any("ring" in text for text in texts) or action == CSR
    for text in texts:
        assert not any(char in text for char in f"{UNSEEN}\x1b\x07")
        assert len(text) < 3000


def _proofs(desk: Desk, record: Record) -> tuple[Any, ...]:
    found = desk.store.get(record.id).order
    return () if found is None else found.proofs


def _message(desk: Desk, record: Record) -> str:
    found = desk.store.get(record.id).order
    return "" if found is None else found.message

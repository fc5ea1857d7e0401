"""One process's work on one order, step by step: each is journalled before what it sends, and any can be the last."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from csr_tui.acme import problems
from csr_tui.acme.client import AcmeClient
from csr_tui.acme.problems import GoneError
from csr_tui.acme.resources import Challenge, OrderReply
from csr_tui.core.ca import CA
from csr_tui.core.order import CertificateOrder, NameProof, OrderStage
from csr_tui.core.record import Record
from csr_tui.core.text import counted
from csr_tui.errors import CsrTuiError, Fact, Hint, RefusedError, UnknownOutcomeError, UnreachableError
from csr_tui.lifecycle import attach, webroot
from csr_tui.lifecycle.attach import Offer, Source
from csr_tui.lifecycle.obtain import proofs
from csr_tui.lifecycle.obtain.proofs import Looking, ProofKind
from csr_tui.lifecycle.steps import Point, Reached
from csr_tui.storage import Intent, RecordStore

FOR_CA, FOR_YOU = 2.0, 15.0
"""Seconds between two looks, while the CA works, and while you do."""

PATIENCE = 20.0
"""Seconds that the CA is waited for in any case."""


@dataclass(frozen=True, slots=True)
class ObtainOptions:
    """How names are proven, for how many seconds to wait for that, and whether to answer without having seen it."""

    kind: ProofKind | None = None
    webroot: Path | None = None
    wait: float = 0.0
    even_so: bool = False
    looking: Looking = field(default_factory=Looking)


class OrderRun:
    """One process's work on one order, while its intent stands."""

    def __init__(
        self,
        store: RecordStore,
        client: AcmeClient,
        record: Record,
        ca: CA,
        options: ObtainOptions,
        intent: Intent,
        reached: Reached = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._client = client
        self._record = record
        self._ca = ca
        self._options = options
        self._intent = intent
        self._reached = reached
        self._sleep = sleep
        self._waited = 0.0
        self._sent = False
        self._answered: set[str] = set()
        earlier = record.order.proofs if record.order is not None else ()
        self._written = tuple(proof for proof in earlier if proof.folder)

    def go(self, identifiers: tuple[tuple[str, str], ...]) -> Offer | Fact:
        """Step by step, until it is issued, or waits for longer than was asked for."""
        order = self._record.order
        placed = order is None or not order.is_open
        if order is None or not order.is_open:
            order = self._place(identifiers)
        while True:
            waiting = None
            match order.stage:
                case OrderStage.ORDERED | OrderStage.PROVING:
                    order, waiting = self._prove(order, looks=not placed)
                case OrderStage.FINALISING | OrderStage.UNKNOWN:
                    order, waiting = self._settle(order)
                case OrderStage.FETCHING:
                    return self._fetch(order)
                case _:
                    raise AssertionError(order.stage)
            if waiting is not None:
                if not self._wait(order, waiting):
                    return waiting
                placed = False

    def settle(self) -> Offer | Fact:
        """The outcome of a CSR that was sent, with the certificate where it is issued; nothing is sent."""
        order = self._store.orders.get(self._record.id)
        if order is None or not order.may_have_issued:
            return Fact("Nothing is open.")
        waiting = None
        if order.stage is not OrderStage.FETCHING:
            order, waiting = self._settle(order)
        if order.stage is OrderStage.FETCHING:
            return self._fetch(order)
        return waiting or Fact(f"The CSR never arrived at {order.ca}.", Hint.OBTAIN, order.record_id)

    def _put(self, order: CertificateOrder) -> CertificateOrder:
        """Journal an order, once the files are removed that it no longer asks for; others are written after that."""
        files = {(proof.folder, proof.place) for proof in order.files}
        webroot.remove(proof for proof in self._written if (proof.folder, proof.place) not in files)
        self._written = order.files
        return self._store.orders.put(order)

    def _wait(self, order: CertificateOrder, waiting: Fact) -> bool:
        """Sleep until the next look; False where the time for that is over."""
        for_you = waiting.hint is Hint.PROVE
        limit = self._options.wait if for_you else max(self._options.wait, PATIENCE)
        if self._waited >= limit:
            return False
        pause = FOR_YOU if for_you else FOR_CA
        if order.again_at is not None:
            pause = max(pause, (order.again_at - self._store.now()).total_seconds())
        pause = min(pause, limit - self._waited)
        self._waited += pause
        self._sleep(pause)
        return True

    def _place(self, identifiers: tuple[tuple[str, str], ...]) -> CertificateOrder:
        """A new order; its URL is kept before anything else is asked."""
        store, record_id = self._store, self._record.id
        store.cas.choose(record_id, self._ca.name)
        new = CertificateOrder(
            record_id, OrderStage.INTENT, self._ca.name, directory=self._client.url, account=self._client.account
        )
        order = store.orders.put(self._put(new).ordering(store.now()))
        self._reached(Point.ORDERING)
        try:
            url = self._client.new_order(identifiers)
        except UnreachableError:
            store.orders.put(order.returned())
            raise
        except RefusedError as error:
            store.orders.put(order.refused(str(error)))
            raise
        except UnknownOutcomeError as error:
            store.orders.put(order.returned())
            raise RefusedError(f"{error} No order issues a certificate by itself, so nothing is lost.") from error
        self._reached(Point.ORDER_ANSWERED)
        order = store.orders.put(order.ordered(url))
        self._reached(Point.ORDERED)
        return order

    def _look(self, order: CertificateOrder) -> tuple[CertificateOrder, OrderReply]:
        there = self._client.order(order.url or "")
        now = self._store.now()
        again = now + timedelta(seconds=there.wait) if there.wait else None
        order = order.looked(finalize_url=there.finalize, expires=there.expires, at=now, again_at=again)
        return self._put(order), there

    def _prove(self, order: CertificateOrder, *, looks: bool) -> tuple[CertificateOrder, Fact | None]:
        """Answer the challenges whose proofs are seen, and send the CSR once all names are proven."""
        put = self._put
        try:
            order, there = self._look(order)
        except GoneError as error:
            put(order.expired("The CA no longer knows this order. Nothing was issued."))
            raise RefusedError(
                f"{order.ca} no longer knows this order. Nothing was issued; place a new one."
            ) from error
        match there.status:
            case "invalid" if order.expires is not None and order.expires <= self._store.now():
                put(order.expired("The order has expired. Nothing was issued."))
                raise RefusedError(f"The order at {order.ca} has expired. Nothing was issued; place a new one.")
            case "invalid":
                raise self._refused(order, there)
            case "ready":
                return self._finalise(order), None
            case "processing" | "valid":  # whoever sent its CSR: the certificate is judged when it is here
                return put(order.finalising(self._store.now())), None
        try:
            order, challenges = self._proofs(order, there)
        except RefusedError as error:
            if error.code is not None:
                put(order.refused(str(error)))
            raise
        if not challenges:
            return order, Fact(f"{order.ca} has not decided yet.")
        if any(one.status == "processing" or one.url in self._answered for one in challenges):
            return order, Fact(f"{order.ca} is checking the proofs.")
        if order.files:
            webroot.place(order.files)
            looks = True
        if looks:
            order = put(order.to_prove(proofs.look(order.proofs, self._options.looking)))
        unseen = [proof for proof in order.unproven if not proof.seen]
        if unseen and not (self._options.even_so and looks):  # what was just shown cannot be there yet
            return order, _to_do(order, unseen)
        order = put(order.proving())
        self._reached(Point.PROVING)
        for challenge in challenges:
            self._answer(challenge)
        return order, Fact(f"{order.ca} is checking the proofs.")

    def _answer(self, challenge: Challenge) -> None:
        """Let the CA look at one proof, once."""
        self._answered.add(challenge.url)
        try:
            self._client.answer(challenge.url)
        except RefusedError as error:
            if error.code != "malformed":  # which it is where the CA has looked already: the order says what it saw
                raise
        self._reached(Point.PROOF_ANSWERED)

    def _proofs(self, order: CertificateOrder, there: OrderReply) -> tuple[CertificateOrder, tuple[Challenge, ...]]:
        """The order with what each name needs now, and the challenges that are still to be answered."""
        earlier = {proof.name: proof for proof in order.proofs}
        kind, folder = self._options.kind, self._options.webroot
        found: list[NameProof] = []
        challenges: list[Challenge] = []
        for url in there.authorizations:
            authorization = self._client.authorization(url)
            proof, challenge = proofs.of_name(
                self._client, authorization, kind, earlier.get(authorization.shown), self._options.looking
            )
            if kind is not None:
                proof = replace(proof, folder=str(folder.absolute()) if folder is not None else "")
            found.append(proof)
            if challenge is not None:
                challenges.append(challenge)
        return self._put(order.to_prove(tuple(found))), tuple(challenges)

    def _finalise(self, order: CertificateOrder) -> CertificateOrder:
        """Send the CSR. Whatever the reply, the order itself has the outcome."""
        put = self._put
        csr = x509.load_pem_x509_csr((self._record.csr or "").encode()).public_bytes(Encoding.DER)
        order = put(order.finalising(self._store.now(), hashlib.sha256(csr).hexdigest()))
        self._reached(Point.FINALISING)
        try:
            self._client.finalise(order.finalize_url or "", csr)
        except UnknownOutcomeError as error:
            return put(order.unknown(str(error)))
        except RefusedError as error:
            with suppress(CsrTuiError):
                if self._client.order(order.url or "").status == "invalid":
                    put(order.refused(str(error)))
                    raise error from None
            put(order.proving())
            raise
        self._sent = True
        self._reached(Point.FINALISE_ANSWERED)
        return order

    def _settle(self, order: CertificateOrder) -> tuple[CertificateOrder, Fact | None]:
        """The outcome of the CSR that was sent."""
        put = self._put
        try:
            order, there = self._look(order)
        except GoneError as error:
            why = f"{order.ca} no longer knows this order, and may have issued its certificate."
            put(order.unknown(why))
            raise UnknownOutcomeError(why, hint=Hint.GIVE_UP, record=order.record_id) from error
        except RefusedError as error:
            put(order.unknown(str(error)))
            raise UnknownOutcomeError(
                f"The CSR was sent, but the reply could not be read: {error}", hint=Hint.RECONCILE
            ) from error
        match there.status:
            case "valid" if there.certificate is not None:
                order = put(order.fetching(there.certificate))
                self._reached(Point.FETCHING)
                return order, None
            case "invalid":
                raise self._refused(order, there)
            case "pending" | "ready" if not self._sent:
                return put(order.proving()), None
        return order, Fact(f"{order.ca} is working on the certificate.")

    def _refused(self, order: CertificateOrder, there: OrderReply) -> RefusedError:
        """The error for an order that came to nothing: in the words of the name that failed, or of the order."""
        error = RefusedError(f"{order.ca} refused this order.")
        if there.problem is not None:
            words = problems.sentence(there.problem, problems.PROOFS | problems.MEANINGS)
            error = RefusedError(f"{order.ca} refused this order: {words}", code=there.problem.code)
        for url in there.authorizations:
            try:
                proofs.refuse_failed(self._client.authorization(url))
            except RefusedError as failed:
                if failed.code is not None:
                    error = failed
        self._put(order.refused(str(error)))
        return error

    def _fetch(self, order: CertificateOrder) -> Offer:
        """The certificate, through the checks of everything that is attached."""
        store = self._store
        source = Source(f"The reply of {order.ca}", self._client.certificate(order.certificate_url or ""))
        self._reached(Point.FETCHED)
        try:
            offer = attach.look(store, (source,), store.now(), record=store.get(order.record_id))
        except CsrTuiError as error:
            store.orders.put(replace(order, message=str(error)))
            raise
        record, root = attach.issued(offer)
        store.complete_obtain(self._intent, record, order.confirmed(), root=root)
        self._reached(Point.COMMITTED)
        return offer


def _to_do(order: CertificateOrder, unseen: list[NameProof]) -> Fact:
    until = f" until {order.expires:%Y-%m-%d %H:%M} UTC" if order.expires is not None else ""
    return Fact(f"Prove {counted(len(unseen), 'name')}{until}.", Hint.PROVE, order.record_id)

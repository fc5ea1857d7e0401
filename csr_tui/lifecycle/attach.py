"""Attaching a certificate: whose it is, whether its chain holds, and keeping it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.x509 import Certificate

from csr_tui.core import certificate
from csr_tui.core.certificate import Chain
from csr_tui.core.csr import Difference
from csr_tui.core.findings import Finding, InvalidError, Level, errors, summary
from csr_tui.core.record import Record, State
from csr_tui.core.text import escaped
from csr_tui.core.usages import USAGES
from csr_tui.errors import Fact, Hint, NotFoundError, StateError
from csr_tui.lifecycle import webroot
from csr_tui.storage import RecordStore

EXACT = "%Y-%m-%d %H:%M:%S UTC"

FEW = 3
"""How many certificates a sentence names."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something a CA sent: what a person calls it (a path, or "what was pasted"), and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Offer:
    """What sources hold for one record; nothing is kept yet.

    `compared` is asked and issued, side by side; `left_out` has a sentence for each certificate that is no part of the
    chain; `completed` says that an issuer was not among the sources, and was found with another record.
    """

    record: Record
    chain: Chain
    findings: tuple[Finding, ...]
    compared: tuple[Difference, ...]
    left_out: tuple[str, ...]
    completed: bool

    @property
    def spare(self) -> int:
        """How many certificates are no part of the chain."""
        return len(self.left_out)

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to decide: it differs in nothing, and is all that there is."""
        doubts = any(one.level is not Level.HINT for one in self.findings)
        return not (doubts or self.replaces or self.left_out or any(one.differs for one in self.compared))

    @property
    def replaces(self) -> bool:
        """Whether another certificate has to make way, and becomes history."""
        before = self.record.certificate
        return before is not None and not before.startswith(certificate.dump((self.chain.leaf,)))


def look(store: RecordStore, sources: tuple[Source, ...], now: datetime, *, record: Record | None = None) -> Offer:
    """Find the record by public key, unless it is given, and check what there is for it; keeps nothing.

    NotFoundError where no record has the key, StateError where this one has another, InvalidError where a source is
    no certificate, or the chain does not hold: each says which source, which key, and what to do.
    """
    given, places, unread = _read(sources)
    try:
        record = record or _owner(store, given)
        leaf = _leaf(store, record, given)
    except (NotFoundError, StateError) as error:  # it may be the very one that cannot be read
        raise error.reworded(" ".join((str(error), *(one.message for one in unread)))) from None
    _refuse_older(record, leaf)
    chain, findings = _judged(record, leaf, tuple(given), now)
    completed = False
    if chain.root is None or errors(findings):
        longer, better = _judged(record, leaf, (*given, *_known(store, record)), now)
        if not chain.complete or longer.served == chain.served or (errors(findings) and not errors(better)):
            completed = longer.served != chain.served
            chain, findings = longer, better
    if wrong := errors(findings):
        raise InvalidError(f"{given.get(leaf, 'The certificate')}: {summary(wrong)} Nothing was attached.", wrong)
    issued = certificate.read(leaf)
    return Offer(
        record,
        chain,
        (*findings, *certificate.mistaken(record, issued), *unread),
        certificate.compared(record, issued),
        left_out=tuple(
            f"{certificate.label(one)} ({place}) {certificate.unused(chain, one, now)}"
            for one, place in places.items()
            if one not in (*chain.served, chain.root)
        ),
        completed=completed,
    )


def keep(store: RecordStore, offer: Offer) -> Record:
    """The record, issued; what is there already and the same is left as it is."""
    record, root = issued(offer)
    if (offer.record.certificate, store.certificates.root(record.id)) == (record.certificate, root):
        return offer.record
    if record.order is not None:
        webroot.remove(record.order.files)
    return store.attach(record, root=root)


def issued(offer: Offer) -> tuple[Record, str | None]:
    """The record with the certificate and its chain, and the root that came with it."""
    pem = certificate.dump(offer.chain.served)
    root = certificate.dump((offer.chain.root,)) if offer.chain.root is not None else None
    return replace(offer.record, certificate=pem, not_after=offer.chain.leaf.not_valid_after_utc), root


def check(record: Record) -> None:
    """StateError where a record can have no certificate yet, or not now."""
    if record.state is State.DRAFT:
        raise StateError(f"Record {record.id} is a draft: it has no key yet.", hint=Hint.GENERATE, record=record.id)
    if record.trashed_at is not None:
        raise StateError(f"Record {record.id} is in the trash.", hint=Hint.RESTORE, record=record.id)


def _judged(
    record: Record, leaf: Certificate, pool: tuple[Certificate, ...], now: datetime
) -> tuple[Chain, tuple[Finding, ...]]:
    chain = certificate.chain_of(leaf, pool, now, USAGES[record.usage])
    return chain, certificate.judge(chain, now)


def _read(sources: tuple[Source, ...]) -> tuple[dict[Certificate, str], dict[Certificate, str], tuple[Finding, ...]]:
    """Every certificate with its source, the same with its place in it, and a warning of each that cannot be read."""
    found: dict[Certificate, str] = {}
    places: dict[Certificate, str] = {}
    unread = []
    for source in sources:
        name = escaped(source.name)
        try:
            held = certificate.look(source.data)
        except InvalidError as error:
            raise InvalidError(f"{name}: {error}") from error
        for one, place in zip(held.certificates, held.places, strict=True):
            found.setdefault(one, name)
            places.setdefault(one, f"{name}, {place}" if place else name)
        unread += [
            Finding.warning("certificate-unreadable", "file", f"{name}: {sentence}") for sentence in held.left_out
        ]
    if not found:
        raise InvalidError(" ".join(one.message for one in unread))
    return found, places, tuple(unread)


def _owner(store: RecordStore, given: dict[Certificate, str]) -> Record:
    """The one record that has the key of one of these; of several, the last of their line, or the one that waits."""
    found = store.certificates.of_keys([certificate.fingerprint_of(one) for one in given])
    here = [record for record in found if record.trashed_at is None]
    ids = {record.id for record in here}
    for likely in (
        [record for record in here if ids.isdisjoint(record.lineage.renewed_by)],
        [record for record in here if record.state is State.GENERATED],
    ):
        if len(likely) == 1:
            return likely[0]
    if here:
        listed = ", ".join(record.id for record in here)
        raise NotFoundError(f"Several records have this key: {listed}. Choose one.", hint=Hint.ATTACH)
    if found:
        check(found[0])
    unowned = _unowned(given)
    raise NotFoundError(f"{_described(given)} No record has that key. {unowned}", hint=unowned.hint)


def _leaf(store: RecordStore, record: Record, given: dict[Certificate, str]) -> Certificate:
    """The certificate of the record's key; the one it has already, where only its issuers are given."""
    check(record)
    leaf = certificate.leaf_of(given, record.key_fingerprint or "")
    if leaf is not None:
        return leaf
    if record.certificate is not None and all(map(certificate.is_ca, given)):
        return certificate.certificates_in(record.certificate.encode())[0]
    others = store.certificates.of_keys([certificate.fingerprint_of(one) for one in given])
    owner = next((one for one in others if one.id != record.id), None)
    whose = (
        _unowned(given, record) if owner is None else Fact(f"It belongs to record {owner.id}.", Hint.ATTACH, owner.id)
    )
    raise StateError(
        f"{_described(given)} The key of record {record.id} differs ({_short(record.key_fingerprint)}). {whose}",
        hint=whose.hint,
        record=whose.record,
    )


def _described(given: dict[Certificate, str]) -> str:
    """Which source holds the certificate of whom, and the fingerprint of its key."""
    own = [one for one in given if not certificate.is_ca(one)] or list(given)
    described = [
        f"{given[one]} is for {certificate.label(one)}, whose key is {_short(certificate.fingerprint_of(one))}"
        for one in own[:FEW]
    ]
    more = f"; and {len(own) - FEW} more" if len(own) > FEW else ""
    return f"{'; '.join(described)}{more}."


def _unowned(given: dict[Certificate, str], record: Record | None = None) -> Fact:
    if all(map(certificate.is_ca, given)):
        if record is not None:
            return Fact("It is the certificate of a CA. Attach it together with the certificate of this record.")
        return Fact("It is the certificate of a CA: add the file with your own, or name the record that it completes.")
    return Fact("The record may be on another machine, or the certificate may be for another key.", Hint.INSPECT)


def _short(fingerprint: str | None) -> str:
    return f"{fingerprint[:16]}… (SHA-256)" if fingerprint else "of an unsupported type"


def _refuse_older(record: Record, leaf: Certificate) -> None:
    if record.certificate is None:
        return
    there = certificate.certificates_in(record.certificate.encode())[0]
    if (leaf.not_valid_before_utc, leaf.not_valid_after_utc) < (there.not_valid_before_utc, there.not_valid_after_utc):
        newer, older, bound = there.not_valid_before_utc, leaf.not_valid_before_utc, "from"
        if newer == older:
            newer, older, bound = there.not_valid_after_utc, leaf.not_valid_after_utc, "until"
        form = next((one for one in ("%Y-%m-%d", "%Y-%m-%d %H:%M UTC") if f"{newer:{one}}" != f"{older:{one}}"), EXACT)
        raise StateError(
            f"Record {record.id} already has a newer certificate: it is valid {bound} {newer:{form}}, this one "
            f"{bound} {older:{form}}. Nothing was changed."
        )


def _known(store: RecordStore, record: Record) -> tuple[Certificate, ...]:
    """The issuers that came with certificates before, this record's first."""
    own = (record.certificate or "") + (store.certificates.root(record.id) or "")
    return tuple(
        one
        for text in (own, *store.certificates.chains())
        if text
        for one in certificate.certificates_in(text.encode())
        if certificate.is_ca(one)
    )

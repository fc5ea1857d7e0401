"""What the page of a record shows: certificate and request side by side, the key, and what belongs to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from csr_tui.core import bundle, certificate, csr, dn, host_names
from csr_tui.core.certificate import Chain, EarlierCertificate
from csr_tui.core.csr import Difference, Request
from csr_tui.core.csr.usage import CONSTRAINTS
from csr_tui.core.facts import Topic, facts, moment
from csr_tui.core.findings import InvalidError
from csr_tui.core.record import Record, State
from csr_tui.core.text import counted, escaped
from csr_tui.core.usages import USAGES
from csr_tui.core.validity import SOON, days_left, left
from csr_tui.lifecycle import drafts
from csr_tui.storage import RecordStore
from csr_tui.ui import advice
from csr_tui.ui.needs import state_name
from csr_tui.ui.widgets.fact_sheet import Section
from csr_tui.vault import VaultState, VaultStatus

MAX_NAMES = 20
MAX_RELATIVES = 5

CSR, CERTIFICATE, CHAIN, OPENSSL = "CSR", "certificate", "chain", "openssl"
_UNREAD = Content.styled("The stored text cannot be read. Attach it again.", "$error")
ENDINGS = {CSR: ".csr", CERTIFICATE: ".crt", CHAIN: ".chain.pem", OPENSSL: ".openssl.txt"}
"""Text of a record -> how the name of its file ends."""


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """What its certificate says; `chain` is a sentence on the certificates above it."""

    issuer: str
    not_before: datetime
    serial: str
    chain: str
    differences: tuple[Difference, ...]
    earlier: tuple[EarlierCertificate, ...]
    damaged: int
    """How many earlier certificates cannot be read."""


@dataclass(frozen=True, slots=True)
class RecordDetails:
    """What is read anew from the CSR and the certificate of a record; `relatives` are by their ids."""

    request: Request
    differences: tuple[Difference, ...]
    issued: IssuedCertificate | None
    relatives: dict[str, Record]


def read(store: RecordStore, record: Record, now: datetime) -> RecordDetails:
    """Read the CSR, the certificate, and the records that this one comes from or led to. Blocks."""
    request = csr.read(record.csr or "")
    issued = None
    if record.certificate is not None:
        with suppress(InvalidError):  # `sections` shows a damaged one as such
            issued = _issued_certificate(store, record, now)
    return RecordDetails(request, csr.differences(record, request), issued, drafts.relatives(store, record))


def _issued_certificate(store: RecordStore, record: Record, now: datetime) -> IssuedCertificate:
    leaf = certificate.stored_leaf(record.certificate or "")
    found = certificate.certificates_in((record.certificate or "").encode())
    root = store.certificates.root(record.id)
    pool = (*found, *(certificate.certificates_in(root.encode()) if root else ()))
    earlier = certificate.earlier(record)
    try:
        chain = _chain(certificate.chain_of(leaf, pool, now, USAGES[record.usage]))
    except InvalidError as error:
        chain = f"! {advice.sentence(error)}"
    return IssuedCertificate(
        dn.label(dn.issuer(leaf)),
        leaf.not_valid_before_utc,
        f"{certificate.serial(leaf):x}",
        chain,
        certificate.differences(record, certificate.read(leaf)),
        earlier,
        len(record.earlier) - len(earlier),
    )


def _chain(chain: Chain) -> str:
    if chain.root == chain.leaf:
        return "self-signed"
    if not chain.complete:
        return "! incomplete: the certificate of its issuer is missing"
    above = ", ".join(map(certificate.label, chain.intermediates))
    root = f"root {certificate.label(chain.root)} left out" if chain.root is not None else "root not included"
    between = f"{counted(len(chain.intermediates), 'intermediate')}: {above}" if above else "no intermediates"
    return f"{between}; {root}"


def texts(record: Record) -> dict[str, str]:
    """What can be copied and saved, by its title."""
    found = {CSR: record.csr or ""}
    if record.certificate is not None:
        end = "-----END CERTIFICATE-----\n"
        found[CERTIFICATE] = record.certificate.partition(end)[0] + end
        found[CHAIN] = record.certificate
    return {**found, OPENSSL: "\n".join(_openssl(record))}


def _openssl(record: Record) -> Iterator[str]:
    """The commands that show the same, to paste into a shell."""
    stem, id_ = bundle.stem(record.subject.domain), escaped(record.id)
    yield "# the CSR, and whether its signature is valid"
    yield f"csr-tui show {id_} --csr | openssl req -noout -text -verify"
    yield "# the same, once the CSR is saved"
    yield f"openssl req -in {stem}{ENDINGS[CSR]} -noout -text -verify"
    if record.certificate is not None:
        yield "# the certificate, once it is saved"
        yield f"openssl x509 -in {stem}{ENDINGS[CERTIFICATE]} -noout -text"
        yield "# the same public key: both lines must be equal"
        yield f"openssl req -in {stem}{ENDINGS[CSR]} -noout -pubkey | openssl sha256"
        yield f"openssl x509 -in {stem}{ENDINGS[CERTIFICATE]} -noout -pubkey | openssl sha256"


def state(record: Record, now: datetime) -> Content:
    """The state in a few words, and how long the certificate is valid."""
    words = state_name(record)
    if record.not_after is None or record.damage:
        return Content(words)
    when = left(record.not_after, now)
    if record.not_after <= now:
        return Content.styled(f"✗ {words}, {when}", "$error")
    soon = days_left(record.not_after, now) <= SOON
    return Content.styled(f"! {words}, expires {when}", "$warning") if soon else Content(f"{words}, expires {when}")


def sections(
    record: Record, details: RecordDetails, keyring: VaultStatus | None, now: datetime, *, lost: bool = False
) -> tuple[list[Section], list[Section]]:
    """The two columns; `keyring` is None until it is known, and `lost` says that it has no password for this key."""
    request = Section("Request", tuple(_request(details.request)))
    key = Section("Key", tuple(_key(record, details.request, keyring, lost=lost)))
    own = Section("Notes", tuple(_own(record, details)))
    there = [fact for fact in facts(record, now) if fact.topic is Topic.REMOTE]
    rows = tuple((fact.label.lower()[:10], _plain(value)) for fact in there for value in fact.values)
    remote = [Section(record.place.removeprefix("the ").capitalize(), rows)] if there else []
    asked = [_difference_section("CSR differs from the draft", details.differences)] if details.differences else []
    if details.issued is None:
        unread = [] if record.certificate is None else [Section("Certificate", (("damaged", _UNREAD),))]
        return [*unread, request, *asked], [key, own, *remote]
    issued = [Section("Certificate", tuple(_certificate(record, details, details.issued, now)))]
    if different := tuple(one for one in details.issued.differences if one not in details.differences):
        issued.append(_difference_section("Differs from the request", different))
    rows = tuple(("until", _plain(f"{moment(one.not_after)}, serial {one.serial}")) for one in details.issued.earlier)
    if damaged := details.issued.damaged:
        rows += (("damaged", _plain(f"{damaged}, which cannot be read")),)
    if rows:
        issued.append(Section("Earlier certificates", rows))
    return [*issued, key], [request, *asked, own, *remote]


def _difference_section(heading: str, differences: tuple[Difference, ...]) -> Section:
    rows: list[tuple[str, Content]] = []
    for one in differences:
        asked, got = one.shown
        label = "names" if one.field == "sans" else one.field
        rows.append((label, Content.assemble(("asked ", "$muted"), asked)))
        rows.append((" " * len(label), Content.assemble(("got   ", "$warning"), got)))
    return Section(heading, tuple(rows), "bold $warning")


def _plain(text: str) -> Content:
    return Content(escaped(text))


def _certificate(
    record: Record, details: RecordDetails, issued: IssuedCertificate, now: datetime
) -> Iterator[tuple[str, Content]]:
    yield "issuer", _plain(issued.issuer)
    yield "from", _plain(moment(issued.not_before))
    ends = record.not_after
    if ends is not None:
        expired = ends <= now
        style = "$error" if expired else "$warning" if days_left(ends, now) <= SOON else ""
        yield "until", _plain(moment(ends))
        when = left(ends, now).removeprefix("expired ")
        yield ("expired" if expired else "expires"), Content.styled(when, style)
    yield "serial", _plain(_in_groups(issued.serial))
    yield "chain", Content.styled(escaped(issued.chain), "$warning" if issued.chain.startswith("!") else "")
    if not issued.differences and not details.differences:
        yield "matches", Content.styled("✓ the request", "$success")


def _request(request: Request) -> Iterator[tuple[str, Content]]:
    yield from ((short, _plain(value)) for short, _, value in request.subject)
    for number, name in enumerate(request.sans[:MAX_NAMES]):
        yield ("names" if not number else " "), _plain(host_names.to_unicode(name))
    if len(request.sans) > MAX_NAMES:
        yield " ", _plain(f"and {counted(len(request.sans) - MAX_NAMES, 'more name')}")
    limits = [text for oid, text in request.extension_texts if oid in CONSTRAINTS]
    yield from ((" " if number else "limits", _plain(text)) for number, text in enumerate(limits))
    if request.challenge_length is not None:
        yield "challenge", Content.styled(f"{counted(request.challenge_length, 'character')}, in clear", "$warning")
    yield "signed", _plain(f"{request.signature_hash}, {'valid' if request.signature_valid else 'NOT VALID'}")
    yield "usage", _plain(", ".join((*request.key_usage, *request.extended_key_usage)) or "none requested")


def _key(record: Record, request: Request, keyring: VaultStatus | None, *, lost: bool) -> Iterator[tuple[str, Content]]:
    yield "kind", _plain(request.key_label)
    custody = record.custody
    if record.token is not None:
        yield "stored", _plain(record.custody_text)
        yield "named", _plain(record.token.object or f"id {record.token.id}")
    elif not record.has_key:
        yield "stored", _plain(f"by {record.place}, not here")
    else:
        encrypted = custody.has_password or custody.in_keyring
        yield "stored", _plain(f"here, {'encrypted' if encrypted else 'without encryption'}")
        yield "password", _password(record, keyring, lost=lost)
    if record.key_file:
        yield "from file", _plain(record.key_file)
    yield "", Content.styled("SHA-256 of the public key", "$muted")
    yield "", _plain(_in_groups(request.fingerprint))


def _password(record: Record, keyring: VaultStatus | None, *, lost: bool) -> Content:
    """Who holds the password of the key, as far as it is known now."""
    custody = record.custody
    if not custody.in_keyring:
        return _plain("yours: you type it each time" if custody.has_password else "none")
    kind = "yours" if custody.is_typed else "random" if custody.has_password else "for the stored copy only"
    match None if keyring is None else keyring.state:
        case VaultState.LOCKED:
            return Content.styled(f"{kind}, in the keyring, which is locked", "$warning")
        case VaultState.MISSING:
            return Content.styled(f"{kind}, in a keyring that is not available now", "$warning")
        case VaultState.OPEN if keyring is not None and lost:
            return Content.styled(f"{kind}, but missing in {keyring.name.partition(' (')[0]}", "$error")
        case VaultState.OPEN if keyring is not None:
            return _plain(f"{kind}, in {keyring.name.partition(' (')[0]}")
        case _:
            return _plain(f"{kind}, stored in the keyring")


def _own(record: Record, details: RecordDetails) -> Iterator[tuple[str, Content]]:
    lineage, relatives = record.lineage, details.relatives
    yield from (("remark", _plain(line)) for line in record.remark.splitlines() if line)
    if record.tags:
        yield "tags", _plain("  ".join(map(str, record.tags)))
    if lineage.renews in relatives:
        same = "same key" if lineage.same_key else "new key"
        yield "renews", _plain(f"{_relative(relatives[lineage.renews])}; {same}")
    for label, ids in (
        ("renewal", lineage.renewed_by),
        ("copy of", (lineage.copied_from,)),
        ("copied to", lineage.copies),
    ):
        found = [relatives[one] for one in ids if one in relatives]
        yield from ((label, _plain(_relative(one))) for one in found[:MAX_RELATIVES])
        if len(found) > MAX_RELATIVES:
            yield " ", _plain(f"and {len(found) - MAX_RELATIVES} more")
    yield "generated", _plain(moment(record.generated_at))
    yield "id", _plain(record.id)


def _relative(record: Record) -> str:
    """A related record in words, then its id."""
    match record.state:
        case State.DRAFT:
            what = f"a draft of {moment(record.created_at)}"
        case State.GENERATED:
            what = f"a CSR of {moment(record.generated_at)}, without a certificate"
        case State.ISSUED:
            what = f"a certificate until {moment(record.not_after)}"
    return f"{what}{', in the trash' if record.trashed_at else ''} ({record.id})"


def _in_groups(text: str) -> str:
    """Hexadecimal digits in groups of eight."""
    return " ".join(text[at : at + 8] for at in range(0, len(text), 8))

"""Proving a bundle: that key, certificate and chain fit, that a client gets through, and that the server takes it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from csr_tui import export
from csr_tui.core import certificate, facts, names
from csr_tui.core.bundle import BundleFile
from csr_tui.core.certificate import Chain
from csr_tui.core.findings import InvalidError, errors
from csr_tui.core.host_names import InvalidName
from csr_tui.core.keys import encryption, kinds, pkcs12
from csr_tui.core.name_kinds import NameKind
from csr_tui.core.record import Record
from csr_tui.core.secret import Secret
from csr_tui.core.usages import USAGES
from csr_tui.errors import CsrTuiError, FileError, StateError
from csr_tui.export import handshake
from csr_tui.export.manifest import MADE_BY, Proof, Verdict, is_manifest, manifest
from csr_tui.export.targets import program
from csr_tui.export.targets.target import Placed, Target
from csr_tui.storage import RecordStore


@dataclass(frozen=True, slots=True)
class ExportCheck:
    """What the files of one export have to stand up to."""

    target: Target
    files: Placed
    chain: Chain
    doubts: tuple[str, ...] = ()
    """What some clients may not accept in the chain: the likely reasons where one refuses the files."""

    @property
    def roles(self) -> tuple[str, ...]:
        """What a handshake can prove the files as: a server, a client, both, or neither."""
        return tuple(one for one in self.chain.usage.extended_key_usage if one in handshake.PEERS)

    @property
    def unproven(self) -> str:
        """Why no handshake is tried; an empty text where one is."""
        import ssl

        if self.files.record.token is not None:
            return f"the key is on {self.files.record.token.place}"
        if not self.roles:
            return f"the certificate is for {self.chain.usage.label}"
        root = () if self.chain.root is None else (self.chain.root,)
        used = {oid for one in (*self.chain.served, *root) for oid in certificate.algorithms(one)}
        for one in kinds.ALGORITHMS:
            if used.intersection(one.oids) and ssl.OPENSSL_VERSION_INFO[:2] < one.openssl_from:
                return f"{one.label} needs {one.openssl_needed}, which this Python does not have"
        return ""

    @property
    def folder(self) -> Path:
        return self.files.certificate.parent

    @property
    def domain(self) -> str:
        return self.files.record.subject.domain


def of(store: RecordStore, record: Record, target: Target, files: Placed) -> ExportCheck | None:
    """None for a record without a certificate; StateError where a server would load it and no client would trust it.

    What no client accepts any more above the issuer of the certificate is left out of the record in `files`.
    """
    if record.certificate is None:
        return None
    stored = f"The stored certificate of {facts.domain(record)} ({record.id})"
    try:
        leaf, *above = certificate.certificates_in(record.certificate.encode())
    except InvalidError as error:
        raise error.reworded(f"{stored} is damaged. Nothing was written; attach it again.") from None
    root = store.certificates.root(record.id)
    pool = (*above, *(certificate.certificates_in(root.encode()) if root else ()))
    chain = certificate.chain_of(leaf, pool, store.now(), USAGES[record.usage])
    whole = (leaf, *above)
    in_order = chain.served == (whole if chain.cut is None else whole[: len(chain.served)])
    if certificate.fingerprint_of(leaf) != record.key_fingerprint or not in_order:
        raise CsrTuiError(
            f"{stored} does not belong to its request, or its chain is out of order. Nothing was written; "
            "attach it again."
        )
    findings = certificate.judge(chain, store.now(), serving=True)
    if target.needs_certificate and (wrong := errors(findings)):
        raise StateError(
            f"No client would trust a server with this certificate. {wrong[0].message} Nothing was written."
        )
    served = record if chain.served == whole else replace(record, certificate=certificate.dump(chain.served))
    doubts = tuple(finding.message for finding in findings)
    return ExportCheck(target, replace(files, record=served), chain, doubts)


def check_before_writing(check: ExportCheck, files: Sequence[BundleFile], *, replace: bool) -> None:
    """Refuse what a client would refuse, and a manifest in the way that is not ours: nothing is written then."""
    try:
        if not check.unproven:
            _shake(check, [one.data for one in files])
    except handshake.RejectedError as error:
        raise StateError(" ".join((str(error), *check.doubts, "Nothing was written."))) from error
    except handshake.HandshakeError as error:
        sentences = ("The files would not work together:", str(error), *check.doubts, "Nothing was written.")
        raise CsrTuiError(" ".join(sentences)) from error
    if not check.target.needs_certificate or replace:
        return
    place = check.folder / check.target.manifest(check.domain).name
    try:
        ours = is_manifest(export.earlier(place))
    except OSError:  # nothing is there; what cannot be read is in the way later on
        return
    if not ours:
        raise FileError(
            f"{place} exists and is not a csr-tui manifest. Nothing was written. Choose another folder, or replace it."
        )


def check_after_writing(check: ExportCheck, files: Sequence[BundleFile]) -> tuple[Proof, ...]:
    """Shake hands once more with what was written and read back, and ask the target's own program.

    FileError where something else has come into a place since; a pipe is not waited for, and a link not followed.
    """
    folder = check.folder
    try:
        same = all(export.earlier(folder / one.name) == one.data for one in files)
    except OSError:
        same = False
    if not same:
        raise FileError(
            f"The files in {folder} differ from what was written. Check the disk and for other programs that write "
            "there, then export again."
        )
    return (
        Proof("key and certificate", Verdict.PROVEN, MADE_BY, "certificate, key and request have the same public key"),
        _ordered(check.chain),
        _shaken(check, [one.data for one in files]),
        *(() if check.target.check is None else (program.ask(check.target.check, check.files),)),
    )


def manifest_file(check: ExportCheck, files: tuple[BundleFile, ...], proofs: tuple[Proof, ...]) -> BundleFile:
    planned = check.target.manifest(check.domain)
    data = manifest(check.files.record, check.target.name, files, proofs)
    return BundleFile(planned.name, data, private=False, mode=planned.mode)


def _ordered(chain: Chain) -> Proof:
    if chain.root == chain.leaf:
        return Proof("chain", Verdict.PROVEN, MADE_BY, "the certificate is signed with its own key")
    above = len(chain.intermediates)
    issuers = "no intermediate" if not above else f"{above} intermediate{'s' if above > 1 else ''}"
    root = f"the root {certificate.label(chain.root)} left out" if chain.root else "its root is missing"
    cut = f"; {certificate.label(chain.cut)} left out, because clients reject it" if chain.cut else ""
    verdict = Verdict.PROVEN if chain.complete else Verdict.NOT_PROVEN
    return Proof("chain", verdict, MADE_BY, f"each signed by the next: certificate, {issuers}; {root}{cut}")


def _shaken(check: ExportCheck, read: Sequence[bytes]) -> Proof:
    import ssl

    if why := check.unproven:
        return Proof("TLS handshake", Verdict.NOT_PROVEN, ssl.OPENSSL_VERSION, why)
    try:
        session = _shake(check, read)
    except handshake.HandshakeError as error:
        return Proof("TLS handshake", Verdict.REFUSED, ssl.OPENSSL_VERSION, str(error))
    return Proof("TLS handshake", Verdict.PROVEN, ssl.OPENSSL_VERSION, session)


def _shake(check: ExportCheck, contents: Sequence[bytes]) -> str:
    """Shake hands with these bytes in every role; what was agreed on, for which name, and whom the peer trusted."""
    pieces, password = _pieces(check, contents)
    top = check.chain.root or check.chain.served[-1]
    host = _host(check.chain)
    with handshake.anonymous_files(*pieces) as (first, *rest):
        anchor = certificate.dump((top,))
        key = rest[0] if rest else None
        agreed = {
            role: handshake.verify(first, key, password, anchor=anchor, host=host, role=role) for role in check.roles
        }
    missing = ", because the root is missing" if check.chain.root is None else ""
    trusted = f"that trusts {certificate.label(top)}{missing}"
    names = {handshake.SERVER: f"as {host}, " if host else "", handshake.CLIENT: "as a client, "}
    return "; ".join(
        f"{session}, {names[role]}by a {handshake.PEERS[role]} {trusted}" for role, session in agreed.items()
    )


def _pieces(check: ExportCheck, contents: Sequence[bytes]) -> tuple[tuple[bytes, ...], Secret | None]:
    """What a server loads first, its key where that is apart, and the password of the key."""
    target, password = check.target, check.files.password
    first, key = (contents[target.files.index(one)] for one in (target.certificate_file, target.key_file))
    if target.key.is_pkcs12 and password is not None:
        private, chain = pkcs12.unseal(first, password)
        passing = Secret(secrets.token_urlsafe(24))
        return (certificate.dump(chain).encode(), encryption.encrypt(private, passing, typed=False).encode()), passing
    return (first,) if target.certificate_file.has_key else (first, key), password


def _host(chain: Chain) -> str | None:
    """A name that a client would ask for; None where the certificate is for no host."""
    for text in certificate.read(chain.leaf).sans:
        try:
            name = names.parse(text)
        except InvalidName:
            continue
        if name.kind in {NameKind.DNS, NameKind.IP}:
            return name.value.replace("*", "any", 1)
    return None

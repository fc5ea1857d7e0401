"""Proving a bundle: that key, certificate and chain fit, that a client gets through, and that the server takes it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from csr_tui import export
from csr_tui.core import bundle, certificate, configuration, keys, names, pkcs12
from csr_tui.core.bundle import PKCS12, BundleFile, Target
from csr_tui.core.findings import errors
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError, FileError, StateError
from csr_tui.export import handshake, servers
from csr_tui.export.manifest import MADE_BY, Proof, Verdict, is_manifest, manifest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from csr_tui.core.certificate import Chain
    from csr_tui.core.record import Record
    from csr_tui.storage import RecordStore


@dataclass(frozen=True, slots=True)
class Trial:
    """What the files of one export have to stand up to; `password` opens the key in them, where one is needed."""

    record: Record
    target: Target
    chain: Chain
    password: Secret | None
    doubts: tuple[str, ...] = ()
    """What some clients may not accept in the chain: the likely reasons where one refuses the files."""


def trial(store: RecordStore, record: Record, target: Target, password: Secret | None) -> Trial | None:
    """None for a record without a certificate; StateError where a server would load it and no client would trust it.

    What no client accepts any more above the issuer of the certificate is left out of the record that is tried.
    """
    if record.certificate is None:
        return None
    leaf, *above = certificate.certificates_in(record.certificate.encode())
    root = store.certificates.root(record.id)
    pool = (*above, *(certificate.certificates_in(root.encode()) if root else ()))
    chain = certificate.chain_of(leaf, pool, store.now())
    whole = (leaf, *above)
    in_order = chain.served == (whole if chain.cut is None else whole[: len(chain.served)])
    if certificate.fingerprint_of(leaf) != record.key_fingerprint or not in_order:
        raise CsrTuiError(
            "The certificate in the store does not belong to this request, or its chain is out of order. "
            "Nothing was written; attach it again."
        )
    findings = certificate.judge(chain, store.now(), serving=True)
    if target is not Target.PEM and (wrong := errors(findings)):
        raise StateError(
            f"No client would trust a server with this certificate. {wrong[0].message} Nothing was written."
        )
    served = record if chain.served == whole else replace(record, certificate=certificate.dump(chain.served))
    return Trial(served, target, chain, password, tuple(finding.message for finding in findings))


def before(tried: Trial, folder: Path, made: Sequence[BundleFile], *, replace: bool) -> None:
    """Refuse what a client would refuse, and a manifest in the way that is not ours: nothing is written then."""
    try:
        _shake(tried, [one.data for one in made])
    except handshake.HandshakeError as error:
        told = ("The files would not work together:", str(error), *tried.doubts, "Nothing was written.")
        raise CsrTuiError(" ".join(told)) from error
    place = folder / _manifest_name(tried)
    if tried.target is Target.PEM or replace:
        return
    try:
        ours = is_manifest(export.earlier(place))
    except OSError:  # nothing is there; what cannot be read is in the way later on
        return
    if not ours:
        raise FileError(
            f"{place} is there already, and it is no manifest of ours. Nothing was written. Choose another folder, or "
            "replace it."
        )


def after(tried: Trial, folder: Path, made: Sequence[BundleFile]) -> tuple[Proof, ...]:
    """Shake hands once more with what was written and read back, and ask the target's own program.

    FileError where something else has come into a place since; a pipe is not waited for, and a link not followed.
    """
    try:
        same = all(export.earlier(folder / one.name) == one.data for one in made)
    except OSError:
        same = False
    if not same:
        raise FileError(
            f"What was written to {folder} reads back as something else. Check the disk and who else writes there, and "
            "export again."
        )
    return (
        Proof("key and certificate", Verdict.PROVEN, MADE_BY, "they have one public key, and the request has it too"),
        _ordered(tried.chain),
        _shaken(tried, [one.data for one in made]),
        *servers.ask(tried.target, _placed(tried, folder, made)),
    )


def manifest_file(tried: Trial, made: tuple[BundleFile, ...], proofs: tuple[Proof, ...]) -> BundleFile:
    """The manifest of what was written."""
    planned = bundle.manifest_of(tried.target, tried.record.subject.domain)
    data = manifest(tried.record, tried.target, made, proofs)
    return BundleFile(planned.name, data, private=False, mode=planned.mode)


def _manifest_name(tried: Trial) -> str:
    return bundle.manifest_of(tried.target, tried.record.subject.domain).name


def _ordered(chain: Chain) -> Proof:
    if chain.root == chain.leaf:
        return Proof("chain", Verdict.PROVEN, MADE_BY, "the certificate is signed with its own key")
    above = len(chain.intermediates)
    issuers = "no intermediate" if not above else f"{above} intermediate{'s' if above > 1 else ''}"
    root = f"the root {certificate.label(chain.root)} left out" if chain.root else "its root is not here"
    cut = f"; {certificate.label(chain.cut)} left out, as clients do not accept it" if chain.cut else ""
    verdict = Verdict.PROVEN if chain.complete else Verdict.NOT_PROVEN
    return Proof("chain", verdict, MADE_BY, f"each signed by the next: certificate, {issuers}; {root}{cut}")


def _shaken(tried: Trial, read: Sequence[bytes]) -> Proof:
    import ssl

    try:
        said = _shake(tried, read)
    except handshake.HandshakeError as error:
        return Proof("TLS handshake", Verdict.REFUSED, ssl.OPENSSL_VERSION, str(error))
    return Proof("TLS handshake", Verdict.PROVEN, ssl.OPENSSL_VERSION, said)


def _shake(tried: Trial, contents: Sequence[bytes]) -> str:
    """Shake hands with these bytes; what was agreed on, for which name, and whom the client trusted."""
    pieces, password = _pieces(tried, contents)
    top = tried.chain.root or tried.chain.served[-1]
    host = _host(tried.chain)
    with handshake.anonymous_files(*pieces) as (first, *rest):
        anchor = certificate.dump((top,))
        agreed = handshake.verify(first, rest[0] if rest else None, password, anchor=anchor, host=host)
    trusted = f"by a client that trusts {certificate.label(top)}"
    if tried.chain.root is None:
        trusted += ", as the root is not here"
    return f"{agreed}, {f'as {host}, ' if host else ''}{trusted}"


def _pieces(tried: Trial, contents: Sequence[bytes]) -> tuple[tuple[bytes, ...], Secret | None]:
    """What a server loads first, its key where that is apart, and the password of the key."""
    if tried.target in PKCS12 and tried.password is not None:
        key, chain = pkcs12.unseal(contents[0], tried.password)
        passing = Secret(secrets.token_urlsafe(24))
        return (certificate.dump(chain).encode(), keys.lock(key, passing, typed=False).encode()), passing
    match tried.target:
        case Target.PEM:
            return (contents[2],), tried.password
        case Target.HAPROXY:
            return (contents[0],), tried.password
        case _:
            return (contents[0], contents[1]), tried.password


def _placed(tried: Trial, folder: Path, made: Sequence[BundleFile]) -> servers.Bundle:
    places = [folder.absolute() / one.name for one in made]
    alias = configuration.alias(tried.record)
    return servers.Bundle(places[0], places[1] if len(places) == 2 else None, tried.password, alias)


def _host(chain: Chain) -> str | None:
    """A name that a client would ask for; None where the certificate is for no host."""
    for text in certificate.read(chain.leaf).sans:
        try:
            name = names.of(text)
        except names.BadName:
            continue
        if name.kind in {names.NameKind.DNS, names.NameKind.IP}:
            return name.value.replace("*", "any", 1)
    return None

"""What proves the names of an order: which challenge, what has to be where, and whether we see it ourselves."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from csr_tui.acme import looking, problems
from csr_tui.acme.client import AcmeClient
from csr_tui.acme.looking import Look, Resolver
from csr_tui.acme.resources import Authorization, Challenge
from csr_tui.core.order import NameProof
from csr_tui.core.secret import Environ, variable
from csr_tui.core.text import escaped
from csr_tui.errors import RefusedError, UsageError
from csr_tui.wire import Route

DNS, FILE, PERSISTENT = "dns-01", "http-01", "dns-persist-01"


class ProofKind(StrEnum):
    """How names are proven: by a TXT record, a file on the web server, or a file that is written for you."""

    DNS = "dns"
    FILE = "file"
    WEBROOT = "webroot"

    @property
    def challenge(self) -> str:
        """What ACME calls it."""
        match self:
            case ProofKind.DNS:
                return DNS
            case ProofKind.FILE | ProofKind.WEBROOT:
                return FILE


@dataclass(frozen=True, slots=True)
class Looking:
    """Where proofs are looked for; a `port` other than 80 only where a CA asks there, too."""

    resolver: Resolver | None = None
    route: Route = field(default_factory=Route)
    port: int = 80
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def resolver_of(environ: Environ) -> Resolver | None:
    """The name server to ask in place of each zone's own; UsageError where it is no address."""
    text = variable(environ, "CSR_TUI_RESOLVER")
    if not text:
        return None
    host, separator, port = text.rpartition(":")
    if not separator or (":" in host and not host.startswith("[")):
        host, port = text, "53"
    try:
        address = ipaddress.ip_address(host.strip("[]"))
        if not 0 < int(port) < 65536:
            raise ValueError(port)
    except ValueError:
        raise UsageError(
            f"CSR_TUI_RESOLVER is {escaped(text[:80])}, which is not the address of a name server. Use one such as "
            "127.0.0.1:53."
        ) from None
    return Resolver(str(address), int(port))


def of_name(
    client: AcmeClient,
    authorization: Authorization,
    kind: ProofKind | None,
    earlier: NameProof | None,
    looking_at: Looking,
) -> tuple[NameProof, Challenge | None]:
    """What is to be shown for one name, and the challenge that it answers, None where it is proven.

    RefusedError, in the CA's own words, where the name has failed.
    """
    name = authorization.shown
    if authorization.status == "valid":
        proven = earlier or NameProof(name, "", "", "", "")
        return replace(proven, seen=True, note="Proven.", proven=True), None
    refuse_failed(authorization)
    lasting = next((one for one in authorization.challenges if one.kind == PERSISTENT and one.issuers), None)
    alternative = None
    if lasting is not None and kind in {None, ProofKind.DNS}:
        proof = _lasting(client, authorization, lasting, looking_at)
        if proof.seen:
            return proof, lasting
        alternative = proof.place, proof.value
    challenge = _chosen(authorization, kind, earlier)
    place, value = _content(client, authorization, challenge)
    proof = NameProof(name, challenge.kind, place, value, challenge.url)
    if earlier is not None and earlier.challenge == challenge.url:
        proof = earlier
    return replace(proof, lasting=alternative), challenge


def _lasting(client: AcmeClient, authorization: Authorization, challenge: Challenge, looking_at: Looking) -> NameProof:
    """The record that proves a name for every order of the account: whether it is there, or what it would be."""
    account, wildcard = client.account or "", authorization.wildcard
    place = f"_validation-persist.{escaped(authorization.name)}"
    value = escaped(looking.persistent_value(challenge.issuers[0], account, wildcard=wildcard))
    now = looking_at.now()

    def fits(text: str) -> bool:
        return looking.fits_persistent(text, challenge.issuers, account, wildcard=wildcard, now=now)

    seen = looking.at_record(place, fits, (), looking_at.resolver).seen
    note = "Seen; it proves the name for every order." if seen else ""
    return NameProof(authorization.shown, challenge.kind, place, value, challenge.url, seen=seen, note=note)


def refuse_failed(authorization: Authorization) -> None:
    """RefusedError where a name can no longer be proven in this order."""
    if authorization.status in {"pending", "valid"}:
        return
    problem = next((one.problem for one in authorization.challenges if one.problem is not None), None)
    words = problems.sentence(problem, problems.PROOFS) if problem is not None else f"It is {authorization.status}."
    raise RefusedError(
        f"The CA did not accept the proof of {escaped(authorization.shown)}: {escaped(words)}",
        code=problem.code if problem is not None else None,
    )


def look(proofs: tuple[NameProof, ...], looking_at: Looking) -> tuple[NameProof, ...]:
    """Each with what we see of it now."""
    return tuple(
        proof if proof.proven or proof.kind == PERSISTENT else _looked(proof, _look(proof, proofs, looking_at))
        for proof in proofs
    )


def _looked(proof: NameProof, found: Look) -> NameProof:
    return replace(proof, note=found.note, seen=found.seen)


def _look(proof: NameProof, proofs: tuple[NameProof, ...], looking_at: Looking) -> Look:
    if proof.kind == FILE:
        return looking.at_url(proof.place, proof.value, looking_at.route, looking_at.port)
    beside = tuple(other.value for other in proofs if other.place == proof.place)
    return looking.at_record(proof.place, proof.value.__eq__, beside, looking_at.resolver)


def _chosen(authorization: Authorization, kind: ProofKind | None, earlier: NameProof | None) -> Challenge:
    """The challenge of the kind that was chosen now, or before, or that a person can do most easily."""
    offered = {one.kind: one for one in authorization.challenges}
    if kind is not None:
        wanted: tuple[str, ...] = (kind.challenge,)
    elif earlier is not None and earlier.kind in offered:
        wanted = (earlier.kind,)
    else:
        wanted = (DNS, FILE)
    for one in wanted:
        if one in offered and offered[one].token:
            return offered[one]
    ways = ", ".join(escaped(one[:40]) for one in sorted(offered)) or "none"
    raise RefusedError(f"{escaped(authorization.shown)} cannot be proven this way. The CA offers: {ways}.")


def _content(client: AcmeClient, authorization: Authorization, challenge: Challenge) -> tuple[str, str]:
    name = escaped(authorization.name)
    if challenge.kind == DNS:
        return f"_acme-challenge.{name}", looking.txt_value(challenge, client.thumbprint)
    host = f"[{name}]" if ":" in name else name
    place = f"http://{host}/.well-known/acme-challenge/{challenge.token}"
    return place, looking.file_content(challenge, client.thumbprint)

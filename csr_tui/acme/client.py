"""AcmeClient: the requests of RFC 8555, each sent once; the library signs them and does nothing else."""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, TypeVar

import requests
from acme import jws
from cryptography.x509 import AuthorityKeyIdentifier, Certificate, ExtensionNotFound
from josepy import b64, jwa, jwk
from josepy.errors import DeserializationError
from josepy.json_util import decode_b64jose

from csr_tui import wire
from csr_tui.acme import problems, resources
from csr_tui.acme.resources import Authorization, Directory, OrderReply, UnreadableError
from csr_tui.core.findings import InvalidError
from csr_tui.core.secret import Secret
from csr_tui.errors import RefusedError, UnknownOutcomeError, UnreachableError
from csr_tui.wire import CallError, Route, Wire

Result = TypeVar("Result")

TRIES = 4
"""Of a read that failed."""

NONCES = 10
"""Of a request whose nonce is refused: that is before the server looks at it."""

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_URL_SAFE = str.maketrans("+/", "-_")

PRIVATE_CA = "If it is your own CA, add it with its CA file."


@dataclass(frozen=True, slots=True)
class ExternalAccount:
    """What a CA gives to its customers to bind an account to them (RFC 8555, 7.3.4)."""

    kid: str
    key: Secret
    """Base64url."""


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def wait(self) -> float | None:
        """Seconds until the server wants to be asked again."""
        return _seconds(self.headers.get("Retry-After", ""))


class AcmeClient:
    """Every method blocks, `route.deadline` seconds a call.

    RefusedError (UnreachableError, RateLimitedError, GoneError): nothing happened there. UnknownOutcomeError: a request
    that changes something was sent, and nobody knows; reads never raise it.
    """

    def __init__(
        self,
        directory: str,
        key: Secret,
        *,
        label: str,
        account: str | None = None,
        trust: str | None = None,
        route: Route = Route(),  # noqa: B008  # frozen
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`key` is a clear PKCS#8 PEM of P-256, `account` the URL of its account; `label` begins the sentences.

        `trust` are CA certificates (PEM) that the server has to be signed by, in place of the usual ones.
        """
        self.url = directory
        self.account = account
        self._label = label
        self._key: Any = jwk.JWK.load(key.reveal().encode())
        self._route = route
        self._trust = None if trust is None else wire.lenient(ssl.create_default_context(cadata=trust))
        self._nonces: list[bytes] = []
        self._sleep = sleep
        self._now = now

    @cached_property
    def directory(self) -> Directory:
        """Where the server's resources are."""
        action = "the request for its directory"
        return self._read(lambda: self._parsed(action, self._send("GET", self.url, action), _directory))

    @property
    def thumbprint(self) -> str:
        """What a proof of this account carries (RFC 7638)."""
        return b64.b64encode(self._key.thumbprint()).decode()

    def new_account(self, *, email: str | None, agreed: bool, external: ExternalAccount | None = None) -> str:
        """The URL of the account of this key, which is made unless it exists; `agreed` to the terms there."""
        payload: dict[str, Any] = {"termsOfServiceAgreed": agreed}
        if email:
            payload["contact"] = [f"mailto:{email}"]
        if external is not None:
            payload["externalAccountBinding"] = self._binding(external)
        self.account = None
        action = "the new account"
        self.account = self._parsed(action, self._post(self.directory.new_account, payload, action), _location)
        return self.account

    def new_order(self, identifiers: tuple[tuple[str, str], ...]) -> str:
        """The URL of a new order for (type, value) pairs. Nothing else of the reply is read: the URL is kept first."""
        payload = {"identifiers": [{"type": kind, "value": value} for kind, value in identifiers]}
        action = "the new order"
        return self._parsed(action, self._post(self.directory.new_order, payload, action), _location)

    def order(self, url: str) -> OrderReply:
        """The order as it is now; GoneError where the server does not know it any more."""
        return self._get(url, "the request for the order", lambda reply: resources.order(reply.body, reply.wait))

    def authorization(self, url: str) -> Authorization:
        """A name that has to be proven, and how."""
        return self._get(url, "the request for a proof", lambda reply: resources.authorization(reply.body))

    def answer(self, challenge: str) -> None:
        """Let the CA look at a proof; it looks once."""
        action = "the answer to a challenge"
        self._refuse(action, self._post(challenge, {}, action))

    def finalise(self, url: str, csr: bytes) -> None:
        """Send the CSR (DER) of an order that is ready. Never repeated: the status of the order has the outcome."""
        action = "the CSR"
        self._refuse(action, self._post(url, {"csr": b64.b64encode(csr).decode()}, action))

    def certificate(self, url: str) -> bytes:
        """The chain, as it came."""
        return self._get(url, "the request for the certificate", lambda reply: reply.body)

    def renewal_window(self, certificate: Certificate) -> tuple[datetime, datetime] | None:
        """When the CA suggests to renew a certificate of its own; None where it has no such service (RFC 9773)."""
        base = self.directory.renewal_info
        if base is None:
            return None
        try:
            issuer = certificate.extensions.get_extension_for_class(AuthorityKeyIdentifier).value.key_identifier or b""
        except (ExtensionNotFound, ValueError):  # then it has no name there
            return None
        number = certificate.serial_number
        serial = number.to_bytes(number.bit_length() // 8 + 1, "big")
        url = f"{base}/{b64.b64encode(issuer).decode()}.{b64.b64encode(serial).decode()}"
        action = "the request for renewal information"
        return self._read(
            lambda: self._parsed(
                action, self._send("GET", url, action), lambda reply: resources.suggested_window(reply.body)
            )
        )

    def _get(self, url: str, action: str, parse: Callable[[_Reply], Result]) -> Result:
        """A read, which is a POST without a payload (RFC 8555, 6.3)."""
        return self._read(lambda: self._parsed(action, self._post(url, None, action), parse))

    def _read(self, ask: Callable[[], Result]) -> Result:
        """A read changes nothing, so it is repeated, and leaves no outcome open: RefusedError in the end."""
        tried = 0
        while True:
            tried += 1
            try:
                return ask()
            except UnreachableError:
                if tried == TRIES:
                    raise
            except UnknownOutcomeError as error:
                if tried == TRIES:
                    raise RefusedError(str(error), code=error.code) from error
            self._sleep(0.25 * tried)

    def _post(self, url: str, payload: Mapping[str, Any] | None, action: str) -> _Reply:
        """A signed request; sent again only where its nonce was refused."""
        data = b"" if payload is None else json.dumps(payload).encode()
        for _ in range(NONCES):
            signed = jws.JWS.sign(data, key=self._key, alg=jwa.ES256, nonce=self._nonce(), url=url, kid=self.account)
            reply = self._send("POST", url, action, signed.json_dumps().encode())
            problem = resources.problem(reply.body) if reply.status >= 400 else None
            if problem is None or problem.code != "badNonce":
                return reply
        raise RefusedError(f"{self._label} refused {NONCES} nonces that it had issued itself.", code="badNonce")

    def _nonce(self) -> bytes:
        if not self._nonces:
            action = "the request for a nonce"
            url = self.directory.new_nonce
            self._read(lambda: self._parsed(action, self._send("HEAD", url, action), lambda _: None))
        if not self._nonces:
            raise RefusedError(f"{self._label} returned no nonce, and every ACME request needs one.")
        return self._nonces.pop()

    def _send(self, method: str, url: str, action: str, data: bytes | None = None) -> _Reply:
        """One call; UnreachableError where it did not leave, UnknownOutcomeError where no whole reply came."""
        connection = Wire(trust=self._trust)
        session = requests.Session()
        wire.harden(session, connection)
        route = self._route

        def run() -> _Reply:
            response = session.request(
                method,
                url,
                data=data,
                headers={"Content-Type": "application/jose+json"} if data is not None else {},
                timeout=(wire.CONNECTING, route.deadline),
                allow_redirects=False,
                proxies=route.proxies,
                verify=route.ca_file or True,
            )
            return _Reply(response.status_code, response.headers, response.content)

        try:
            reply = wire.call(run, connection, route.deadline)
        except CallError as error:
            if not error.sent:
                raise UnreachableError(
                    wire.unreachable(self._label, error.cause, untrusted=f"{PRIVATE_CA} {wire.PROXY_CA}")
                ) from None
            late = f"no reply within {route.deadline:.0f} seconds"
            why = late if error.cause is None else wire.interrupted(error.cause)
            raise UnknownOutcomeError(problems.unanswered(self._label, action, why)) from None
        with suppress(DeserializationError):
            if nonce := decode_b64jose(reply.headers.get("Replay-Nonce", "")):
                self._nonces = [nonce]
        return reply

    def _parsed(self, action: str, reply: _Reply, parse: Callable[[_Reply], Result]) -> Result:
        """What is in a reply that is a success."""
        self._refuse(action, reply)
        try:
            return parse(reply)
        except UnreadableError as error:
            why = f"its reply cannot be read ({error})"
            raise UnknownOutcomeError(problems.unanswered(self._label, action, why)) from error

    def _refuse(self, action: str, reply: _Reply) -> None:
        if 200 <= reply.status < 300:
            return
        wait = reply.wait
        until = self._now() + timedelta(seconds=wait) if wait is not None and reply.status in {429, 503} else None
        problem = resources.problem(reply.body) if reply.status >= 400 else None
        raise problems.error_of(self._label, action, problem, status=reply.status, until=until)

    def _binding(self, external: ExternalAccount) -> dict[str, Any]:
        text = external.key.reveal().strip().rstrip("=").translate(_URL_SAFE)
        if not _BASE64URL.fullmatch(text):
            raise InvalidError("The external account key (EAB) is not base64url. Copy it again.")
        key = jwk.JWKOct(key=decode_b64jose(text))
        own = json.dumps(self._key.public_key().to_partial_json()).encode()
        url = self.directory.new_account
        bound: dict[str, Any] = jws.JWS.sign(
            own, key=key, alg=jwa.HS256, nonce=None, url=url, kid=external.kid
        ).to_partial_json()
        return bound


def _directory(reply: _Reply) -> Directory:
    return resources.directory(reply.body)


def _location(reply: _Reply) -> str:
    return resources.checked_url(reply.headers.get("Location"))


def _seconds(text: str) -> float | None:
    """What Retry-After asks for: seconds, or a date; at most a week."""
    try:
        seconds = float(text) if text.isdigit() else (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), 7 * 86400.0)

"""The wire to an ACME server: judged by Pebble, and by servers that answer as none should."""

from __future__ import annotations

import json
import ssl
import subprocess
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from pebble import EAB_KEY, EAB_KID, PROGRAMS, Pebble, Pebbles, account_key
from tencent import misbehaving
from tencent.misbehaving import Server, http

from csr_tui import wire
from csr_tui.acme import client
from csr_tui.acme.client import AcmeClient, ExternalAccount
from csr_tui.core.findings import InvalidError
from csr_tui.core.secret import Secret
from csr_tui.errors import CsrTuiError, RateLimitedError, RefusedError, UnknownOutcomeError, UnreachableError
from csr_tui.wire import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

EXTERNAL = ExternalAccount(EAB_KID, Secret(EAB_KEY))


@pytest.fixture(scope="module")
def pebbles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pebbles]:
    running = Pebbles(tmp_path_factory.mktemp("pebbles"))
    yield running
    running.close()


@pytest.fixture
def pebble(pebbles: Pebbles, require: Callable[..., None]) -> Pebble:
    require(*PROGRAMS)
    return pebbles()


def client_of(pebble: Pebble, key: Secret | None = None, **options: Any) -> AcmeClient:
    return AcmeClient(pebble.directory, key or account_key(), label="Pebble", trust=pebble.trust, **options)


@pytest.mark.system
def test_a_key_has_one_account_however_often_it_is_asked_for(pebble: Pebble) -> None:
    key = account_key()
    first = client_of(pebble, key).new_account(email="ops@example.com", agreed=True)

    assert client_of(pebble, key).new_account(email=None, agreed=True) == first
    assert client_of(pebble).new_account(email=None, agreed=True) != first
    with pytest.raises(RefusedError, match=r"Pebble refused the new account: .*terms.*\(malformed\)|agree"):
        client_of(pebble).new_account(email=None, agreed=False)


@pytest.mark.system
def test_a_ca_that_requires_an_external_account_wants_its_key(pebbles: Pebbles, pebble: Pebble) -> None:
    strict = pebbles(eab=True)
    for external, sentence in (
        (None, "externalAccountRequired"),
        (ExternalAccount(EAB_KID, Secret("d3Jvbmc")), "unauthorized"),
        (ExternalAccount("kid-2", EXTERNAL.key), "unauthorized"),
    ):
        with pytest.raises(RefusedError, match=sentence):
            client_of(strict).new_account(email=None, agreed=True, external=external)
    with pytest.raises(InvalidError, match="is not base64url"):
        client_of(strict).new_account(email=None, agreed=True, external=ExternalAccount("k", Secret("é!")))

    made = client_of(strict)
    assert made.directory.eab_required
    made.new_account(email=None, agreed=True, external=EXTERNAL)
    assert made.new_order((("dns", "x.example.com"),)).startswith("https://127.0.0.1")


@pytest.mark.system
def test_nothing_is_trusted_but_the_ca_file(pebble: Pebble) -> None:
    with pytest.raises(UnreachableError, match="certificate is not trusted here"):
        _ = AcmeClient(pebble.directory, account_key(), label="Pebble", sleep=lambda _: None).directory
    assert client_of(pebble).directory.terms


@pytest.mark.parametrize("of_proxy", [False, True])
def test_a_root_needs_no_key_usage(
    require: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_proxy: bool
) -> None:
    """As `openssl req -x509` makes it; Python is strict of itself from 3.13 on."""
    require("openssl")
    new = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc")
    top = (*new, "-subj", "/CN=Root", "-keyout", "root.key", "-out", "root.pem")
    leaf = (*new, "-subj", "/CN=ca", "-keyout", "key.pem", "-out", "cert.pem", "-CA", "root.pem", "-CAkey", "root.key")
    for command in (top, (*leaf, "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "keyUsage=digitalSignature")):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    for module, name in ((ssl, "create_default_context"), (wire, "create_urllib3_context")):
        monkeypatch.setattr(module, name, partial(_strict, getattr(module, name)))
    scripted = Scripted(http())
    scripted.server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    scripted.server.tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with scripted.server as server:
        root = tmp_path / "root.pem"
        trusted = {"route": Route(ca_file=str(root))} if of_proxy else {"trust": root.read_text()}

        assert AcmeClient(server.url, account_key(), label="A CA", **trusted).directory.new_order


def _strict(lenient: Callable[..., ssl.SSLContext], **options: Any) -> ssl.SSLContext:
    context = lenient(**options)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


class Scripted:
    """Answers GET and HEAD as an ACME server does, and each POST with the next of `posts`, the last again."""

    def __init__(self, *posts: Callable[[Any], None]) -> None:
        self.posts = list(posts)
        self.server = Server(self._act)

    def _act(self, connection: Any) -> None:
        method = self.server.requests[-1].split(b" ")[0]
        nonce = "Replay-Nonce: bm9uY2U\r\n"
        if method == b"POST":
            (self.posts.pop(0) if len(self.posts) > 1 else self.posts[0])(connection)
        elif method == b"HEAD":
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{nonce}\r\n".encode())
        else:
            names = ("newNonce", "newAccount", "newOrder")
            http(body=json.dumps({name: f"{self.server.url}/{name}" for name in names}).encode())(connection)

    @property
    def sent(self) -> int:
        return sum(request.startswith(b"POST") for request in self.server.requests)


def problem(status: str, kind: object, detail: object = "no", extra: str = "") -> Callable[[Any], None]:
    body = json.dumps({"type": kind, "detail": detail}).encode()
    return http(status, body, extra=f"Replay-Nonce: bm9uY2U\r\n{extra}")


ACME = "urn:ietf:params:acme:error:"
BAD_NONCE = problem("400 Bad Request", ACME + "badNonce")
LOCATION = "Location: https://ca.example.com/1\r\n"
UNKNOWN = {
    "HTTP 500": http("500 Internal Server Error"),
    "serverInternal": problem("500 Internal Server Error", ACME + "serverInternal"),
    "a proxy's 403": http("403 Forbidden", b"<html>"),
    "a problem of nobody": problem("400 Bad Request", 5),
    "a redirect": http("307 Temporary Redirect", extra="Location: https://127.0.0.1:1/\r\n"),
    "no Location": http("201 Created", b"{}"),
    "a Location that is http": http("201 Created", b"{}", extra="Location: http://ca.example.com/1\r\n"),
    "a Location of a file": http("201 Created", b"{}", extra="Location: file:///etc/passwd\r\n"),
    "reset": misbehaving.reset,
    "closed": misbehaving.close,
    "cut": misbehaving.half,
    "huge": misbehaving.endless,
    "another protocol": misbehaving.another_protocol,
}
REFUSED = {
    "rateLimited": (problem("429 Too Many Requests", ACME + "rateLimited", extra="Retry-After: 60\r\n"), "wait until"),
    "malformed": (problem("400 Bad Request", ACME + "malformed", "a \x1b[31mred\x1b[0m text"), r"a \\u\{1b\}\[31mred"),
    "no detail": (problem("403 Forbidden", ACME + "unauthorized", None), r"\(unauthorized\)"),
    "nonces": (BAD_NONCE, "refused 10 nonces"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_write_without_a_clear_reply_is_unknown_and_sent_once(name: str) -> None:
    scripted = Scripted(UNKNOWN[name])
    with scripted.server as server:
        asked = AcmeClient(server.url, account_key(), label="A CA", account=server.url, sleep=lambda _: None)
        with pytest.raises(UnknownOutcomeError, match=r"^A CA did not reply to the new order: .*\.$"):
            asked.new_order((("dns", "x.example.com"),))
        assert scripted.sent == 1


@pytest.mark.parametrize("name", REFUSED)
def test_a_problem_of_the_ca_is_a_refusal_in_its_own_words(name: str) -> None:
    act, sentence = REFUSED[name]
    scripted = Scripted(act)
    with scripted.server as server:
        asked = AcmeClient(server.url, account_key(), label="A CA", account=server.url)
        with pytest.raises(RefusedError, match=sentence) as caught:
            asked.new_order((("dns", "x.example.com"),))
        assert isinstance(caught.value, RateLimitedError) == (name == "rateLimited")
        assert "\x1b" not in str(caught.value)


def test_a_refused_nonce_is_no_refusal() -> None:
    scripted = Scripted(*[BAD_NONCE] * 9, http("201 Created", b"{}", extra=LOCATION))
    with scripted.server as server:
        asked = AcmeClient(server.url, account_key(), label="A CA", account=server.url)
        assert asked.new_order((("dns", "x.example.com"),)) == "https://ca.example.com/1"


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_read_is_repeated_and_leaves_nothing_open(name: str) -> None:
    waited: list[float] = []
    scripted = Scripted(UNKNOWN[name])
    with scripted.server as server:
        asked = AcmeClient(server.url, account_key(), label="A CA", account=server.url, sleep=waited.append)
        with pytest.raises(RefusedError):
            asked.order(f"{server.url}/order")
        assert (scripted.sent, waited) == (client.TRIES, [0.25, 0.5, 0.75])


ORDER = {"status": "pending", "authorizations": [], "finalize": "https://ca.example.com/f"}
ODD: tuple[object, ...] = (
    {**ORDER, "status": 5},
    {**ORDER, "authorizations": ["https://ca.example.com/1"] * 201},
    {**ORDER, "authorizations": ["javascript:1"]},
    {**ORDER, "finalize": "http://ca.example.com/f"},
    {**ORDER, "finalize": "https://[/"},
    {**ORDER, "certificate": 7},
    [ORDER],
    None,
)


def test_an_order_that_is_none_is_named_as_such() -> None:
    for odd in ODD:
        scripted = Scripted(http(body=json.dumps(odd).encode()))
        with scripted.server as server:
            asked = AcmeClient(server.url, account_key(), label="A CA", account=server.url, sleep=lambda _: None)
            with pytest.raises(RefusedError, match="its reply cannot be read"):
                asked.order(f"{server.url}/order")


def test_a_server_that_drips_is_cut_off_at_the_deadline() -> None:
    scripted = Scripted(misbehaving.drip_body)
    with scripted.server as server:
        route = Route(deadline=1.0)
        asked = AcmeClient(server.url, account_key(), label="A CA", account=server.url, route=route)
        asked._nonces = [b"nonce"]  # so that this is the only call
        with pytest.raises(UnknownOutcomeError, match="no reply within 1 seconds"):
            asked.finalise(f"{server.url}/f", b"csr")


def test_neither_netrc_nor_a_proxy_of_the_environment_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".netrc").write_text("machine 127.0.0.1 login me password canary-netrc\n")
    (home / ".netrc").chmod(0o600)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    scripted = Scripted(http("201 Created", b"{}", extra=LOCATION))
    with scripted.server as server:
        AcmeClient(server.url, account_key(), label="A CA", account=server.url).new_order((("dns", "x.example.com"),))
        heads = [request.partition(b"\r\n\r\n")[0] for request in server.requests]
    assert len(heads) == 3
    for head in heads:
        assert b"uthorization" not in head
        assert b"\r\nUser-Agent: csr-tui" in head


@pytest.mark.system
def test_neither_the_accounts_key_nor_that_of_the_external_account_is_sent_or_logged(
    pebbles: Pebbles, require: Callable[..., None], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    require(*PROGRAMS)
    sent: list[bytes] = []
    write = ssl.SSLSocket.sendall

    def watched(self: ssl.SSLSocket, data: Any, flags: int = 0) -> None:
        sent.append(bytes(data))
        write(self, data, flags)

    monkeypatch.setattr(ssl.SSLSocket, "sendall", watched)
    key = account_key()
    with caplog.at_level("DEBUG"):
        client_of(pebbles(eab=True), key).new_account(email=None, agreed=True, external=EXTERNAL)
    assert len(sent) > 2
    for secret in (key.reveal().splitlines()[1], EAB_KEY, json.loads(_private(key))):
        assert secret.encode() not in b"".join(sent)
        assert secret not in caplog.text


def _private(key: Secret) -> str:
    from josepy import jwk

    return json.dumps(jwk.JWK.load(key.reveal().encode()).to_partial_json()["d"])


def test_errors_of_the_wire_are_the_programs_own() -> None:
    with pytest.raises(CsrTuiError, match="was not reached; nothing was sent: the connection was refused"):
        AcmeClient("https://127.0.0.1:1/dir", account_key(), label="A CA", sleep=lambda _: None).new_account(
            email=None, agreed=True
        )

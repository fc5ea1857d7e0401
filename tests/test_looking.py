"""Looking for proofs at a zone's own name servers. The servers are stand-ins: real ones need port 53 and the root."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest
from certificates import issue
from pebble import free_port

from csr_tui.acme import looking
from csr_tui.acme.looking import Look
from csr_tui.wire import Route

if TYPE_CHECKING:
    from collections.abc import Iterator

Records = dict[tuple[str, str], tuple[str, ...]]

SOA = "ns1.example.com. admin.example.com. 1 2 3 4 5"
TREE: Records = {
    ("example.com.", "SOA"): (SOA,),
    ("example.com.", "NS"): ("ns1.example.com.", "ns2.example.com."),
    ("ns1.example.com.", "A"): ("127.0.0.2",),
    ("ns2.example.com.", "A"): ("127.0.0.3",),
    ("example.net.", "SOA"): (SOA,),
    ("example.net.", "NS"): ("ns.example.net.",),
    ("ns.example.net.", "A"): ("127.0.0.4",),
    ("lame.example.", "SOA"): (SOA,),
    ("lame.example.", "NS"): ("ns.lame.example.",),
}
"""What the system's resolver knows."""

WWW = "_acme-challenge.www.example.com."
ALIAS = "_acme-challenge.alias.example.com."


@contextlib.contextmanager
def served(address: str, port: int, records: Records, rcode: int = 0) -> Iterator[None]:
    """A name server that knows these records, and what is an alias."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind((address, port))
        thread = threading.Thread(target=_serve, args=(listener, records, rcode), daemon=True)
        thread.start()
        try:
            yield
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"", (address, port))
            thread.join()


def _serve(listener: socket.socket, records: Records, rcode: int) -> None:
    while True:
        data, sender = listener.recvfrom(4096)
        if not data:
            return
        query = dns.message.from_wire(data)
        reply = dns.message.make_response(query, recursion_available=True)
        reply.flags |= dns.flags.AA
        reply.set_rcode(dns.rcode.Rcode(rcode))
        (question,) = query.question
        name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
        for found in (kind, "CNAME"):
            if texts := records.get((name, found)):
                reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", found, *texts))
                break
        listener.sendto(reply.to_wire(), sender)


@pytest.fixture
def zones(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Starts name servers by their addresses; the system's resolver is there already."""
    port = free_port()
    monkeypatch.setattr(looking, "PORT", port)
    monkeypatch.setattr(looking, "PATIENCE", 1.0)
    system = dns.resolver.Resolver(configure=False)
    system.nameservers, system.port = ["127.0.0.1"], port
    monkeypatch.setattr(dns.resolver, "Resolver", lambda: system)
    with contextlib.ExitStack() as running:
        running.enter_context(served("127.0.0.1", port, TREE))

        def start(address: str, records: Records, rcode: int = 0) -> None:
            running.enter_context(served(address, port, records, rcode))

        yield start


def look(name: str, value: str = "mine", *known: str) -> Look:
    return looking.at_record(name.rstrip("."), value.__eq__, known)


def test_a_record_is_seen_once_all_name_servers_of_the_zone_have_it(zones: Callable[..., None]) -> None:
    have: Records = {(WWW, "TXT"): ('"mine"', '"other"')}
    lack: Records = {}
    zones("127.0.0.2", have)
    zones("127.0.0.3", lack)

    assert look(WWW, "mine", "other") == Look(seen=False, note="Seen by 1 of 2 name servers.")
    lack[WWW, "TXT"] = ('"mi" "ne"',)  # a value of several strings is one
    assert look(WWW, "mine", "other") == Look(seen=True, note="Seen by 2 name servers.")
    found = look(WWW, "mine")
    assert found == Look(seen=True, note="Seen by 2 name servers. An old value is still published: other. Remove it.")
    assert not look(WWW, "absent").seen


def test_an_alias_is_followed_to_the_name_servers_of_its_zone(zones: Callable[..., None]) -> None:
    alias: Records = {(ALIAS, "CNAME"): ("proof.example.net.",)}
    zones("127.0.0.2", alias)
    zones("127.0.0.3", alias)
    zones("127.0.0.4", {("proof.example.net.", "TXT"): ('"mine"',)})

    assert look(ALIAS) == Look(seen=True, note="Seen by the name server.")


def test_a_name_server_that_fails_leaves_a_record_unseen(zones: Callable[..., None]) -> None:
    zones("127.0.0.2", {(WWW, "TXT"): ('"mine"',)})
    zones("127.0.0.3", {}, 2)

    found = look(WWW)

    assert not found.seen
    assert found.note == "Seen by 1 of 2 name servers. No usable answer from ns2.example.com."


def test_old_values_reach_no_terminal_raw(zones: Callable[..., None]) -> None:
    zones("127.0.0.2", {(WWW, "TXT"): (r'"\027]0;owned\007"', '"mine"', f'"{"x" * 200}"', '"[bold]b[/]"', '"\\128"')})
    zones("127.0.0.3", {(WWW, "TXT"): ('"mine"',)})

    note = look(WWW).note

    assert "4 old values are still published" in note
    assert note.isprintable()
    assert len(note) < 400


def test_what_cannot_be_looked_up_is_named(zones: Callable[..., None]) -> None:
    assert look("_acme-challenge.lame.example").note.startswith("Could not look it up: no name server of the zone has")
    assert look("a..b").note.startswith("Could not look it up: ")


@contextlib.contextmanager
def web_server(folder: Path | None = None) -> Iterator[tuple[str, dict[str, str]]]:
    """A server's address, with what it redirects by path; over TLS, with an expired certificate, where it has a folder.

    Any other path holds `content`.
    """
    redirects: dict[str, str] = {}

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            location = redirects.get(self.path)
            self.send_response(302 if location is not None else 200)
            if location is not None:
                self.send_header("Location", location)
            body = b"" if location is not None else b"content"
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        if folder is not None:
            expired = issue("elsewhere.example", days=3)
            (folder / "both.pem").write_text(expired.pem + expired.key_pem)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder / "both.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http{'s' if folder else ''}://127.0.0.1:{server.server_port}", redirects
        server.shutdown()
        thread.join()


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")  # as the program ignores every warning
def test_a_file_is_seen_behind_redirects_and_an_expired_certificate(tmp_path: Path) -> None:
    with web_server() as (address, redirects), web_server(tmp_path) as (secure, _):
        redirects |= {"/a": "/b", "/b": "c", "/c": f"{secure}/d"}

        assert looking.at_url(f"{address}/a", "content", Route()) == Look(seen=True, note="Seen.")
        assert not looking.at_url(f"{address}/a", "other", Route()).seen


@pytest.mark.parametrize(
    ("location", "note"),
    [
        ("http://[bad/", "It redirects to http://[bad/, which is not a URL."),
        ("//[", "It redirects to //[, which is not a URL."),
        ("http://a:99999/", "It redirects to http://a:99999/, which is not a URL."),
        ("file:///etc/passwd", "It redirects to file:///etc/passwd, which is not followed."),
        ("/x", "Too many redirects."),
        ("https://", "was not reached"),
        (f"http://{'a' * 5000}/", "was not reached"),
    ],
)
def test_a_redirect_to_nowhere_is_named(location: str, note: str) -> None:
    with web_server() as (address, redirects):
        redirects["/x"] = location

        found = looking.at_url(f"{address}/x", "content", Route(deadline=10))

    assert not found.seen
    assert note in found.note
    assert len(found.note) < 500

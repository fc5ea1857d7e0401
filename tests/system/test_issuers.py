"""From a CSR to a served page: other people's CAs issue, other people's servers serve, and a client verifies it all."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from issuers import KINDS, Kind, run
from support import MemoryKeyring

from csr_tui import wire
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Purpose, Record, State, new_id
from csr_tui.core.secret import Secret
from csr_tui.export.manifest import Verdict
from csr_tui.export.targets.apache import APACHE
from csr_tui.export.targets.haproxy import HAPROXY
from csr_tui.export.targets.java import JAVA
from csr_tui.export.targets.nginx import NGINX
from csr_tui.export.targets.windows import WINDOWS
from csr_tui.lifecycle import attach, exporting, generate
from csr_tui.lifecycle.attach import Source
from csr_tui.lifecycle.exporting import ExportRequest, KeyForm
from csr_tui.storage import RecordStore
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from issuers import Issuer

    from csr_tui.export.targets.target import Target

pytestmark = pytest.mark.system

SECRET = Secret("correct-horse-battery-42")
START = 20.0
"""Seconds a server has to answer."""


@pytest.fixture(scope="module")
def issuer_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Kind], Issuer]:
    made: dict[type, Issuer] = {}

    def get(kind: Kind) -> Issuer:
        if kind.issuer not in made:
            made[kind.issuer] = kind.issuer(tmp_path_factory.mktemp(kind.issuer.__name__))
        return made[kind.issuer]

    return get


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RecordStore]:
    with RecordStore(tmp_path / "data" / "records.db") as store:
        yield store


@pytest.fixture
def vault() -> Vault:
    return Vault(backend=MemoryKeyring())


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def visit(port: int, root: Path, process: subprocess.Popen[bytes]) -> int:
    """The status of a page, got with the chain, the dates and the name verified up to this root."""
    context = wire.lenient(ssl.create_default_context(cafile=str(root)))
    assert context.check_hostname
    until = time.monotonic() + START
    while True:
        connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=START)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status
        except ConnectionRefusedError:
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.02)
        finally:
            connection.close()


@contextmanager
def serving(*command: str, cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (cwd / "said").open("wb") as said:
        process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(START)


@contextmanager
def nginx(folder: Path, lines: tuple[str, ...], port: int) -> Iterator[subprocess.Popen[bytes]]:
    pasted = "\n".join(lines).replace("listen 443", f"listen 127.0.0.1:{port}")
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {places}\nserver {{\n{pasted}\nreturn 204; }} }}\n"
    )
    with serving("nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), cwd=folder) as process:
        yield process


@contextmanager
def haproxy(folder: Path, lines: tuple[str, ...], port: int) -> Iterator[subprocess.Popen[bytes]]:
    pasted = "\n".join(lines).replace("bind :443", f"bind 127.0.0.1:{port}")
    (folder / "haproxy.cfg").write_text(
        "defaults\n    mode http\n    timeout client 9s\n    timeout server 9s\n    timeout connect 9s\n"
        f"{pasted}\nbackend web\n    http-request return status 204\n"
    )
    with serving("haproxy", "-db", "-f", str(folder / "haproxy.cfg"), cwd=folder) as process:
        yield process


@contextmanager
def apache(folder: Path, lines: tuple[str, ...], port: int) -> Iterator[subprocess.Popen[bytes]]:
    inside = "\n".join(line for line in lines if "PassPhrase" not in line)
    outside = "\n".join(line for line in lines if "PassPhrase" in line)
    modules = "/usr/lib/apache2/modules"
    names = ("mpm_event", "authz_core", "socache_shmcb", "ssl", "alias")
    loads = "".join(f"LoadModule {name}_module {modules}/mod_{name}.so\n" for name in names)
    user = "User nobody\nGroup nogroup\n" if os.getuid() == 0 else ""
    (folder / "httpd.conf").write_text(
        f"ServerRoot {folder}\nServerName localhost\nPidFile {folder}/pid\nErrorLog {folder}/error.log\n{loads}{user}"
        f"{outside}\nListen 127.0.0.1:{port}\n<VirtualHost *:{port}>\n{inside}\nRedirectMatch 204 .*\n</VirtualHost>\n"
    )
    with serving("apache2", "-DFOREGROUND", "-f", str(folder / "httpd.conf"), cwd=folder) as process:
        yield process


SERVERS = {NGINX: nginx, HAPROXY: haproxy, APACHE: apache}


def issued(store: RecordStore, vault: Vault, kind: Kind, issuer: Issuer, folder: Path, choice: Custody) -> Record:
    """A record whose CSR another program's CA answered, and whose answer was attached in the order of its files."""
    draft = Record(
        new_id(),
        purpose=Purpose.PRIVATE,
        subject=Subject("localhost", "Example Ltd", country="CN"),
        key=KeySpec(kind.algorithm, kind.parameter),
    )
    record = generate.generate(store, vault, store.add(draft), choice, password=SECRET if choice.is_typed else None)
    request = folder / f"{record.id}.csr"
    request.write_text(record.csr or "")
    sent = (issuer.root, issuer.intermediate, issuer.sign(request, "localhost"))
    sources = tuple(Source(str(path), path.read_bytes()) for path in sent)
    return attach.keep(store, attach.look(store, sources, store.now()))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_what_a_ca_issues_is_served_by_every_server_and_verified_by_a_client(
    kind: Kind,
    issuer_of: Callable[[Kind], Issuer],
    store: RecordStore,
    vault: Vault,
    tmp_path: Path,
    require: Callable[..., None],
) -> None:
    require(*kind.issuer.programs, "nginx", "haproxy", "apache2")
    issuer = issuer_of(kind)

    record = issued(store, vault, kind, issuer, tmp_path, Custody.NONE_UNPROTECTED)

    assert record.state is State.ISSUED
    for target, server in SERVERS.items():
        done = exporting.export(store, vault, record, ExportRequest(tmp_path / target.name, target=target))
        tried = Verdict.NOT_PROVEN if target is APACHE else Verdict.PROVEN
        assert [proof.verdict for proof in done.proofs] == [*[Verdict.PROVEN] * 3, tried], done.proofs
        port = free_port()
        with server(tmp_path / target.name, done.snippet.lines, port) as process:
            assert visit(port, issuer.root, process) == 204


@pytest.mark.parametrize("target", [NGINX, APACHE], ids=str)
def test_an_encrypted_key_is_served_with_the_lines_as_they_are_pasted(
    target: Target,
    issuer_of: Callable[[Kind], Issuer],
    store: RecordStore,
    vault: Vault,
    tmp_path: Path,
    require: Callable[..., None],
) -> None:
    require("openssl", "nginx", "apache2")
    issuer = issuer_of(KINDS[2])
    record = issued(store, vault, KINDS[2], issuer, tmp_path, Custody.TYPED_KEYRING)

    done = exporting.export(store, vault, record, ExportRequest(tmp_path / target.name, target=target))

    place = tmp_path / target.name / "localhost.password"
    place.write_text(f"{SECRET.reveal()}\n")
    for what, command in done.snippet.commands:
        if what.startswith("Create the program"):
            run("sh", "-c", command, cwd=tmp_path)
    port = free_port()
    with SERVERS[target](tmp_path / target.name, done.snippet.lines, port) as process:
        assert visit(port, issuer.root, process) == 204
    if target is NGINX:
        assert done.proofs[-1].verdict is Verdict.PROVEN


@pytest.mark.parametrize("kind", KINDS[:5], ids=str)
@pytest.mark.parametrize("target", [JAVA, WINDOWS], ids=str)
def test_keytool_and_openssl_list_and_use_the_pkcs12(
    kind: Kind,
    target: Target,
    issuer_of: Callable[[Kind], Issuer],
    store: RecordStore,
    vault: Vault,
    tmp_path: Path,
    require: Callable[..., None],
) -> None:
    require("openssl", "keytool")
    record = issued(store, vault, kind, issuer_of(kind), tmp_path, Custody.TYPED_KEYRING)

    done = exporting.export(store, vault, record, ExportRequest(tmp_path / "out", target=target))

    assert done.proofs[-1].verdict is Verdict.PROVEN, done.proofs
    file = str(done.files[0].path)
    typed = f"{SECRET.reveal()}\n"
    listed = run("keytool", "-list", "-v", "-keystore", file, cwd=tmp_path, stdin=typed)
    assert "Alias name: localhost" in listed
    assert "Certificate chain length: 2" in listed
    again = run("keytool", "-certreq", "-alias", "localhost", "-keystore", file, cwd=tmp_path, stdin=typed)
    key = run("openssl", "req", "-noout", "-pubkey", cwd=tmp_path, stdin=again[again.index("-----BEGIN") :])
    assert key == run("openssl", "req", "-noout", "-pubkey", cwd=tmp_path, stdin=record.csr or "")
    clear = run("openssl", "pkcs12", "-in", file, "-nodes", "-passin", "stdin", cwd=tmp_path, stdin=typed)
    assert run("openssl", "pkey", "-pubout", cwd=tmp_path, stdin=clear) == key
    assert clear.count("BEGIN CERTIFICATE") == 2


def test_haproxy_serves_the_plain_private_bundle_too(
    issuer_of: Callable[[Kind], Issuer],
    store: RecordStore,
    vault: Vault,
    tmp_path: Path,
    require: Callable[..., None],
) -> None:
    require("openssl", "haproxy")
    issuer = issuer_of(KINDS[0])
    record = issued(store, vault, KINDS[0], issuer, tmp_path, Custody.NONE_KEYRING)

    exporting.export(store, vault, record, ExportRequest(tmp_path / "out", form=KeyForm.CLEAR))

    lines = ("frontend https", f"bind :443 ssl crt {tmp_path}/out/localhost.private-bundle.pem", "default_backend web")
    port = free_port()
    with haproxy(tmp_path / "out", lines, port) as process:
        assert visit(port, issuer.root, process) == 204

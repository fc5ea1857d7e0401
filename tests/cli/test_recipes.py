"""`show --recipes`: the lines that it prints, run by a shell where their programs are here."""

from __future__ import annotations

import subprocess
import threading
from base64 import b64decode, encodebytes
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from shlex import quote
from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7

from csr_tui.cli.recipes import RECIPES, text
from csr_tui.core.fields import Subject
from csr_tui.core.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Generated, New, Run

ROOT = Authority("Own Root", now=datetime.now(UTC))
WHOLE = "Own Root (the root, not exported)"


def recipe(run: Run, record_id: str, about: str) -> str:
    """The lines of one recipe but for those of this program."""
    return "\n".join(line for line in lines_of(run, record_id, about) if not line.startswith("csr-tui "))


def lines_of(run: Run, record_id: str, about: str) -> list[str]:
    shown = run("show", record_id, "--recipes").out.split("\n\n")
    return next(part for part in shown if part.startswith(f"# {about}")).splitlines()


def is_attached(run: Run, record_id: str, about: str, folder: Path, *, chain: str) -> None:
    """What its last line attaches is issued for the record, with the whole chain."""
    program, attach, attached, *files = lines_of(run, record_id, about)[-1].split(" ")
    assert (program, attach, attached) == ("csr-tui", "attach", record_id)
    result = run("attach", record_id, *(str(folder / name) for name in files))
    assert (result.status, f"chain     {chain}\n" in result.out) == (0, True), result.out + result.err


@pytest.fixture
def record(run: Run, generated: Generated, tmp_path: Path, require: Callable[..., None]) -> str:
    """A record whose CSR is a file; its id."""
    require("openssl", "bash")
    record_id = generated()
    (tmp_path / "www.example.com.csr").write_text(run("show", record_id, "--csr").out)
    (tmp_path / "CA.pem").write_bytes(pem(ROOT.certificate))
    key = ROOT.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "CA.key").write_bytes(key)
    return record_id


def shell(script: str, folder: Path) -> None:
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.system
def test_the_line_for_cfssl_gets_a_certificate(
    run: Run, record: str, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("cfssl", "cfssljson")
    shell(recipe(run, record, "cfssl"), tmp_path)

    is_attached(run, record, "cfssl", tmp_path, chain=WHOLE)


CMP_SERVER = """
ip link set lo up
openssl x509 -req -in www.example.com.csr -CA CA.pem -CAkey CA.key -days 9 -copy_extensions copyall -out leaf.pem
openssl cmp -port 8899 -srv_ref mine -srv_secret pass:s -rsp_cert leaf.pem -rsp_capubs CA.pem > server.log 2>&1 &
until grep -q :22C3 /proc/net/tcp /proc/net/tcp6; do sleep 0.05; done
"""


@pytest.mark.system
def test_the_lines_for_cmp_get_a_certificate(
    run: Run, record: str, tmp_path: Path, require: Callable[..., None]
) -> None:
    """openssl's own server, in a network of its own, for it listens on every address; its answer is always the same."""
    require("ip", "unshare")
    lines = recipe(run, record, "CMP").replace("HOST:PORT", "127.0.0.1:8899").replace(" PATH ", " pkix/ ")
    script = CMP_SERVER + lines.replace("NAME", "mine").replace("SECRET", "s")
    shell(f"unshare -rnpf --kill-child bash -euo pipefail -c {quote(script)}", tmp_path)

    is_attached(run, record, "CMP", tmp_path, chain=WHOLE)


@pytest.mark.system
def test_the_line_for_est_sends_the_csr_and_what_returns_is_attached(
    run: Run, record: str, tmp_path: Path, require: Callable[..., None]
) -> None:
    """No EST server can be had here: this one knows the messages of RFC 7030, 4.1 and 4.2."""
    require("curl")

    class Est(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/pkcs10"
            csr = x509.load_der_x509_csr(b64decode(self.rfile.read(int(self.headers["Content-Length"]))))
            leaf = ROOT.issue(csr.public_key(), "www.example.com")  # type: ignore[arg-type]  # it is one of ours
            self.reply(leaf)

        def do_GET(self) -> None:
            assert self.path == "/.well-known/est/cacerts"
            self.reply(ROOT.certificate)

        def reply(self, certificate: x509.Certificate) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(encodebytes(pkcs7.serialize_certificates([certificate], serialization.Encoding.DER)))

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Est) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        lines = recipe(run, record, "EST").replace("https://HOST", f"http://127.0.0.1:{server.server_port}")
        shell(
            lines.replace("--user NAME", "--user NAME:secret").replace("--cacert", "--noproxy '*' --cacert"), tmp_path
        )

    is_attached(run, record, "EST", tmp_path, chain=WHOLE)


def test_a_chain_that_has_the_certificate_again_is_attached_beside_it(run: Run, record: str, tmp_path: Path) -> None:
    """What `certreq` writes: it is a program of Windows, so its two files are made here."""
    csr = x509.load_pem_x509_csr((tmp_path / "www.example.com.csr").read_bytes())
    leaf = ROOT.issue(csr.public_key(), "www.example.com")  # type: ignore[arg-type]  # it is one of ours
    (tmp_path / "www.example.com.crt").write_bytes(pem(leaf))
    chain = pkcs7.serialize_certificates([leaf, ROOT.certificate], serialization.Encoding.PEM)
    (tmp_path / "www.example.com.p7b").write_bytes(chain)

    is_attached(run, record, "Active Directory", tmp_path, chain=WHOLE)


def test_a_draft_has_no_recipes_yet(run: Run, new: New) -> None:
    result = run("show", new(), "--recipes")

    assert (result.status, "no CSR" in result.err) == (4, True)


def test_a_shell_reads_the_recipes_whatever_the_domain_is(require: Callable[..., None]) -> None:
    require("bash")
    hostile = Record("4m70000000", subject=Subject(domain="$(touch x)'\";\n`id`"), usage="client")

    shown = text(hostile)

    subprocess.run(["bash", "-n"], input=shown.encode(), check=True)
    assert "certbot" not in shown
    assert "`id`" not in shown.split("\n", 1)[1]
    assert all(one.lines.split(" ")[0] in shown for one in RECIPES if not one.serves)

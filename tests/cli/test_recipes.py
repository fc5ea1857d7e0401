"""`show --recipes`: the lines that it prints, run by a shell where their programs are here."""

from __future__ import annotations

import subprocess
import threading
from base64 import b64decode, encodebytes
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
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


def recipe(run: Run, record_id: str, about: str) -> str:
    """The lines of one recipe but for those of this program."""
    shown = run("show", record_id, "--recipes").out.split("\n\n")
    lines = next(part for part in shown if part.startswith(f"# {about}")).splitlines()
    return "\n".join(line for line in lines if not line.startswith("csr-tui "))


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

    assert run("attach", record, str(tmp_path / "www.example.com.pem")).status == 0


@pytest.mark.system
def test_the_line_for_est_sends_the_csr_and_what_returns_is_attached(
    run: Run, record: str, tmp_path: Path, require: Callable[..., None]
) -> None:
    """No EST server can be had here: this one knows the two messages of RFC 7030, 4.2."""
    require("curl")

    class Est(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/pkcs10"
            csr = x509.load_der_x509_csr(b64decode(self.rfile.read(int(self.headers["Content-Length"]))))
            leaf = ROOT.issue(csr.public_key(), "www.example.com")  # type: ignore[arg-type]  # it is one of ours
            chain = pkcs7.serialize_certificates([leaf, ROOT.certificate], serialization.Encoding.DER)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(encodebytes(chain))

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Est) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        lines = recipe(run, record, "EST").replace("https://HOST", f"http://127.0.0.1:{server.server_port}")
        shell(lines.replace("--user NAME", "--user NAME:secret --noproxy '*'"), tmp_path)

    assert run("attach", record, str(tmp_path / "www.example.com.p7b")).status == 0


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

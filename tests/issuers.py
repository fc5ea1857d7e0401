"""CAs of other people's making: `openssl ca`, GnuTLS certtool and cfssl, each with a root and an intermediate."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class Issuer(Protocol):
    """Answers a CSR as a CA does: a leaf, its intermediate, and the root that clients trust."""

    root: Path
    intermediate: Path

    def sign(self, request: Path, name: str) -> Path: ...


def run(*command: str, cwd: Path, stdin: str = "") -> str:
    done = subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


OPENSSL = """
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
default_days = 30
policy = any
copy_extensions = copy
unique_subject = no
x509_extensions = leaf
certificate = ca.pem
private_key = ca.key
[any]
commonName = supplied
organizationName = optional
countryName = optional
[leaf]
basicConstraints = critical,CA:false
authorityKeyIdentifier = keyid
[issuing]
basicConstraints = critical,CA:true,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
"""


class OpenSsl:
    """`openssl ca`, with its database of what it issued."""

    programs = ("openssl",)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root, self.intermediate = folder / "root.pem", folder / "ca.pem"
        (folder / "ca.cnf").write_text(OPENSSL)
        (folder / "index.txt").write_text("")
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc")
        root = ("-x509", "-days", "60", "-subj", "/CN=OpenSSL Root", "-keyout", "root.key", "-out", "root.pem")
        run("openssl", "req", *key, *root, cwd=folder)
        run("openssl", "req", *key, "-subj", "/CN=OpenSSL CA", "-keyout", "ca.key", "-out", "ca.csr", cwd=folder)
        signing = ("-cert", "root.pem", "-keyfile", "root.key", "-extensions", "issuing", "-notext", "-batch")
        run("openssl", "ca", "-config", "ca.cnf", *signing, "-in", "ca.csr", "-out", "ca.pem", cwd=folder)

    def sign(self, request: Path, name: str) -> Path:
        out = self.folder / f"{request.stem}.pem"
        run("openssl", "ca", "-config", "ca.cnf", "-batch", "-in", str(request), "-out", str(out), cwd=self.folder)
        return out  # with the text of the certificate before it, as `openssl ca` writes it


class CertTool:
    """GnuTLS; it takes nothing from a CSR that its template does not say."""

    programs = ("certtool",)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root, self.intermediate = folder / "root.pem", folder / "ca.pem"
        key = ("--generate-privkey", "--key-type", "ecdsa", "--curve", "secp256r1", "--outfile")
        for name in ("root", "ca"):
            run("certtool", *key, f"{name}.key", cwd=folder)
            limit = "path_len = 0\n" if name == "ca" else ""
            template = f"cn = GnuTLS {name}\nca\ncert_signing_key\nexpiration_days = 60\n{limit}"
            (folder / f"{name}.tmpl").write_text(template)
        own = ("--generate-self-signed", "--load-privkey", "root.key", "--template", "root.tmpl")
        run("certtool", *own, "--outfile", "root.pem", cwd=folder)
        by_root = ("--load-ca-certificate", "root.pem", "--load-ca-privkey", "root.key", "--template", "ca.tmpl")
        new = ("--generate-certificate", "--load-privkey", "ca.key")
        run("certtool", *new, *by_root, "--outfile", "ca.pem", cwd=folder)

    def sign(self, request: Path, name: str) -> Path:
        template = f"cn = {name}\ndns_name = {name}\ntls_www_server\nsigning_key\nexpiration_days = 30\n"
        (self.folder / "leaf.tmpl").write_text(template)
        out = self.folder / f"{request.stem}.der"
        asked = ("--generate-certificate", "--load-request", str(request), "--template", "leaf.tmpl", "--outder")
        by_ca = ("--load-ca-certificate", "ca.pem", "--load-ca-privkey", "ca.key", "--outfile", str(out))
        run("certtool", *asked, *by_ca, cwd=self.folder)
        return out


class CfSsl:
    """CloudFlare's, of 2016 in Debian; it answers in JSON and knows no Ed25519."""

    programs = ("cfssl",)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root, self.intermediate = folder / "root.pem", folder / "ca.pem"
        limit = {"is_ca": True, "max_path_len": 0, "max_path_len_zero": True}
        issuing = {"usages": ["cert sign"], "expiry": "1000h", "ca_constraint": limit}
        leaf = {"usages": ["digital signature", "server auth"], "expiry": "720h"}
        signing = {"default": leaf, "profiles": {"issuing": issuing}}
        (folder / "config.json").write_text(json.dumps({"signing": signing}))
        made = {}
        for name in ("root", "ca"):
            asked = {"CN": f"cfssl {name}", "key": {"algo": "ecdsa", "size": 256}}
            (folder / f"{name}.json").write_text(json.dumps(asked))
            what = ("-initca",) if name == "root" else ()
            made[name] = json.loads(run("cfssl", "genkey", *what, f"{name}.json", cwd=folder))
            (folder / f"{name}.key").write_text(made[name]["key"])
        (folder / "root.pem").write_text(made["root"]["cert"])
        (folder / "ca.csr").write_text(made["ca"]["csr"])
        (folder / "ca.pem").write_text(self._signed("root", "ca.csr", "-profile", "issuing"))

    def sign(self, request: Path, name: str) -> Path:
        out = self.folder / f"{request.stem}.pem"
        out.write_text(self._signed("ca", str(request), "-hostname", name).rstrip("\n"))
        return out  # without a newline at its end

    def _signed(self, by: str, request: str, *more: str) -> str:
        authority = ("-ca", f"{by}.pem", "-ca-key", f"{by}.key", "-config", "config.json")
        return str(json.loads(run("cfssl", "sign", *authority, *more, request, cwd=self.folder))["cert"])


@dataclass(frozen=True)
class Kind:
    """What a test asks for, by its name."""

    issuer: type[OpenSsl | CertTool | CfSsl]
    algorithm: str
    parameter: str

    def __str__(self) -> str:
        return f"{self.issuer.__name__} {self.algorithm} {self.parameter}"


KEYS = (
    ("RSA", "2048"),
    ("RSA", "4096"),
    ("ECC", "prime256v1"),
    ("ECC", "secp384r1"),
    ("ED25519", "ed25519"),
)
KINDS = [
    Kind(issuer, *key)
    for issuer in (OpenSsl, CertTool, CfSsl)
    for key in KEYS
    if not (issuer is CfSsl and key[0] == "ED25519")
]

"""Windows: one PKCS#12 of the kind that its older versions open too, and `openssl pkcs12`."""

from __future__ import annotations

import base64
import hashlib

from csr_tui.core.record import Record
from csr_tui.core.usages import USAGES
from csr_tui.export.manifest import Proof, Verdict
from csr_tui.export.targets import program
from csr_tui.export.targets.target import Check, KeyFormat, Part, Placed, Snippet, Target, TargetFile

COMPATIBLE = (
    "The .pfx is encrypted with 3DES and SHA-1, because Windows Server 2016 and older read nothing newer. That is weak "
    "against guessing: choose a long password, and delete the file after importing it."
)


def _snippet(files: Placed) -> Snippet:
    is_server = USAGES[files.record.usage].serves
    store, name = f"Cert:\\{'LocalMachine' if is_server else 'CurrentUser'}\\My", files.certificate.name
    binding = f"(Get-WebBinding -Port 443 -Protocol https).AddSslCertificate('{_thumbprint(files.record)}', 'My')"
    return Snippet(
        (
            "$password = Read-Host -AsSecureString",
            f"Import-PfxCertificate -FilePath {name} -CertStoreLocation {store} -Password $password",
            *((binding,) if is_server else ()),
        ),
        (COMPATIBLE,),
    )


def _thumbprint(record: Record) -> str:
    """The SHA-1 of the certificate, by which Windows names it."""
    body = (record.certificate or "").partition("-----BEGIN CERTIFICATE-----")[2].partition("-----END")[0]
    return hashlib.sha1(base64.b64decode(body), usedforsecurity=False).hexdigest().upper()


def _check(openssl: str, files: Placed) -> Proof:
    version = program.run([openssl, "version"]).output.partition(" (")[0].strip()
    password = files.password.reveal() if files.password else ""
    command = [openssl, "pkcs12", "-in", str(files.certificate), "-noout", "-info", "-passin", "stdin"]
    ran = program.run(command, stdin=f"{password}\n")
    if ran.status == 0 and "3-KeyTripleDES" in ran.output:
        detail = "it decrypts, in the format that old Windows reads; it was not tested on Windows"
        return Proof("openssl pkcs12", Verdict.PROVEN, version, detail)
    return Proof("openssl pkcs12", Verdict.REFUSED, version, program.short(ran.output))


WINDOWS = Target(
    "windows",
    "Windows, PKCS#12",
    "<domain>.pfx: PKCS#12 that older Windows reads too (3DES, SHA-1)",
    (TargetFile(".pfx", (Part.PKCS12,), "key, certificate, intermediates; PKCS#12"),),
    _snippet,
    Check("openssl pkcs12", ("openssl",), _check),
    KeyFormat.OLD_PKCS12,
)

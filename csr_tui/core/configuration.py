"""The lines that a person pastes into a server's configuration for a bundle."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from csr_tui.core.bundle import PKCS12, Target, planned, stem
from csr_tui.core.record import Protection

if TYPE_CHECKING:
    from pathlib import PurePath

    from csr_tui.core.record import Record

COMPATIBLE = (
    "The .pfx is encrypted with 3DES and SHA-1, because Windows Server 2016 and older open nothing newer. That is weak "
    "against guessing: give it a long password, and delete the file once it is imported."
)
OLD_JAVA = (
    "Java before 8u301 and 11.0.12 does not know its encryption (AES-256, SHA-256), and reports that the keystore "
    "password was incorrect. Update Java; the file for Windows has an older encryption, which it reads."
)
NEVER_OPEN = "Without a password keytool would show an empty store and no error, so none is written."


@dataclass(frozen=True, slots=True)
class Configuration:
    """The lines, and what else a person should know or do."""

    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def configuration(
    record: Record, target: Target, folder: PurePath, *, encrypted: bool, other: bool = False
) -> Configuration:
    """For the files of `record` in `folder`; `encrypted` says whether the key in them is.

    `other` says that it has a password for these files alone, which csr-tui does not know any more.
    """
    base = stem(record.subject.domain)
    first = folder / planned(target, record.subject.domain, issued=True)[0].name
    key, password, asked = (folder / f"{base}.{end}" for end in ("key", "password", "ask"))
    known = record.protection is Protection.KEYRING and not other
    shown = f"csr-tui password {record.id} --show" if known else "cat"
    kept = f"(umask 077; {shown} > {shell(password)}){'' if known else ', then type it, Enter and Ctrl+D'}"
    match target:
        case Target.NGINX:
            lines = (
                "listen 443 ssl;",
                f"ssl_certificate {quoted(first)};",
                f"ssl_certificate_key {quoted(key)};",
                *((f"ssl_password_file {quoted(password)};",) if encrypted else ()),
            )
            return Configuration(lines, (f"nginx reads the key's password from a file: {kept}",) if encrypted else ())
        case Target.APACHE:
            lines = (
                "SSLEngine on",
                f"SSLCertificateFile {quoted(first)}",
                f"SSLCertificateKeyFile {quoted(key)}",
                *((f'SSLPassPhraseDialog "exec:{asked}"',) if encrypted else ()),
            )
            script = f"printf '#!/bin/sh\\ncat \"%s\"\\n' {shell(password)} > {shell(asked)}"
            notes = (
                "SSLPassPhraseDialog stands outside of VirtualHost; it names a program that prints the key's password.",
                f"Make it: {script}; chmod 700 {shell(asked)}",
                f"Make what it prints: {kept}",
            )
            return Configuration(lines, notes if encrypted else ())
        case Target.HAPROXY:
            return Configuration(
                ("frontend https", f"    bind :443 ssl crt {shell(first)}", "    default_backend web"),
                ("haproxy takes one file, and cannot ask for a password: the key in it is clear.",),
            )
        case Target.JAVA:
            return Configuration(
                (
                    f"server.ssl.key-store={first}",
                    "server.ssl.key-store-type=PKCS12",
                    f"server.ssl.key-alias={alias(record)}",
                ),
                (f"See it with keytool -list -v -storetype PKCS12 -keystore {shell(first)}", NEVER_OPEN, OLD_JAVA),
            )
        case Target.WINDOWS:
            store = "Cert:\\LocalMachine\\My"
            name = f"{base}{PKCS12[target]}"
            return Configuration(
                (
                    "$password = Read-Host -AsSecureString",
                    f"Import-PfxCertificate -FilePath {name} -CertStoreLocation {store} -Password $password",
                    f"(Get-WebBinding -Port 443 -Protocol https).AddSslCertificate('{_thumbprint(record)}', 'My')",
                ),
                (COMPATIBLE,),
            )
        case Target.PEM:
            return Configuration()


def alias(record: Record) -> str:
    """What the entry in a PKCS#12 is called; keytool shows aliases in lower case."""
    return stem(record.subject.domain).lower()


def quoted(path: PurePath) -> str:
    """As nginx and apache read it, which take a blank in quotes only."""
    text = str(path)
    if all(char.isalnum() or char in "/._-+@%" for char in text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def shell(path: PurePath) -> str:
    """As a shell and haproxy read it."""
    import shlex

    return shlex.quote(str(path))


def _thumbprint(record: Record) -> str:
    """The SHA-1 of the certificate, by which Windows names it."""
    import base64

    body = (record.certificate or "").partition("-----BEGIN CERTIFICATE-----")[2].partition("-----END")[0]
    return hashlib.sha1(base64.b64decode(body), usedforsecurity=False).hexdigest().upper()

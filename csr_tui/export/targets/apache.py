"""Apache: chain and key in two files, and `apachectl -t`, which never opens the key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from csr_tui.core.token_uri import TokenUri
from csr_tui.export.manifest import Proof, Verdict
from csr_tui.export.targets import program
from csr_tui.export.targets.target import FULL_CHAIN_AND_KEY, NOT_TRIED, Check, Placed, Snippet, Target, quoted, shell
from csr_tui.paths import scratch

MODULES = (
    "/usr/lib/apache2/modules",
    "/etc/httpd/modules",
    "/usr/lib64/httpd/modules",
    "/usr/local/apache2/modules",
    "/usr/libexec/apache2",
)
NO_VERDICT = "Apache only read its configuration; it decrypts the key at its start"


def _snippet(files: Placed) -> Snippet:
    lines = (
        "SSLEngine on",
        f"SSLCertificateFile {quoted(files.certificate)}",
        f"SSLCertificateKeyFile {quoted(files.key)}",
    )
    if not files.encrypted:
        return Snippet(lines)
    asked = files.beside(".ask")
    script = f"printf '#!/bin/sh\\ncat \"%s\"\\n' {shell(files.beside('.password'))} > {shell(asked)}"
    return Snippet(
        (*lines, f'SSLPassPhraseDialog "exec:{asked}"'),
        ("SSLPassPhraseDialog belongs outside of VirtualHost; its program prints the key's password.",),
        (("Create the program, which is not exported", f"{script}; chmod 700 {shell(asked)}"), files.password_command),
    )


def _on_token(files: Placed, uri: TokenUri) -> Snippet:
    lines = (
        "SSLEngine on",
        f"SSLCertificateFile {quoted(files.certificate)}",
        f'SSLCertificateKeyFile "{uri};type=private"',
    )
    return Snippet(lines, (NOT_TRIED, "Apache accepts such a URI since version 2.4.42."))


def _check(apache: str, files: Placed) -> Proof:
    version = program.run([apache, "-v"]).output.partition("\n")[0].partition(": ")[2]
    modules = next((place for place in MODULES if Path(place, "mod_ssl.so").exists()), None)
    if modules is None:
        raise program.NotTriedError("its module mod_ssl was not found")
    loads = "".join(
        f"LoadModule {name}_module {modules}/mod_{name}.so\n"
        for name in ("mpm_event", "authz_core", "socache_shmcb", "ssl")
        if Path(modules, f"mod_{name}.so").exists()
    )
    with scratch() as folder:
        path = folder / "httpd.conf"
        path.write_text(
            f"ServerRoot {folder}\nServerName localhost\nPidFile {folder}/pid\nErrorLog {folder}/log\n{loads}"
            f"Listen 127.0.0.1:65443\n<VirtualHost *:65443>\n    SSLEngine on\n"
            f"    SSLCertificateFile {quoted(files.certificate)}\n"
            f"    SSLCertificateKeyFile {quoted(files.key)}\n</VirtualHost>\n",
            "utf-8",
        )
        ran = program.run([apache, "-t", "-f", str(path)])
    found = program.verdict_of("apachectl -t", version, ran, files)
    if found.verdict is Verdict.PROVEN:
        return replace(found, verdict=Verdict.NOT_PROVEN, detail=NO_VERDICT)
    return found


APACHE = Target(
    "apache",
    "Apache",
    "<domain>.fullchain.pem and .key",
    FULL_CHAIN_AND_KEY,
    _snippet,
    Check("apachectl -t", ("apache2", "httpd"), _check),
    serves=True,
    on_token=_on_token,
)

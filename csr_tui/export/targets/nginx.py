"""nginx: chain and key in two files, and `nginx -t`."""

from __future__ import annotations

import grp
import os
import pwd

from csr_tui.core.token_uri import TokenUri
from csr_tui.export.manifest import Proof
from csr_tui.export.targets import program
from csr_tui.export.targets.target import FULL_CHAIN_AND_KEY, NOT_TRIED, Check, Placed, Snippet, Target, quoted
from csr_tui.paths import scratch


def _snippet(files: Placed) -> Snippet:
    lines = (
        "listen 443 ssl;",
        f"ssl_certificate {quoted(files.certificate)};",
        f"ssl_certificate_key {quoted(files.key)};",
    )
    if not files.encrypted:
        return Snippet(lines)
    return Snippet(
        (*lines, f"ssl_password_file {quoted(files.beside('.password'))};"), commands=(files.password_command,)
    )


def _on_token(files: Placed, uri: TokenUri) -> Snippet:
    lines = (
        "listen 443 ssl;",
        f"ssl_certificate {quoted(files.certificate)};",
        f'ssl_certificate_key "engine:pkcs11:{uri};type=private";',
    )
    return Snippet(lines, (NOT_TRIED,))


def _check(nginx: str, files: Placed) -> Proof:
    version = program.run([nginx, "-V"]).output
    if "$" in f"{files.certificate}{files.key}":
        raise program.NotTriedError("nginx reads a dollar sign in a path as a variable")
    with scratch() as folder, program.password_file(files) as passwords:
        places = [
            f"    {name}_temp_path {folder}/{name};\n"
            for name in ("proxy", "fastcgi", "uwsgi", "scgi")
            if f"--without-http_{name}_module" not in version
        ]
        configuration = (
            f"{_user()}pid {folder}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n    access_log off;\n"
            f"    client_body_temp_path {folder}/body;\n{''.join(places)}    server {{\n"
            f"        listen unix:{folder}/socket ssl;\n"
            f"        ssl_certificate {quoted(files.certificate)};\n"
            f"        ssl_certificate_key {quoted(files.key)};\n"
            f"{''.join(f'        ssl_password_file {path};' for path in passwords)}\n    }}\n}}\n"
        )
        path = folder / "nginx.conf"
        path.write_text(configuration, "utf-8")
        ran = program.run([nginx, "-t", "-p", str(folder), "-c", str(path)], passwords)
    named = next((line for line in version.splitlines() if line.startswith("nginx version")), "nginx")
    return program.verdict_of("nginx -t", named.partition(": ")[2] or "nginx", ran, files)


def _user() -> str:
    """For root: nginx would give its folders to somebody else, and they could not be removed again."""
    if os.geteuid() != 0:
        return ""
    return f"user {pwd.getpwuid(0).pw_name} {grp.getgrgid(0).gr_name};\n"


NGINX = Target(
    "nginx",
    "nginx",
    "<domain>.fullchain.pem and .key",
    FULL_CHAIN_AND_KEY,
    _snippet,
    Check("nginx -t", ("nginx",), _check),
    serves=True,
    on_token=_on_token,
)

"""The programs that are to load a bundle, asked on a configuration of our own whether they would."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from csr_tui.core.bundle import Target
from csr_tui.core.configuration import quoted, shell
from csr_tui.core.text import visible
from csr_tui.export.handshake import anonymous_files
from csr_tui.export.manifest import Proof, Verdict
from csr_tui.paths import scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from csr_tui.core.secret import Secret

LIMIT = 20.0
"""Seconds that a program has; Java takes one."""

LONGEST_SAID = 300
MORE_PLACES = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin")
"""Where servers are on systems whose PATH leaves them out for ordinary users."""

MODULES = (
    "/usr/lib/apache2/modules",
    "/etc/httpd/modules",
    "/usr/lib64/httpd/modules",
    "/usr/local/apache2/modules",
    "/usr/libexec/apache2",
)
NO_VERDICT = "reading its configuration is all that Apache does here; it opens the key when it starts"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Where the files of a target are: `first` holds the certificate, `key` the key where it has a file of its own."""

    first: Path
    key: Path | None
    password: Secret | None
    alias: str


@dataclass(frozen=True, slots=True)
class _Ran:
    status: int
    said: str


class _NotTriedError(Exception):
    """Why there is no answer."""


def ask(target: Target, bundle: Bundle) -> tuple[Proof, ...]:
    """What the target's program says of the files; what is not installed, or does not answer, is not proven."""
    trials: dict[Target, tuple[tuple[str, str, Callable[[str, Bundle], Proof]], ...]] = {
        Target.NGINX: (("nginx -t", "nginx", _nginx),),
        Target.HAPROXY: (("haproxy -c", "haproxy", _haproxy),),
        Target.APACHE: (("apachectl -t", "apache2 httpd", _apache),),
        Target.JAVA: (("keytool -list", "keytool", _keytool),),
        Target.WINDOWS: (("openssl pkcs12", "openssl", _openssl),),
    }
    found = []
    for what, names, trial in trials.get(target, ()):
        program = next((path for name in names.split() if (path := _which(name))), None)
        if program is None:
            found.append(Proof(what, Verdict.NOT_PROVEN, "", f"{names.split()[0]} is not installed here"))
            continue
        try:
            found.append(trial(program, bundle))
        except (_NotTriedError, OSError) as error:
            found.append(Proof(what, Verdict.NOT_PROVEN, "", _short(str(error))))
    return tuple(found)


def _nginx(program: str, bundle: Bundle) -> Proof:
    version = _run([program, "-V"]).said
    if "$" in f"{bundle.first}{bundle.key}":
        raise _NotTriedError("nginx takes a dollar sign in a path for a variable")
    with scratch() as folder, _password(bundle) as passwords:
        places = [
            f"    {name}_temp_path {folder}/{name};\n"
            for name in ("proxy", "fastcgi", "uwsgi", "scgi")
            if f"--without-http_{name}_module" not in version
        ]
        key = quoted(bundle.key or bundle.first)
        configuration = (
            f"{_user()}pid {folder}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n    access_log off;\n"
            f"    client_body_temp_path {folder}/body;\n{''.join(places)}    server {{\n"
            f"        listen unix:{folder}/socket ssl;\n"
            f"        ssl_certificate {quoted(bundle.first)};\n        ssl_certificate_key {key};\n"
            f"{''.join(f'        ssl_password_file {path};' for path in passwords)}\n    }}\n}}\n"
        )
        path = folder / "nginx.conf"
        path.write_text(configuration, "utf-8")
        ran = _run([program, "-t", "-p", str(folder), "-c", str(path)], passwords)
    named = next((line for line in version.splitlines() if line.startswith("nginx version")), "nginx")
    return _judged("nginx -t", named.partition(": ")[2] or "nginx", ran, bundle)


def _user() -> str:
    """For root: nginx would give its folders to somebody else, and they could not be removed again."""
    if os.geteuid() != 0:
        return ""
    return f"user {pwd.getpwuid(0).pw_name} {grp.getgrgid(0).gr_name};\n"


def _haproxy(program: str, bundle: Bundle) -> Proof:
    version = _run([program, "-v"]).said.partition("\n")[0]
    with scratch() as folder:
        path = folder / "haproxy.cfg"
        path.write_text(
            "global\n    ssl-default-bind-options ssl-min-ver TLSv1.2\n    tune.ssl.default-dh-param 2048\n"
            "defaults\n    mode http\n    timeout client 1s\n    timeout server 1s\n    timeout connect 1s\n"
            f"frontend trial\n    bind unix@{folder}/socket ssl crt {shell(bundle.first)}\n",
            "utf-8",
        )
        ran = _run([program, "-c", "-f", str(path)])
    return _judged("haproxy -c", version, ran, bundle)


def _apache(program: str, bundle: Bundle) -> Proof:
    version = _run([program, "-v"]).said.partition("\n")[0].partition(": ")[2]
    modules = next((place for place in MODULES if Path(place, "mod_ssl.so").exists()), None)
    if modules is None:
        raise _NotTriedError("its module mod_ssl was not found")
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
            f"    SSLCertificateFile {quoted(bundle.first)}\n"
            f"    SSLCertificateKeyFile {quoted(bundle.key or bundle.first)}\n</VirtualHost>\n",
            "utf-8",
        )
        ran = _run([program, "-t", "-f", str(path)])
    found = _judged("apachectl -t", version, ran, bundle)
    if found.verdict is Verdict.PROVEN:
        return Proof(found.what, Verdict.NOT_PROVEN, version, NO_VERDICT)
    return found


def _keytool(program: str, bundle: Bundle) -> Proof:
    password = bundle.password.reveal() if bundle.password else ""
    if not password.isascii():
        raise _NotTriedError("keytool reads passwords in ASCII only, and so do many Java programs")
    java = _which("java")
    version = _run([java, "-version"]).said.partition("\n")[0] if java else "keytool"
    command = [program, "-list", "-v", "-storetype", "PKCS12", "-keystore", str(bundle.first)]
    ran = _run(command, stdin=f"{password}\n")
    whole = "Entry type: PrivateKeyEntry" in ran.said and f"Alias name: {bundle.alias}" in ran.said
    if ran.status == 0 and whole:
        return Proof("keytool -list", Verdict.PROVEN, version, f"it shows the key {bundle.alias} and its chain")
    return Proof("keytool -list", Verdict.REFUSED, version, _short(ran.said.replace("Enter keystore password:", "")))


def _openssl(program: str, bundle: Bundle) -> Proof:
    version = _run([program, "version"]).said.partition(" (")[0].strip()
    password = bundle.password.reveal() if bundle.password else ""
    command = [program, "pkcs12", "-in", str(bundle.first), "-noout", "-info", "-passin", "stdin"]
    ran = _run(command, stdin=f"{password}\n")
    if ran.status == 0 and "3-KeyTripleDES" in ran.said:
        said = "it opens, and is of the kind that old Windows takes; on Windows itself it was not tried"
        return Proof("openssl pkcs12", Verdict.PROVEN, version, said)
    return Proof("openssl pkcs12", Verdict.REFUSED, version, _short(ran.said))


def _judged(what: str, version: str, ran: _Ran, bundle: Bundle) -> Proof:
    """A complaint that names our files is about them; any other is about this machine, and proves nothing."""
    if ran.status == 0:
        return Proof(what, Verdict.PROVEN, version, "it takes the files")
    ours = str(bundle.first) in ran.said or (bundle.key is not None and str(bundle.key) in ran.said)
    return Proof(what, Verdict.REFUSED if ours else Verdict.NOT_PROVEN, version, _short(ran.said))


def _password(bundle: Bundle) -> AbstractContextManager[tuple[Path, ...]]:
    """A file that holds the key's password, where it has one, for a program to read."""
    return anonymous_files(*((bundle.password.reveal().encode() + b"\n",) if bundle.password else ()))


def _run(command: Sequence[str], passwords: Sequence[Path] = (), *, stdin: str = "") -> _Ran:
    """Run one program to its end, or to its limit; it inherits nothing but the files in `passwords`."""
    descriptors = [int(path.name) for path in passwords if path.parent == Path("/proc/self/fd")]
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *MORE_PLACES))
    try:
        done = subprocess.run(
            command,
            input=stdin.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LIMIT,
            env={"PATH": path, "LC_ALL": "C.UTF-8"},
            pass_fds=descriptors,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _NotTriedError(f"{Path(command[0]).name} did not answer within {LIMIT:.0f} seconds") from error
    return _Ran(done.returncode, done.stdout.decode("utf-8", "replace"))


def _which(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", os.defpath), *MORE_PLACES)))


def _short(said: str) -> str:
    """The last of what a program said, on one line, harmless for a terminal."""
    return visible(" ".join(said.split())[-LONGEST_SAID:]) or "it said nothing"

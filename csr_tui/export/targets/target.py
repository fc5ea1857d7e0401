"""What a target is: the files it loads, the form of the key it takes, the lines to paste, and its own check."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from csr_tui.core import bundle, names
from csr_tui.core.bundle import BundleFile, PlannedFile
from csr_tui.core.keys.kinds import kind_of
from csr_tui.core.record import Record
from csr_tui.core.secret import Secret
from csr_tui.core.token_uri import TokenUri
from csr_tui.export.manifest import Proof


class KeyFormat(Enum):
    """The form of the key that a target takes."""

    PEM = "PEM, encrypted or clear"
    CLEAR_PEM = "PEM, clear: the program cannot ask for a password"
    PKCS12 = "PKCS#12, AES-256 and SHA-256; never without a password"
    OLD_PKCS12 = "PKCS#12, 3DES and SHA-1, for old Windows; never without a password"

    @property
    def is_pkcs12(self) -> bool:
        return self in {KeyFormat.PKCS12, KeyFormat.OLD_PKCS12}


class Part(Enum):
    """A piece of a file; a PKCS#12 holds the key, the certificate and its intermediates."""

    KEY = "key"
    CSR = "CSR"
    ATTESTATION = "what the maker of a token attests of the key"
    CHAIN = "certificate, intermediates"
    CHAIN_OR_CSR = "certificate, intermediates; without a certificate, the CSR"
    WARNING = "a line that warns of the key in the file"
    PKCS12 = "PKCS#12"


@dataclass(frozen=True, slots=True)
class TargetFile:
    """One file that a target loads: how its name ends, what it holds in that order, and its mode."""

    ending: str
    parts: tuple[Part, ...]
    holds: str
    mode: int = 0o600
    holds_before: str | None = None
    """What it holds before there is a certificate, where that is something else."""

    @property
    def has_key(self) -> bool:
        return Part.KEY in self.parts or Part.PKCS12 in self.parts


FULL_CHAIN = TargetFile(".fullchain.pem", (Part.CHAIN,), "certificate, then intermediates", 0o644)
FULL_CHAIN_AND_KEY = (FULL_CHAIN, TargetFile(".key", (Part.KEY,), "the private key"))
ATTESTATION = TargetFile(".attestation.pem", (Part.ATTESTATION,), "the attestation of the key", 0o644)


@dataclass(frozen=True, slots=True)
class Snippet:
    """The lines to paste into a program's configuration, and what else to know or do."""

    lines: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    commands: tuple[tuple[str, str], ...] = ()
    """What is left to do in a shell, and the command for it: an export writes no password."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks and commands, a line for each."""
        return (*self.remarks, *(f"{what}: {command}" for what, command in self.commands))


@dataclass(frozen=True, slots=True)
class Placed:
    """The files of one export in their places; `key` is `certificate` again where one file holds both."""

    record: Record
    certificate: Path
    key: Path
    encrypted: bool
    shown: bool = True
    """Whether csr-tui knows the password of the key in the files."""
    password: Secret | None = None

    def beside(self, ending: str) -> Path:
        """A file in the same folder, named after the same domain."""
        return self.certificate.parent / f"{bundle.stem(self.record.subject.domain)}{ending}"

    @property
    def password_command(self) -> tuple[str, str]:
        """How to write the password of the key into a file that a program reads: what to do, and the command."""
        path = shell(self.beside(".password"))
        if self.shown:
            command = f"(umask 077; csr-tui password {self.record.id} --show > {path})"
            return "Create the password file, which is not exported", command
        what = "Create the password file, which is not exported (type it, then Enter and Ctrl+D)"
        return what, f"(umask 077; cat > {path})"


@dataclass(frozen=True, slots=True)
class Check:
    """A target's own program, asked whether it takes the files; `programs` are its names, the usual one first."""

    what: str
    programs: tuple[str, ...]
    run: Callable[[str, Placed], Proof]


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of program that files are exported for; `help` is its line in the help of `export`."""

    name: str
    label: str
    help: str
    files: tuple[TargetFile, ...]
    snippet: Callable[[Placed], Snippet]
    check: Check | None
    key: KeyFormat = KeyFormat.PEM
    needs_certificate: bool = True
    serves: bool = False
    """Whether it is a TLS server alone, which loads nothing but the certificates of servers."""
    on_token: Callable[[Placed, TokenUri], Snippet] | None = None
    """The lines to paste for a key on a token; None where the program loads its key from a file alone."""

    def __str__(self) -> str:
        return self.name

    @property
    def certificate_file(self) -> TargetFile:
        """The file whose certificate the program loads first; the first one where none has a certificate."""
        chains = {Part.CHAIN, Part.CHAIN_OR_CSR, Part.PKCS12}
        return next((one for one in self.files if chains.intersection(one.parts)), self.files[0])

    @property
    def key_file(self) -> TargetFile:
        """The first file that holds the key; a program looks there where the certificate's own file has none.

        The certificate's file where none has the key, which is on a token then.
        """
        return next((one for one in self.files if one.has_key), self.certificate_file)

    def without_key(self, record: Record) -> Target:
        """The same for a record whose key is on a token: its files have none, and its program is not tried."""
        if (uri := record.token) is None or (lines := self.on_token) is None:
            return self
        files = [one for one in self.files if not one.has_key]
        if record.certificate is not None and FULL_CHAIN not in files:
            files.append(FULL_CHAIN)
        if record.attestation is not None:
            files.append(ATTESTATION)
        return replace(self, files=tuple(files), snippet=lambda placed: lines(placed, uri), check=None)

    def advice(self, files: Placed) -> Snippet:
        """Its lines to paste, and which OpenSSL the program needs for a kind of key that not every one knows."""
        snippet, kind = self.snippet(files), kind_of(files.record.key)
        if kind is None or not (needed := kind.algorithm.openssl_needed):
            return snippet
        remark = f"{kind.label} needs {needed} in the program that loads these files."
        return replace(snippet, remarks=(*snippet.remarks, remark))

    def planned(self, domain: str, *, issued: bool) -> tuple[PlannedFile, ...]:
        """What an export writes, so that it can be shown before."""
        base = bundle.stem(domain)
        files = tuple(
            PlannedFile(f"{base}{one.ending}", one.holds if issued else one.holds_before or one.holds, one.mode)
            for one in self.files
        )
        return (*files, self.manifest(domain)) if self.needs_certificate else files

    def manifest(self, domain: str) -> PlannedFile:
        """The file that lists what was written and what was tried with it."""
        return PlannedFile(f"{bundle.stem(domain)}.{self.name}.manifest.json", "the results of the checks", 0o644)

    def contents(self, record: Record, key: bytes) -> tuple[BundleFile, ...]:
        """The files themselves; `key` is a PEM, or the whole PKCS#12."""
        base = bundle.stem(record.subject.domain)
        return tuple(
            BundleFile(
                f"{base}{one.ending}",
                b"".join(_content(part, record, key) for part in one.parts),
                private=one.has_key,
                mode=one.mode,
            )
            for one in self.files
        )

    def placed(
        self, record: Record, folder: Path, *, encrypted: bool, shown: bool, password: Secret | None = None
    ) -> Placed:
        """The files of a record in this folder; `shown` says whether csr-tui knows the key's password."""
        base = bundle.stem(record.subject.domain)
        loaded = self.certificate_file
        key_file = loaded if loaded.has_key else self.key_file
        certificate, key = (folder / f"{base}{one.ending}" for one in (loaded, key_file))
        return Placed(record, certificate, key, encrypted, shown, password)


def quoted(path: Path) -> str:
    """As nginx and apache read it, which take a blank in quotes only."""
    text = str(path)
    if all(char.isalnum() or char in "/._-+@%" for char in text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


NOT_TRIED = (
    "Not proven: csr-tui did not try these lines. They need OpenSSL's engine pkcs11, which gets the PIN from "
    "pin-source in the URI or from openssl.cnf."
)


def shell(path: Path) -> str:
    """As a shell and haproxy read it."""
    return shlex.quote(str(path))


def _content(part: Part, record: Record, key: bytes) -> bytes:
    match part:
        case Part.KEY:
            return _block(key)
        case Part.PKCS12:
            return key
        case Part.CSR:
            return _block((record.csr or "").encode("ascii"))
        case Part.ATTESTATION:
            return _block((record.attestation or "").encode("ascii"))
        case Part.CHAIN:
            return _block((record.certificate or "").encode("ascii"))
        case Part.CHAIN_OR_CSR:
            return _block((record.certificate or record.csr or "").encode("ascii"))
        case Part.WARNING:  # every PEM reader passes over text before a BEGIN line
            domain = record.subject.domain
            holder = names.ascii_domain(domain) or bundle.stem(domain)
            # As first released, word for word: a file that is there already counts as done while no byte differs.
            warning = f"# PRIVATE: this file holds the private key of {holder}. It is not for a CA; send the CSR alone."
            return _block(warning.encode())


def _block(text: bytes) -> bytes:
    """LF line ends and one newline at the end, without which nginx refuses the next block."""
    return text.replace(b"\r\n", b"\n").strip() + b"\n"

"""Key, CSR and encrypted PKCS#8 in process against `openssl req -newkey`, interleaved."""

import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from measuring import row

from csr_tui.core import csr, password
from csr_tui.core.fields import Subject
from csr_tui.core.keys import encryption, kinds
from csr_tui.core.record import KeySpec, Record

ROUNDS = 15
KINDS = {
    KeySpec("ECC", "prime256v1"): ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    KeySpec("RSA", "2048"): ["-newkey", "rsa:2048"],
}


def ours(spec: KeySpec) -> float:
    before = time.perf_counter()
    record = Record("benchmark0", subject=Subject(domain="www.example.com"), key=spec)
    key = kinds.generate(spec)
    csr.build(record, key)
    encryption.encrypt(key, password.random_password(), typed=False)
    return time.perf_counter() - before


def theirs(spec: KeySpec, folder: Path) -> float:
    before = time.perf_counter()
    names = ["-subj", "/CN=www.example.com", "-addext", "subjectAltName=DNS:www.example.com"]
    files = ["-passout", "pass:correct horse battery staple", "-keyout", f"{folder}/key", "-out", f"{folder}/csr"]
    subprocess.run(["openssl", "req", "-new", *KINDS[spec], *names, *files], check=True, capture_output=True)
    return time.perf_counter() - before


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for spec in KINDS:
            ours(spec)
            pairs = [(theirs(spec, Path(folder)), ours(spec)) for _ in range(ROUNDS)]
            ratio = statistics.median(base / our for base, our in pairs)
            row(
                f"speed of one {spec.algorithm} {spec.parameter} key and CSR",
                "`openssl req -newkey`",
                ratio,
                "at least 1",
            )


if __name__ == "__main__":
    main()

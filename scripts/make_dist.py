"""Builds the files of a release into dist/: `make dist`. Two builds of one commit are identical.

Run by a Python that has csr-tui installed, with the tools of requirements-dist.lock on the PATH.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from make_manual import manual
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from csr_tui import __version__
from csr_tui.cli import completion

ROOT = Path(__file__).parents[1]
PYTHON = f"cp{sys.version_info[0]}{sys.version_info[1]}"
SYSTEM = f"{PYTHON}-{sysconfig.get_platform()}"
"""The Python and the machine that the one file and the wheelhouse are for; shared objects in them fit no other."""

INTERPRETER = "/usr/bin/env python3"

GLIBC = ("manylinux_2_28", "manylinux_2_17", "manylinux2014")
"""On Linux the packages may need glibc 2.28, not that of the machine that builds the release."""

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"

PREAMBLE = f"""\
import sys

if sys.version_info[:2] != {sys.version_info[:2]}:
    sys.exit("This file is for Python {VERSION}. Start it as: python{VERSION} FILE")
"""

CONTROL = """\
Package: csr-tui
Version: {version}
Architecture: {architecture}
Maintainer: The csr-tui maintainers
Installed-Size: {size}
Depends: python3 (>= {least}), python3 (<< {next})
Section: utils
Priority: optional
Description: terminal app for certificate signing requests (CSRs)
 It checks each field as you leave it, saves the unfinished request as a draft,
 generates the key and the CSR on your machine, and exports files that are
 tested to load.
"""

COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: The csr-tui maintainers
License: Apache-2.0
 On Debian, the text is in /usr/share/common-licenses/Apache-2.0. The program contains the packages that it needs, each
 with its own license, which it unpacks beside the package.
"""


def main(out: Path) -> None:
    """Write every file, and their hashes, into a folder that is made anew."""
    os.umask(0o022)
    date = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    work = ROOT / "build" / "dist"
    for folder in (out, work):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    wheel = python_packages(out)
    house = wheelhouse(wheel, work / "wheelhouse")
    archive(house, out / f"wheelhouse-{SYSTEM}.tar", date)
    one_file(house, work, out / f"csr-tui-{SYSTEM}.pyz")
    (out / "csr-tui.1").write_text(manual(date), "utf-8")
    if shutil.which("dpkg-deb"):
        debian_package(out, work / "deb", date)
    files = sorted(out.iterdir())
    (out / "SHA256SUMS").write_text("".join(f"{digest(path)}  {path.name}\n" for path in files), "utf-8")


def python_packages(out: Path) -> Path:
    """The source distribution, and the wheel that is built from it."""
    run("pyproject-build", "--no-isolation", "--outdir", out, ROOT)
    run("twine", "check", "--strict", *out.iterdir())
    (wheel,) = out.glob("*.whl")
    run("check-wheel-contents", wheel)
    return wheel


def wheelhouse(wheel: Path, house: Path) -> Path:
    """The wheel with all that it needs, in the locked versions, and a list of them with the hash of each file."""
    house.mkdir()
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pins = {canonicalize_name(pin.partition("==")[0]): pin for pin in re.split(r"\n(?=\S)", lock)}
    wanted = house / "requirements.txt"
    wanted.write_text("\n".join(pins[name] for name in sorted(needed("csr-tui", "token"))), "utf-8")
    machine = platform.machine()
    systems = [f"--platform={glibc}_{machine}" for glibc in GLIBC] if platform.libc_ver()[0] == "glibc" else []
    download = ("pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:", *systems)
    run(*download, "--dest", house, "--requirement", wanted)
    shutil.copy(wheel, house)
    wanted.write_text("".join(pinned(path) for path in sorted(house.glob("*.whl"))), "utf-8")
    return house


def needed(package: str, *extras: str) -> set[NormalizedName]:
    """The packages that one needs on this machine, without itself."""
    names: set[NormalizedName] = set()
    for requirement in map(Requirement, metadata.requires(package) or ()):
        markers = requirement.marker
        if markers is None or any(markers.evaluate({"extra": extra}) for extra in ("", *extras)):
            names |= {canonicalize_name(requirement.name), *needed(requirement.name, *requirement.extras)}
    return names


def pinned(wheel: Path) -> str:
    """The line of a requirements file that accepts this very wheel."""
    name, version = wheel.name.split("-")[:2]
    return f"{name}=={version} --hash=sha256:{digest(wheel)}\n"


def archive(house: Path, target: Path, date: datetime) -> None:
    """The folder as a tar file."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = int(date.timestamp())
        entry.mode = 0o755 if entry.isdir() else 0o644
        return entry

    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as tar:
        tar.add(house, house.name, filter=plain)


def one_file(house: Path, work: Path, target: Path) -> None:
    """The wheelhouse as a program, which unpacks itself into the home once.

    The wheels are unpacked here, for pip would write programs that name a Python of this machine.
    """
    for wheel in sorted(house.glob("*.whl")):
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(work / "site-packages")  # noqa: S202  # each is known by its hash
    (work / "preamble.py").write_text(PREAMBLE, "utf-8")
    run(
        *("shiv", "--reproducible", "--console-script", "csr-tui", "--python", INTERPRETER),
        *("--preamble", work / "preamble.py", "--site-packages", work / "site-packages", "--output-file", target),
    )


def debian_package(out: Path, tree: Path, date: datetime) -> None:
    """The one file, for Debian's own Python, with the manual page and the completions."""
    architecture = run("dpkg", "--print-architecture").strip()
    share = tree / "usr" / "share"
    doc = share / "doc" / "csr-tui"
    shells = {
        "bash": share / "bash-completion" / "completions" / "csr-tui",
        "zsh": share / "zsh" / "vendor-completions" / "_csr-tui",
        "fish": share / "fish" / "vendor_completions.d" / "csr-tui.fish",
    }
    for folder in (
        tree / "DEBIAN",
        tree / "usr/bin",
        share / "man/man1",
        doc,
        *(path.parent for path in shells.values()),
    ):
        folder.mkdir(parents=True, exist_ok=True)
    program = tree / "usr" / "bin" / "csr-tui"
    debian = b"/usr/bin/python3".ljust(
        len(INTERPRETER)
    )  # of the same length, for the archive counts from the first byte
    program.write_bytes((out / f"csr-tui-{SYSTEM}.pyz").read_bytes().replace(INTERPRETER.encode(), debian, 1))
    program.chmod(0o755)
    for shell, path in shells.items():
        path.write_text(completion.SHELLS[shell](completion.shapes()), "utf-8")
    compressed((out / "csr-tui.1").read_bytes(), share / "man" / "man1" / "csr-tui.1.gz")
    compressed((ROOT / "CHANGELOG.md").read_bytes(), doc / "changelog.gz")
    (doc / "copyright").write_text(COPYRIGHT, "utf-8")
    (tree / "DEBIAN" / "control").write_text(
        CONTROL.format(
            version=__version__,
            architecture=architecture,
            size=sum(path.stat().st_size for path in tree.rglob("*") if path.is_file()) // 1024,
            least=VERSION,
            next=f"{sys.version_info[0]}.{sys.version_info[1] + 1}",
        ),
        "utf-8",
    )
    for path in (tree, *tree.rglob("*")):
        os.utime(path, (date.timestamp(), date.timestamp()))
    run("dpkg-deb", "--root-owner-group", "--build", tree, out / f"csr-tui_{__version__}_{architecture}.deb")


def compressed(text: bytes, target: Path) -> None:
    target.write_bytes(gzip.compress(text, mtime=0))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(*words: str | Path) -> str:
    """What a tool prints; its complaints go to the terminal, and stop the build."""
    return subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())

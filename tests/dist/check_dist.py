"""The files of a release, each tried in an empty home without network: `make dist-check`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pty_session import Session

from csr_tui import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
TOOLS = ROOT / "build" / "tools" / "bin"
OFFLINE = ("unshare", "-rn")
ROWS = 30
"""From 24 on, processes of their own generate the keys."""

UNPROTECTED = ("--no-password", "--protect", "unprotected")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """That of an ordinary person: none of this project's, and pip and uv without an index."""
    (tmp_path / "home").mkdir()
    return {
        "HOME": str(tmp_path / "home"),
        "PATH": f"{tmp_path}/home/.local/bin:{sys.base_prefix}/bin:/usr/bin:/bin:{TOOLS}",
        "LANG": "C.UTF-8",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(tmp_path / "release" / "wheelhouse"),
        "UV_OFFLINE": "1",
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(tmp_path / "release" / "wheelhouse"),
    }


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A folder with the files of the release, as somebody downloads them."""
    folder = tmp_path / "release"
    folder.mkdir()
    for path in DIST.iterdir():
        (folder / path.name).symlink_to(path)
    return folder


def ways_in() -> dict[str, str]:
    """Title -> the commands of the README for it."""
    section = (ROOT / "README.md").read_text("utf-8").split("\n## Try it\n", 1)[1].split("\n## ", 1)[0]
    return dict(re.findall(r"^\*\*([^*]+)\*\*(?:(?!^\*\*).)*?^```sh\n(.*?)^```", section, re.DOTALL | re.MULTILINE))


@pytest.mark.parametrize("tool", ["uv tool", "pipx"])
def test_uv_and_pipx_install_it(release: Path, environment: dict[str, str], tool: str) -> None:
    command = ways_in()["With uv or pipx"]
    typed("tar xf wheelhouse-*.tar", release, environment)  # in place of the index

    typed(command.replace("uv tool", tool), release, environment)

    use(Path(environment["HOME"], ".local/bin/csr-tui"), release, environment)


def test_the_one_file_needs_python_alone(release: Path, environment: dict[str, str]) -> None:
    assert typed(f"{ways_in()['As one file'].strip()} --version", release, environment) == f"csr-tui {__version__}\n"

    use(next(release.glob("*.pyz")), release, environment)


def test_no_file_names_a_folder_of_the_machine_that_built_it(tmp_path: Path) -> None:
    (program,) = DIST.glob("*.pyz")

    with zipfile.ZipFile(program) as packed:
        assert not [name for name in packed.namelist() if str(ROOT).encode() in packed.read(name)]


def test_the_wheelhouse_is_installed_without_network(release: Path, environment: dict[str, str]) -> None:
    typed(ways_in()["Without network"], release, environment)

    use(release / "csr-tui" / "bin" / "csr-tui", release, environment)


def test_the_debian_package_has_program_page_and_completions(
    release: Path, environment: dict[str, str], require: Callable[..., None]
) -> None:
    require("mandoc")
    typed("dpkg-deb --extract csr-tui_*.deb tree", release, environment)
    share = release / "tree" / "usr" / "share"

    page = typed("gzip --decompress < tree/usr/share/man/man1/csr-tui.1.gz", release, environment)

    assert page == (DIST / "csr-tui.1").read_text("utf-8")
    assert typed("mandoc -T lint -W warning csr-tui.1", release, environment) == ""
    for name in ("bash-completion/completions/csr-tui", "zsh/vendor-completions/_csr-tui"):
        assert "--domain" in (share / name).read_text("utf-8")
    assert "-l domain" in (share / "fish/vendor_completions.d/csr-tui.fish").read_text("utf-8")
    use(release / "tree" / "usr" / "bin" / "csr-tui", release, environment)


def test_the_source_distribution_builds_the_same_wheel(release: Path, tmp_path: Path) -> None:
    (source,) = DIST.glob("*.tar.gz")
    (wheel,) = DIST.glob("*.whl")
    with tarfile.open(source) as tar:
        tar.extractall(tmp_path, filter="data")

    words = (str(TOOLS / "pyproject-build"), "--no-isolation", "--wheel", "--outdir", str(tmp_path / "out"))
    tree = tmp_path / source.name.removesuffix(".tar.gz")
    subprocess.run([*OFFLINE, *words, tree], capture_output=True, check=True)

    assert (tmp_path / "out" / wheel.name).read_bytes() == wheel.read_bytes()


def test_a_second_build_is_identical(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, ROOT / "scripts" / "make_dist.py", tmp_path / "again"],
        env={**os.environ, "PATH": f"{TOOLS}:{os.environ['PATH']}"},
        capture_output=True,
        check=True,
    )

    assert (tmp_path / "again" / "SHA256SUMS").read_text() == (DIST / "SHA256SUMS").read_text()


def use(program: Path, folder: Path, environment: dict[str, str]) -> None:
    """What somebody does on the first day, without network."""
    (folder / "hosts.csv").write_text("Domain\n" + "".join(f"h{number}.example.com\n" for number in range(ROWS)))

    def csr_tui(*words: str) -> str:
        done = subprocess.run(
            [*OFFLINE, program, *words], env=environment, cwd=folder, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    assert csr_tui("--version") == f"csr-tui {__version__}\n"
    record = csr_tui("new", "--domain", "www.example.com", "--purpose", "private").strip()
    assert "Generated www.example.com" in csr_tui("generate", record, *UNPROTECTED)
    assert f"{ROWS} CSRs generated" in csr_tui("apply", "hosts.csv", "--generate", *UNPROTECTED, "--to", "files")
    assert len(list((folder / "files").glob("*.csr"))) == ROWS
    doctor = csr_tui("doctor")
    assert "no problems" in doctor
    assert "of unknown version" not in doctor
    with Session([*OFFLINE, str(program)], environment, columns=120, lines=40) as desk:
        desk.see("www.example.com", "h0.example.com")
        desk.press("\x11")
        assert desk.end() == 0


def typed(commands: str, folder: Path, environment: dict[str, str]) -> str:
    """What a shell without network prints for them."""
    done = subprocess.run(
        [*OFFLINE, "bash", "-eu", "-c", commands],
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout

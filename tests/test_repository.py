"""What the repository promises to whoever clones it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLES = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = TABLES["project"]
LOCK, DIST_LOCK = ((ROOT / name).read_text("utf-8") for name in ("requirements.lock", "requirements-dist.lock"))


@pytest.mark.parametrize("lock", [LOCK, DIST_LOCK], ids=["tests", "dist"])
def test_a_lock_holds_hashes_and_no_addresses(lock: str) -> None:
    pins = re.findall(r"^[a-z0-9.-]+==", lock, re.MULTILINE)

    assert len(pins) > 20
    assert lock.count("--hash=sha256:") >= len(pins)
    assert not re.search(r"https?://|file:|@ |index-url|find-links", lock)


EXTRAS = PROJECT["optional-dependencies"]


NEEDED = [(one, LOCK) for one in (*PROJECT["dependencies"], *EXTRAS["token"], *EXTRAS["pass"], *EXTRAS["test"][1:])]
NEEDED += [(one, DIST_LOCK) for one in TABLES["dependency-groups"]["dist"]]


@pytest.mark.parametrize(("requirement", "lock"), NEEDED, ids=[one for one, _ in NEEDED])
def test_every_dependency_is_locked(requirement: str, lock: str) -> None:
    name = re.split(r"[<>=!~]", requirement)[0]

    assert re.search(rf"^{re.escape(name)}==", lock, re.MULTILINE | re.IGNORECASE)


PAGES = [
    ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/README.md")
]
PAGES += sorted((ROOT / "docs").glob("*.md"))


def test_the_readme_names_targets_that_exist() -> None:
    readme, makefile = ((ROOT / name).read_text("utf-8") for name in ("README.md", "Makefile"))

    for target in re.findall(r"(?:`|^)make ([a-z]+)", readme, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_files_that_a_page_shows_or_links_are_there(page: Path) -> None:
    for target in re.findall(r"\]\((?!\w+:)([^)#]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).is_file(), target


def test_the_readme_is_short_and_links_every_page_of_the_docs() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")

    assert readme.count("\n") < 200
    assert {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} <= set(re.findall(r"\]\(([^)]+)\)", readme))


def test_the_data_files_are_part_of_the_package() -> None:
    from importlib.resources import files

    assert files("csr_tui.core").joinpath("countries.tsv").is_file()
    assert all(files("csr_tui.ui").joinpath(name).is_file() for name in ("app.tcss", "screens.tcss"))
    assert files("csr_tui").joinpath("py.typed").is_file()


def test_every_command_of_the_contract_is_in_the_readme() -> None:
    from csr_tui.cli.commands import COMMANDS

    readme = (ROOT / "README.md").read_text("utf-8")

    assert all(f"`{name}" in readme or f" {name} " in readme for name in COMMANDS)


def test_the_table_of_usages_in_the_docs_is_that_of_the_program() -> None:
    from csr_tui.core.extra import basic_constraints
    from csr_tui.core.record import Record
    from csr_tui.core.usages import USAGES, MainName

    mains = {MainName.HOST: "a host", MainName.TEXT: "up to 64 characters", MainName.MAILBOX: "a mailbox"}
    page = (ROOT / "docs" / "requests.md").read_text("utf-8")
    table, below = page.split("| `--usage` |")[1].split("\n\n")[:2]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE))

    assert list(rows) == list(USAGES)
    for name, usage in USAGES.items():
        about, main, extended, uses, public = rows[name].split(" | ")
        more = [f"{algorithm} {use}" for algorithm, some in usage.more.items() for use in some]
        assert main == mains[usage.main]
        assert extended == (", ".join(usage.extended_key_usage) or "none")
        assert uses == ", ".join((*usage.key_usage[:1], *more, *usage.key_usage[1:]))
        assert (public == "signs it") is (not usage.not_public)
        assert about.partition(": ")[2] == basic_constraints(Record("", usage=name))
        assert (f"RSA {usage.least_rsa}" in about) is bool(usage.least_rsa)
        assert (f"`{name}`" in below) is (not usage.names)


def test_the_table_of_extra_lines_in_the_docs_is_that_of_the_program() -> None:
    from csr_tui.core.extra import EXTRA_LINES
    from csr_tui.core.usages import USAGES

    page = (ROOT / "docs" / "requests.md").read_text("utf-8")
    table = page.split("| `--extra` |")[1].split("\n\n")[0]
    rows = dict(re.findall(r"^\| `(\w+)=` \| (.*) \|$", table, re.MULTILINE))

    assert list(rows) == list(EXTRA_LINES)
    for name, row in EXTRA_LINES.items():
        about, example, usages = rows[name].split(" | ")
        assert about == row.about
        assert example.startswith(f"`{name}={row.example}`")
        assert usages == (
            "all" if row.usages >= set(USAGES) else ", ".join(f"`{one}`" for one in USAGES if one in row.usages)
        )


def test_the_table_of_exit_statuses_in_the_docs_is_that_of_the_program() -> None:
    from csr_tui.cli.exits import STATUS

    page = (ROOT / "docs" / "command-line.md").read_text("utf-8")

    assert set(map(int, re.findall(r"^\| (\d) \|", page, re.MULTILINE))) == {0, *STATUS.values()}


def test_the_changelog_has_a_dated_section_for_this_version() -> None:
    from csr_tui import __version__

    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")

    assert re.search(rf"^## \[{re.escape(__version__)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE)

"""The command line in this process, on a store of its own and a keyring in memory."""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import NoKeyringError
from soft_token import KINDS, MODULE, TOKEN, SoftTokens, choose, need

from csr_tui.cli.context import Context, Prompter
from csr_tui.cli.main import main
from csr_tui.paths import Paths
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class MemoryKeyring(KeyringBackend):
    """Keeps what it is given for as long as the test runs; `broken` makes it one that is not there."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring's own has no annotations
        self.kept: dict[tuple[str, str], str] = {}
        self.broken = False

    def get_password(self, service: str, username: str) -> str | None:
        self._answer()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._answer()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._answer()
        del self.kept[service, username]

    def _answer(self) -> None:
        if self.broken:
            raise NoKeyringError


@dataclass(frozen=True, slots=True)
class Result:
    """What one call of the program left: its status and both streams."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Typist:
    """A person at a terminal, who remembers what was asked."""

    answers: list[str]
    asked: list[str] = field(default_factory=list)

    def answer(self, prompt: str) -> str:
        self.asked.append(prompt)
        return self.answers.pop(0)


class Run(Protocol):
    def __call__(self, *words: str, stdin: bytes = b"", person: Typist | None = None) -> Result: ...


class Answers(Protocol):
    def __call__(self, *answers: str) -> Typist: ...


class New(Protocol):
    def __call__(self, *words: str, domain: str = "www.example.com") -> str: ...


class Generated(Protocol):
    def __call__(self, *words: str, domain: str = "www.example.com", stdin: bytes = b"") -> str: ...


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(data=tmp_path / "data", config=tmp_path / "config", exports=tmp_path / "exports")


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring()


@pytest.fixture
def run(paths: Paths, keyring: MemoryKeyring, capsys: pytest.CaptureFixture[str]) -> Run:
    """Call the program: words, what is on standard input, and who sits at the terminal, if anybody."""

    def call(*words: str, stdin: bytes = b"", person: Typist | None = None) -> Result:
        capsys.readouterr()
        asked = None if person is None else Prompter(secret=person.answer, line=person.answer)
        status = main(words, Context(paths, Vault(backend=keyring), io.BytesIO(stdin), asked, environ=os.environ))
        said = capsys.readouterr()
        return Result(status, said.out, said.err)

    return call


@pytest.fixture
def typist() -> Answers:
    """Somebody at the terminal who gives these answers, in their order, and no more."""
    return lambda *answers: Typist(list(answers))


@pytest.fixture
def openssl(require: Callable[..., None]) -> None:
    """The judge of what is exported."""
    require("openssl")


@pytest.fixture
def new(run: Run) -> New:
    """A draft that can be generated; its id."""

    def make(*words: str, domain: str = "www.example.com") -> str:
        result = run("new", "--domain", domain, "--algorithm", "ECC", *words)
        assert result.status == 0, result.err
        return result.out.strip()

    return make


@pytest.fixture
def generated(run: Run, new: New) -> Generated:
    """A generated record; its id."""

    def make(*words: str, domain: str = "www.example.com", stdin: bytes = b"") -> str:
        made = new(domain=domain)
        result = run("generate", made, *words, stdin=stdin)
        assert result.status == 0, result.err
        return made

    return make


@pytest.fixture
def backup(run: Run, tmp_path: Path) -> Callable[..., str]:
    """Makes one of the store; its path."""

    def make(*words: str, stdin: bytes = b"", name: str = "b.db") -> str:
        path = str(tmp_path / name)
        result = run("backup", path, *words, stdin=stdin)
        assert result.status == 0, result.err
        return path

    return make


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> SoftTokens:
    """Two tokens, Office and Lab, with a key of each kind, which no test changes."""
    need()
    soft = SoftTokens(tmp_path_factory.mktemp("softhsm") / "office")
    soft.add("Office")
    soft.add("Lab")
    for number, (label, (kind, *_)) in enumerate(KINDS.items(), 1):
        soft.add_key(TOKEN.get(label, "Office"), kind, label, f"0{number}")
    soft.add_key("Lab", "EC:prime256v1", "slot 9c", "0c", "--always-auth")
    return soft


@pytest.fixture
def tokens(office: SoftTokens, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> SoftTokens:
    """Those of `office`, named in the settings."""
    monkeypatch.setenv("SOFTHSM2_CONF", str(office.configuration))
    choose(paths, MODULE)
    return office


@pytest.fixture
def own(tmp_path: Path, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> SoftTokens:
    """Tokens of this test alone, named in the settings; none yet."""
    need()
    soft = SoftTokens(tmp_path / "softhsm")
    monkeypatch.setenv("SOFTHSM2_CONF", str(soft.configuration))
    choose(paths, MODULE)
    return soft


def domains(run: Run) -> list[str]:
    """Those of all records."""
    return sorted(record["domain"] for record in run("list", "--json").json["records"])

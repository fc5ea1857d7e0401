"""What the folders promise one another beyond their imports: below the faces are facts, and the faces advise."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
from textual.binding import Binding

from csr_tui.cli import advice as cli_advice
from csr_tui.cli.commands import COMMANDS
from csr_tui.core.findings import Code
from csr_tui.errors import Hint, StateError
from csr_tui.ui import advice as ui_advice
from csr_tui.ui.screens.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[1] / "csr_tui"
FACES = ("cli", "ui", "__main__.py")

ADVICE = re.compile(
    rf"csr-tui ({'|'.join(COMMANDS)})\b"
    r"|(?<![\w-])--[a-z][a-z-]+"
    r"|\b(Ctrl|Shift|Alt)\+|\b(Enter|Escape|Esc|Space|F[1-9][0-2]?) (takes|opens|leaves|selects|shows)|\b[Pp]ress\b"
    r"|\((with )?[A-Z]( on the desk)?\)|\bwith [A-Z]\b"
)

EXCEPTIONS = {
    ("core/inspect/parsers.py", "country (C)"),  # its name in X.520, no key
    ("core/request_file.py", "csr-tui new --from"),  # a comment in the TOML file, which is taken to a shell
    ("export/targets/nginx.py", "--without-http_"),  # an option of nginx's own, in what `nginx -V` prints
    ("export/targets/target.py", "csr-tui password ID --show"),  # a line to paste into a shell, for a server's file
    ("export/targets/target.py", "Enter and Ctrl+D"),  # what to type into that shell
    ("storage/reporting.py", "csr-tui reconcile"),  # what it takes off a sentence of the next
    ("storage/first_schema.py", "csr-tui reconcile"),  # a released trigger
}
"""File, and what it may hold."""


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """Every string of a module that is no docstring; the pieces of an f-string as one text."""
    tree = ast.parse(path.read_text("utf-8"))
    passed_over: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed_over.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            passed_over |= {id(piece) for piece in node.values}
            yield node.lineno, "".join(str(one.value) if isinstance(one, ast.Constant) else "ID" for one in node.values)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed_over:
            yield node.lineno, node.value


def _without_exceptions(name: str, text: str) -> str:
    for file, excepted in EXCEPTIONS:
        text = text.replace(excepted, "") if file == name else text
    return text


def test_no_sentence_below_the_faces_names_a_command_a_flag_or_a_key() -> None:
    found = [
        f"{name}:{line}: {text}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if (name := path.relative_to(PACKAGE).as_posix()).split("/")[0] not in FACES
        for line, text in literals(path)
        if ADVICE.search(_without_exceptions(name, text))
    ]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(("name", "excepted"), sorted(EXCEPTIONS))
def test_no_exception_outlives_its_reason(name: str, excepted: str) -> None:
    assert any(excepted in text for _, text in literals(PACKAGE / name))


@pytest.mark.parametrize("hint", Hint)
def test_each_face_has_its_own_words_for_every_hint(hint: Hint) -> None:
    error = StateError("It is so.", hint=hint, record="4m7zzzzzzz")

    for advice in (cli_advice, ui_advice):
        assert re.fullmatch(r"It is so\. [^{}]+[.?]", advice.sentence(error))
    assert not re.search(r"(?<![\w-])--[a-z]", ui_advice.sentence(error))


def test_the_keys_that_the_screens_advise_are_the_desks() -> None:
    keys = {key for binding in Desk.BINDINGS if isinstance(binding, Binding) for key in binding.key.split(",")}
    advised = {key for text in ui_advice.ADVICE.values() for key in re.findall(r"\b([A-Z]) on the desk", text)}

    assert advised
    assert {key.lower() for key in advised} <= keys


def test_every_code_of_a_finding_is_some_rules() -> None:
    texts = {text for path in PACKAGE.rglob("*.py") if path.name != "findings.py" for _, text in literals(path)}

    assert set(get_args(Code)) <= texts


SHOWN_BARE = {
    "cli/backups.py": "what to do there is another command, which is named",
    "cli/exits.py": "the fact and the hint are two members",
    "cli/openssl.py": "a comment in a file",
    "cli/prompts.py": "what to do there is two other commands, which are named",
    "ui/flows/keys.py": "windows that offer what to do as their choices",
}
"""File of a face that shows an error without its advice, and why."""


def test_the_faces_show_an_error_with_its_advice() -> None:
    bare = {
        path.relative_to(PACKAGE).as_posix()
        for face in ("cli", "ui")
        for path in (PACKAGE / face).rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"\bstr\(error\)|\{error\}", line) and "reworded(" not in line
    }

    assert bare == SHOWN_BARE.keys()


def test_no_two_public_classes_have_one_name() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in PACKAGE.rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path.relative_to(PACKAGE).as_posix())

    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_no_file_name_stands_twice_in_one_neighbour() -> None:
    inside = [path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]
    found = Counter((path.parts[0], path.name) for path in inside)

    assert {place: times for place, times in found.items() if times > 1} == {}


def test_no_import_has_an_alias_to_tell_two_of_ours_apart() -> None:
    aliases = {
        f"{path.relative_to(PACKAGE)}: {node.module}.{name.name} as {name.asname}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("csr_tui")
        for name in node.names
        if name.asname not in (None, name.name)
    }

    assert aliases == set()


PARTICIPLE = re.compile(
    r"[a-z]{3}(ed|ing)$|^(begun|done|found|gone|here|held|kept|lost|made|said|seen|sent|shown|told)$"
)
NO_PARTICIPLES = {"_finding", "_of_generated", "_of_issued", "export_selected", "generate_selected", "is_missing"}
NO_PARTICIPLES |= {"keyring", "WithoutKeyring", "show_keyring", "run_blocking"}
"""Nouns that end like one, and verbs that are followed by one."""


def test_no_name_in_the_screens_is_a_participle_but_a_messages() -> None:
    defined = [
        (path.relative_to(PACKAGE).as_posix(), name)
        for path in (PACKAGE / "ui").rglob("*.py")
        for name in (
            path.stem,
            *(
                node.name
                for node in ast.parse(path.read_text("utf-8")).body
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                or (isinstance(node, ast.ClassDef) and "Message" not in map(ast.unparse, node.bases))
            ),
        )
    ]
    last_words = {
        (file, name): re.findall(r"[A-Z]?[a-z]+", name)[-1].lower() for file, name in defined if name.strip("_")
    }

    assert [key for key, word in last_words.items() if PARTICIPLE.search(word) and key[1] not in NO_PARTICIPLES] == []

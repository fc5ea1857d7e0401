"""inspect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from certificates import issue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Answers, Generated, Run

STRONG = b"correct-horse-battery-staple-42\n"


@pytest.fixture
def bundle(run: Run, generated: Generated, tmp_path: Path) -> Callable[..., Path]:
    """The exported files of a new record."""

    def make(*words: str, name: str = "out", stdin: bytes = b"") -> Path:
        run("export", generated(*words, stdin=stdin), "--to", str(tmp_path / name))
        return tmp_path / name

    return make


def test_a_request_in_json_has_exactly_the_promised_fields(run: Run, bundle: Callable[..., Path]) -> None:
    path = bundle() / "www.example.com.csr"

    result = run("inspect", str(path), "--json")

    assert result.status == 0
    assert list(result.json) == ["files", "match"]
    assert result.json["match"] is None
    (file,) = result.json["files"]
    assert (list(file), file["path"]) == (["path", "items"], str(path))
    (item,) = file["items"]
    assert list(item) == ["kind", "fingerprint", "fields", "problems"]
    assert (item["kind"], item["fields"]["CN"], item["problems"]) == ("request", "www.example.com", [])


def test_key_and_request_of_one_record_belong_together(run: Run, bundle: Callable[..., Path]) -> None:
    folder = bundle("--no-password")

    result = run("inspect", f"{folder}/www.example.com.key", f"{folder}/www.example.com.csr")

    assert result.status == 0
    assert "Match: " in result.out


def test_those_of_two_records_do_not(run: Run, bundle: Callable[..., Path]) -> None:
    one, other = bundle("--no-password", name="one"), bundle("--no-password", name="other")

    result = run("inspect", f"{one}/www.example.com.key", f"{other}/www.example.com.csr", "--json")

    assert (result.status, result.json["match"]) == (4, False)


def test_of_an_encrypted_key_nobody_can_tell_without_its_password(run: Run, bundle: Callable[..., Path]) -> None:
    folder = bundle("--password-stdin", stdin=STRONG)
    files = (f"{folder}/www.example.com.key", f"{folder}/www.example.com.csr")

    closed = run("inspect", *files, "--json")
    wrong = run("inspect", *files, "--password-stdin", "--json", stdin=b"wrong\n")
    empty = run("inspect", *files, "--password-stdin", "--json", stdin=b"\n")
    opened = run("inspect", *files, "--password-stdin", "--json", stdin=STRONG)

    assert "The password is empty" in empty.err
    assert (closed.status, closed.json["match"], closed.json["result"]) == (5, None, "locked")
    assert {(one.status, one.json["error"]["kind"]) for one in (wrong, empty)} == {(5, "password")}
    assert (opened.status, opened.json["match"]) == (0, True)


def test_a_changed_request_is_a_bad_finding(run: Run, bundle: Callable[..., Path], tmp_path: Path) -> None:
    import base64

    lines = (bundle() / "www.example.com.csr").read_text().splitlines()
    der = bytearray(base64.b64decode("".join(lines[1:-1])))
    der[-1] ^= 1
    (tmp_path / "changed.csr").write_bytes(der)

    result = run("inspect", str(tmp_path / "changed.csr"))

    assert result.status == 4
    assert "PROBLEM" in result.out


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 3), (b"hello", 3), (b"\x1b[31m\0", 3), (b"-----BEGIN CERTIFICATE-----\n", 3), (b"A" * 10_000_000, 8)],
    ids=["empty", "text", "control", "cut off", "10 MB"],
)
def test_what_holds_nothing_is_said_with_its_name(content: bytes, status: int, run: Run, tmp_path: Path) -> None:
    (tmp_path / "some.file").write_bytes(content)

    result = run("inspect", str(tmp_path / "some.file"))

    assert result.status == status
    assert "some.file" in result.err


def test_folders_and_missing_files_are_8(run: Run, tmp_path: Path) -> None:
    assert run("inspect", str(tmp_path)).status == 8
    assert run("inspect", str(tmp_path / "missing")).status == 8


def test_two_files_at_most(run: Run) -> None:
    assert run("inspect", "a", "b", "c").status == 2
    assert run("inspect").status == 2


def test_what_is_encrypted_is_asked_for_at_a_terminal_file_by_file(
    run: Run, bundle: Callable[..., Path], typist: Answers
) -> None:
    folder = bundle("--password-stdin", stdin=STRONG)
    files = (f"{folder}/www.example.com.key", f"{folder}/www.example.com.csr")
    person, silent = typist(STRONG.decode().strip()), typist("")

    opened = run("inspect", *files, person=person)
    closed = run("inspect", *files, person=silent)

    assert (opened.status, closed.status) == (0, 5)
    assert len(person.asked) == len(silent.asked) == 1
    assert "www.example.com.key" in person.asked[0]
    assert "the private key in" in opened.out
    assert "the request in" in opened.out


def test_two_encrypted_files_have_a_line_each_or_one_for_both(run: Run, bundle: Callable[..., Path]) -> None:
    one = bundle("--password-stdin", name="one", stdin=STRONG) / "www.example.com.key"
    other = bundle("--password-stdin", name="other", stdin=b"another-strong-battery-17\n") / "www.example.com.key"

    both = STRONG + b"another-strong-battery-17\n"

    assert run("inspect", str(one), str(other), "--password-stdin", "--json", stdin=both).json["match"] is False
    assert run("inspect", str(one), str(one), "--password-stdin", "--json", stdin=STRONG).json["match"] is True
    assert run("inspect", str(one), str(other), "--password-stdin", stdin=STRONG).status == 5


def test_a_password_that_is_promised_and_not_given_is_5(run: Run, bundle: Callable[..., Path]) -> None:
    folder = bundle("--password-stdin", stdin=STRONG)

    assert run("inspect", f"{folder}/www.example.com.key", "--password-stdin").status == 5


def test_a_certificate_that_has_ended_is_a_bad_finding(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ended.crt").write_text(issue("www.example.com", began=900).pem)

    result = run("inspect", str(tmp_path / "ended.crt"), "--json")

    assert result.status == 4
    assert "expired on" in result.json["files"][0]["items"][0]["problems"][0]


def test_of_a_certificate_and_its_chain_it_is_said_who_issued_whom(run: Run, tmp_path: Path) -> None:
    root = issue("Test Root", ca=True, days=3650)
    (tmp_path / "leaf.crt").write_text(issue("www.example.com", root, days=3650).pem)
    (tmp_path / "chain.crt").write_text(root.pem)

    result = run("inspect", str(tmp_path / "leaf.crt"), str(tmp_path / "chain.crt"))

    assert result.status == 4
    assert "chain.crt contains the issuer of the certificate in" in result.out

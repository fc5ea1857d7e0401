"""The menu of the line mode: each of its commands, what it does with odd answers, and how it ends."""

from __future__ import annotations

import io
import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import pytest
from authority import Authority, pem
from cli.asking import KEEP, PASSWORD, typed
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from soft_token import PIN, SoftTokens, choose

from csr_tui.cli.ask import menu
from csr_tui.cli.commands import COMMANDS
from csr_tui.cli.context import Context, Prompter
from csr_tui.cli.exits import Interrupted
from csr_tui.core import csr
from csr_tui.core.ca import CA
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.keys.encryption import to_plain_pem
from csr_tui.core.keys.kinds import generate
from csr_tui.core.record import KeySpec, Purpose, Record, new_id
from csr_tui.core.token_uri import TokenUri
from csr_tui.storage import RecordStore
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Generated, MemoryKeyring, New, Run, Typist

    from csr_tui.paths import Paths


class Menu(Protocol):
    def __call__(self, person: Typist, *, gone: bool = False) -> tuple[int, str]: ...


@pytest.fixture
def opened(paths: Paths, keyring: MemoryKeyring, capsys: pytest.CaptureFixture[str]) -> Menu:
    """The menu with this person; its status, and everything that was printed."""

    def call(person: Typist, *, gone: bool = False) -> tuple[int, str]:
        capsys.readouterr()
        asked = Prompter(person.answer, person.answer, lambda: gone)
        status = menu.run(Context(paths, Vault(backend=keyring), io.BytesIO(), asked, environ=os.environ), asked)
        printed = capsys.readouterr()
        assert person.answers == []
        return status, printed.err + printed.out

    return call


def test_the_menu_offers_commands_of_the_program_with_their_summaries(opened: Menu) -> None:
    _, printed = opened(typed("?", "quit"))

    assert menu.COMMANDS.keys() <= COMMANDS.keys()
    assert printed.count("1. new: create a draft") == 2
    assert "6. attach the certificate that your CA sent\n7. obtain: get the certificate from a CA" in printed
    assert "\n8. quit\n" in printed


@pytest.mark.parametrize("answer", ["8", "quit", "q", "."])
def test_the_menu_is_left_by_any_of_its_words(answer: str, opened: Menu) -> None:
    assert opened(typed(answer))[0] == 0


def test_the_menu_ends_with_the_input_and_with_its_terminal(opened: Menu) -> None:
    at_the_end, closed = typed("list"), typed("list")
    at_the_end.answers.append("")
    closed.answers.append("")

    assert opened(at_the_end)[0] == 0
    with pytest.raises(Interrupted) as ended:
        opened(closed, gone=True)
    assert ended.value.status == 128 + signal.SIGHUP


def test_an_answer_that_is_no_command_is_asked_again(opened: Menu) -> None:
    _, printed = opened(typed("0", "9", "-", "<", "purge", KEEP, "quit"))

    assert printed.count("error: Command: Enter a number from 1 to 8.") == 5
    assert "This is the menu; quit leaves it." in printed


def test_commands_without_a_fitting_record_are_no_end(opened: Menu, new: New) -> None:
    _, empty = opened(typed("list", "show", "generate", "quit"))
    new()
    _, drafts = opened(typed("export", "quit"))

    assert "No records yet." in empty
    assert "error: There are no records yet." in empty
    assert "error: There are no draft records yet." in empty
    assert "error: There are no generated records or issued records yet." in drafts


@pytest.mark.parametrize("answer", ["2", "www.example.com", "www"])
def test_a_record_is_found_by_its_number_its_domain_or_the_beginning_of_it(answer: str, opened: Menu, new: New) -> None:
    made = new()
    new(domain="api.example.com")

    _, printed = opened(typed("show", "nothing", answer, "quit"))

    assert "error: No record" in printed
    assert f"{made} (revision 1)" in printed


def test_an_error_that_the_ca_decides_leads_to_the_question_about_the_ca(opened: Menu, run: Run, paths: Paths) -> None:
    with RecordStore(paths.store) as store:
        store.add(Record("0123456789", usage="client", subject=Subject("Jane Doe")))
    person = typed("generate", "1", "2", KEEP, "2", "3", "quit")

    opened(person)

    assert "Answer to change, 1 to 16 [2]: " in person.asked
    assert run("show", "0123456789", "--json").json["purpose"] == "private"


def test_a_draft_is_continued_generated_and_exported(opened: Menu, run: Run, tmp_path: Path) -> None:
    made = run("new", "--purpose", "private", "--algorithm", "ECC").out.strip()
    _, printed = opened(
        typed(
            "4", "1", "1", "2", KEEP, "db1.internal.example", KEEP, "no", KEEP, "1", str(tmp_path / "out"), "1", "quit"
        )
    )

    assert "Fix 1 error before generating." in printed
    assert run("show", made, "--json").json["state"] == "generated"
    assert (tmp_path / "out" / "db1.internal.example.csr").is_file()


def test_a_certificate_is_attached_and_exported_for_a_server(
    opened: Menu, run: Run, generated: Generated, tmp_path: Path
) -> None:
    made = generated("--protect", "prompt", "--password-stdin", stdin=f"{PASSWORD}\n".encode())
    leaf = Authority("Example CA").issue(csr.read(run("show", made, "--csr").out).public_key, "www.example.com")
    (tmp_path / "leaf.pem").write_bytes(pem(leaf))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "www.example.com.key").write_text("another")
    person = typed("attach", "no-such.pem", str(tmp_path / "leaf.pem"), KEEP, "export", "1", "1")
    person.answers += [f"{tmp_path}/no/such\n", "3\n", "wrong", PASSWORD, "\n", f"{tmp_path}/full\n", "\n", PASSWORD]
    person.answers += ["no\n", "\n", "\n", "\n", PASSWORD, "yes\n"]
    person.answers += ["export\n", "1\n", "haproxy\n", f"{tmp_path}/haproxy\n", PASSWORD, "quit\n"]

    _, printed = opened(person)

    assert "error: No such file. Type its path again." in printed
    assert "issued    by CN=Example CA" in printed
    assert f"error: {tmp_path}/no does not exist." in printed
    assert "Exported key: Clear. haproxy cannot ask for a password" in printed
    assert "error: The password does not decrypt the key." in printed
    assert (tmp_path / "full" / "www.example.com.key").read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert [one.name for one in (tmp_path / "full").glob("*.bak*")] == ["www.example.com.key.bak"]


def test_a_certificate_is_obtained_from_a_command(opened: Menu, run: Run, generated: Generated, tmp_path: Path) -> None:
    made = generated()
    without, _ = opened(typed("obtain", "1", "quit")), made
    leaf = Authority("Own Root").issue(csr.read(run("show", made, "--csr").out).public_key, "www.example.com")
    (tmp_path / "issued.pem").write_bytes(pem(leaf))
    run("ca", "add", "own", "--command", f"sh -c 'cat \"$0\"' {tmp_path}/issued.pem {{csr}}")
    run("ca", "add", "later", "--command", "false {csr}")

    _, printed = opened(typed("obtain", "1", "own", "quit"))

    assert "error: No CA is configured yet." in without[1]
    assert "issued    by CN=Own Root" in printed
    assert run("show", made, "--json").json["state"] == "issued"


def test_a_ca_with_a_directory_is_asked_for_by_a_proof(
    opened: Menu, run: Run, generated: Generated, paths: Paths, tmp_path: Path
) -> None:
    generated()
    with RecordStore(paths.store) as store:
        ca = CA("acme", "https://127.0.0.1:1/d", account_url="https://127.0.0.1:1/a", custody=Custody.NONE_UNPROTECTED)
        store.cas.add(ca, account_key=to_plain_pem(generate(KeySpec("ECC", "prime256v1"))))
    person = typed("obtain", "1", KEEP, "3", KEEP, str(tmp_path), "obtain", "1", "1", "dns", "quit")
    person.answers[9] = "a txt\n"

    _, printed = opened(person)

    assert "error: Type the folder that the web server of these names serves." in printed
    assert person.asked.count("Proof, 1 to 3 [1]: ") == 2
    assert printed.count("error: ") == 3


def test_a_draft_for_a_key_on_a_token_keeps_it_until_another_way_is_chosen(
    opened: Menu, run: Run, paths: Paths
) -> None:
    choose(paths, "/nonexistent/module.so")
    with RecordStore(paths.store) as store:
        for domain in ("a.example", "b.example"):
            draft = Record(new_id(), purpose=Purpose.PRIVATE, subject=Subject(domain), custody=Custody.TOKEN)
            store.add(replace(draft, token=TokenUri(token="Office", object="web")))

    _, printed = opened(
        typed(
            "generate",
            "a.example",
            "1",
            "2",
            "15",
            KEEP,
            "1",
            ".",
            "generate",
            "b.example",
            "2",
            "15",
            "1",
            ".",
            "quit",
        )
    )

    assert "1. web. Token Office. It is not in this machine now" in printed
    assert "16. " not in printed
    assert "error: The token Office is not in this machine." in printed
    assert run("show", "a.example", "--json").json["protection"] == "token"
    assert run("show", "b.example", "--json").json["protection"] == "keyring"
    assert run("show", "b.example", "--json").json["token"] is None


def test_a_key_on_a_token_is_chosen_from_a_list_and_signs_the_request(
    opened: Menu, run: Run, tokens: SoftTokens, tmp_path: Path
) -> None:
    made = run("new", "--domain", "db1.internal.example", "--purpose", "private").out.strip()
    person = typed("generate", "1", "2", "15", "6", "api", "1")
    person.answers += ["wrong-pin", "1\n", PIN, "yes\n", "1\n", f"{tmp_path}/out\n", "quit\n"]

    _, printed = opened(person)

    record = run("show", made, "--json").json
    assert "The PIN is wrong." in printed
    assert (record["state"], record["protection"], record["algorithm"]) == ("generated", "token", "ECC")
    assert record["token"]["label"] == "Office"
    assert PIN not in printed
    assert (tmp_path / "out" / "db1.internal.example.csr").read_text() == record["csr"]


def test_without_a_token_another_way_is_asked_for(opened: Menu, run: Run, paths: Paths) -> None:
    made = run("new", "--domain", "db1.internal.example", "--purpose", "private").out.strip()
    choose(paths, "/nonexistent/module.so")

    _, printed = opened(typed("generate", "1", "2", "15", "6", "5", ".", "quit"))

    assert "error: The PKCS #11 module module.so is not a file: /nonexistent/module.so." in printed
    assert "error: No token is connected." in printed
    assert run("show", made, "--json").json["protection"] == "unprotected"


def test_a_key_for_another_program_gets_a_password_for_these_files(
    opened: Menu, generated: Generated, tmp_path: Path
) -> None:
    generated()
    person = typed("export", "1", "1", str(tmp_path / "out"), "2")
    person.answers += [PASSWORD, PASSWORD, "quit\n"]

    _, printed = opened(person)

    assert f"wrote {tmp_path}/out/www.example.com.key" in printed
    assert PASSWORD not in printed
    assert load_pem_private_key((tmp_path / "out" / "www.example.com.key").read_bytes(), PASSWORD.encode())

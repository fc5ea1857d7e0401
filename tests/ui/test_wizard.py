"""The wizard, driven as a person drives it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Label, OptionList
from ui.driver import Driver, drive

from csr_tui.core import questions
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.keys.kinds import KINDS, ML_DSA, of_algorithm
from csr_tui.core.record import KeySpec, Purpose, Record, State, WizardStep
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.record import RecordScreen
from csr_tui.ui.screens.wizard.algorithm import AlgorithmStep
from csr_tui.ui.screens.wizard.key import KeyStep
from csr_tui.ui.screens.wizard.names import NamesStep
from csr_tui.ui.screens.wizard.review import ReviewStep
from csr_tui.ui.screens.wizard.step import marks
from csr_tui.ui.screens.wizard.subject import SubjectStep
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.step_bar import Mark, StepBar
from csr_tui.ui.widgets.text_input import PasswordInput
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.storage import RecordStore


async def type_text(pilot: Driver, text: str) -> None:
    names = {
        " ": "space",
        ".": "full_stop",
        "-": "minus",
        "*": "asterisk",
        "\n": "enter",
        "@": "at",
        "=": "equals_sign",
    }
    await pilot.press(*(names.get(char, char) for char in text))


async def test_a_request_is_made_from_an_empty_form_to_a_key(app: CsrTui, store: RecordStore) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        await type_text(pilot, "www.example.com")
        await pilot.press("enter")
        await type_text(pilot, "Example Ltd")
        await pilot.press("ctrl+n")
        await pilot.settle()
        assert isinstance(app.screen, NamesStep)
        await type_text(pilot, "example.com\n*.example.com")
        await pilot.press("ctrl+n")
        await pilot.settle()
        assert isinstance(app.screen, AlgorithmStep)
        await pilot.press("e", "ctrl+n")
        await pilot.settle()
        assert isinstance(app.screen, KeyStep)
        await pilot.press("ctrl+n")
        await pilot.settle()
        assert isinstance(app.screen, ReviewStep)
        await pilot.press("ctrl+g")
        await pilot.settle()

        assert isinstance(app.screen, RecordScreen)
        record = store.find(app.screen.record.id)
        assert record.state is State.GENERATED
        assert record.sans == ("www.example.com", "example.com", "*.example.com")
        assert record.key == KeySpec("ECC", "prime256v1")
        assert store.key_pem(record.id).startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")


async def test_next_marks_the_step_while_the_domain_is_missing(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        await pilot.press("tab")
        await type_text(pilot, "Example Ltd")
        await pilot.press("ctrl+n")
        await pilot.settle()

        assert isinstance(app.screen, NamesStep)
        assert marks(app.screen.read(), frozenset({WizardStep.SUBJECT}))[WizardStep.SUBJECT] is Mark.ERRORS
        assert "✗" in str(app.screen.query_one(StepBar).render())


async def test_back_and_next_lose_nothing(app: CsrTui, draft: Callable[..., Record], store: RecordStore) -> None:
    record = draft(names=("example.com", "10.0.0.1"), remark="for the shop")

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        for _ in range(4):
            await pilot.press("ctrl+n")
            await pilot.settle()
        assert isinstance(app.screen, ReviewStep)
        for _ in range(4):
            await pilot.press("ctrl+b")
            await pilot.settle()
        assert isinstance(app.screen, SubjectStep)
        await pilot.press("escape")
        await pilot.settle()

    kept = store.get(record.id)
    assert (kept.subject, kept.names, kept.remark, kept.key) == (
        record.subject,
        record.names,
        record.remark,
        record.key,
    )


async def test_a_finding_shows_when_the_field_is_left_and_goes_once_it_is_right(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        field = app.screen.query_one("#domain", Field)
        await type_text(pilot, "www.exa_mple.com")
        assert field.finding is None
        await pilot.press("tab")
        await pilot.settle()
        assert field.finding is not None
        assert field.note.display
        field.focus()
        field.input.value = "www.example.com"
        await pilot.settle()

        assert field.finding is None
        assert not field.note.display


async def test_typing_china_and_pressing_enter_gives_cn(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        field = app.screen.query_one("#country", Field)
        field.focus()
        await type_text(pilot, "china")
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()

        assert field.value == "CN"


async def test_a_misspelt_country_is_offered_with_its_code(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        field = app.screen.query_one("#country", Field)
        field.focus()
        await type_text(pilot, "Germny")
        await pilot.settle()
        assert "DE Germany" in str(field.note.render())
        await pilot.press("tab")
        await pilot.settle()
        assert "Did you mean DE (Germany)?" in str(field.note.render())
        field.focus()
        await pilot.press("enter")
        await pilot.settle()

        assert field.value == "DE"


@pytest.mark.parametrize(
    ("pasted", "domain", "names"),
    [
        (
            "shop.example.com\nwww.shop.example.com\n10.0.0.7\n",
            "shop.example.com",
            ("www.shop.example.com", "10.0.0.7"),
        ),
        ("a.example.com, b.example.com", "a.example.com", ("b.example.com",)),
        ("one.example.com\n", "one.example.com", ()),
        ("the host of the shop", "the host of the shop", ()),
    ],
)
async def test_of_several_names_pasted_into_domain_the_rest_are_names(
    app: CsrTui, store: RecordStore, pasted: str, domain: str, names: tuple[str, ...]
) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        app.post_message(events.Paste(pasted))
        await pilot.settle()
        await pilot.press("ctrl+n")
        await pilot.settle()
        assert isinstance(app.screen, NamesStep)
        await pilot.press("escape")
        await pilot.settle()

    (kept,) = store.page()
    assert (kept.subject.domain, kept.names) == (domain, names)


async def test_a_field_is_undone_word_by_word(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        field = app.screen.query_one("#organization", Field)
        field.focus()
        await type_text(pilot, "Example Ltd")
        await pilot.press("ctrl+u")
        await pilot.settle()
        seen = []
        for _ in range(4):
            seen.append(field.value)
            await pilot.press("ctrl+underscore")
            await pilot.settle()

        assert seen == ["", "Example Ltd", "Example", ""]
        assert isinstance(app.screen, SubjectStep)
        assert app.screen.read().subject.organization == ""


async def test_a_password_is_not_remembered_to_be_undone() -> None:
    class Alone(App[None]):
        def compose(self) -> ComposeResult:
            yield PasswordInput()

    app = Alone()
    async with app.run_test() as pilot:
        await pilot.press(*"secret", "ctrl+u", "ctrl+underscore")

        assert app.query_one(PasswordInput).value == ""


async def test_an_empty_domain_is_an_error_at_the_field_once_it_is_left(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        field = app.screen.query_one("#domain", Field)
        assert field.finding is None
        await pilot.press("enter")
        await pilot.settle()

        assert "It is required." in str(field.note.render())


async def test_ctrl_q_in_the_middle_of_a_word_keeps_it(app: CsrTui, store: RecordStore) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        await type_text(pilot, "half.exam")
        await pilot.press("ctrl+q")
        await pilot.pause()

    (kept,) = store.page()
    assert kept.subject.domain == "half.exam"
    assert app.return_code == 0


async def test_an_untouched_request_leaves_nothing_behind(app: CsrTui, store: RecordStore) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        await pilot.press("ctrl+n")
        await pilot.settle()
        await pilot.press("escape")
        await pilot.settle()

        assert isinstance(app.screen, Desk)
    assert store.page() == ()


async def test_a_look_at_the_step_key_without_a_keyring_leaves_nothing_behind(
    store: RecordStore, tmp_path: Path
) -> None:
    app = CsrTui(store, Vault(), exports=tmp_path)
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n", "alt+k")
        step = await pilot.see(KeyStep)
        await pilot.until(lambda: step.record.custody is Custody.TYPED_PROMPT)
        await pilot.press("escape")
        await pilot.see(Desk)
        await pilot.settle()
    assert store.page() == ()


@pytest.mark.parametrize(
    ("wrong", "marked"),
    [
        ({"subject": Subject("shop_1.local")}, {WizardStep.SUBJECT, WizardStep.NAMES, WizardStep.REVIEW}),
        ({"names": ("a_b.example.com",)}, {WizardStep.NAMES, WizardStep.REVIEW}),
        ({"key_file": "/no/such/file"}, {WizardStep.KEY, WizardStep.REVIEW}),
    ],
)
def test_the_mark_of_a_step_follows_its_findings(wrong: dict[str, Any], marked: set[WizardStep]) -> None:
    record = Record("0000000000", subject=Subject("www.example.com"))
    assert Mark.ERRORS not in marks(record, frozenset(WizardStep)).values()

    shown = marks(replace(record, **wrong), frozenset(WizardStep))
    assert {step for step, mark in shown.items() if mark is Mark.ERRORS} == marked


async def test_a_draft_is_resumed_at_the_step_where_it_was_left(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        await pilot.press("ctrl+n", "ctrl+n")
        await pilot.settle()
        assert isinstance(app.screen, AlgorithmStep)
        await pilot.press("escape")
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()

        assert isinstance(app.screen, AlgorithmStep)


async def test_alt_and_the_first_letter_jump_to_a_step(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        for letter, screen in (
            ("k", KeyStep),
            ("n", NamesStep),
            ("a", AlgorithmStep),
            ("r", ReviewStep),
            ("s", SubjectStep),
        ):
            await pilot.press(f"alt+{letter}")
            await pilot.settle()
            assert isinstance(app.screen, screen)


async def test_a_click_on_the_bar_goes_to_that_step(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        text = str(app.screen.query_one(StepBar).render())
        await pilot.click(StepBar, offset=(1 + text.index("Algorithm") + 2, 0))
        await pilot.settle()

        assert isinstance(app.screen, AlgorithmStep)


async def test_a_finding_on_the_review_page_leads_to_its_field(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft("bad_name.example.com")

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        await pilot.press("alt+5")
        await pilot.settle()
        assert isinstance(app.focused, OptionList)
        await pilot.press("enter")
        await pilot.settle()

        assert isinstance(app.screen, SubjectStep)
        assert app.screen.query_one("#domain", Field).input.has_focus


async def test_generate_is_refused_while_an_error_remains(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    record = draft("bad_name.example.com")

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        await pilot.press("alt+5")
        await pilot.settle()
        await pilot.press("ctrl+g")
        await pilot.settle()

        assert isinstance(app.screen, ReviewStep)
    assert store.get(record.id).state is State.DRAFT


async def test_ed25519_is_offered_for_ones_own_ca_only(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft("a.example.com")
    draft("b.example.com", purpose=Purpose.PRIVATE)

    async with drive(app) as pilot:
        await pilot.settle()
        seen = {}
        for _ in range(2):
            await pilot.press("enter")
            await pilot.settle()
            await pilot.press("alt+3")
            await pilot.settle()
            seen[pilot.on(AlgorithmStep).record.purpose] = "Ed25519" in str(
                app.screen.query_one("#key_parameter", Choices).render()
            )
            await pilot.press("escape")
            await pilot.settle()
            await pilot.press("end")
            await pilot.settle()

    assert seen == {Purpose.PUBLIC: False, Purpose.PRIVATE: True}


async def test_a_kind_of_key_that_this_machine_lacks_is_listed_with_the_reason(
    app: CsrTui, draft: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft(purpose=Purpose.PRIVATE)
    monkeypatch.setattr(questions, "missing", lambda one: "cryptography 49" if one is ML_DSA else "")

    async with drive(app) as pilot:
        await pilot.settle()
        for key in ("enter", "alt+3", "m", "up"):
            await pilot.press(key)
            await pilot.settle()
        kinds = app.screen.query_one("#key_parameter", Choices)

        assert str(kinds.render()).count("cryptography 49") == len(of_algorithm("ML-DSA"))
        assert kinds.value == KeySpec("ED25519", "ed25519")


async def test_one_list_has_every_kind_of_key_under_a_label_of_its_own(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    record = draft(purpose=Purpose.PRIVATE)

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        for kind in KINDS:
            await pilot.press("alt+3")
            await pilot.settle()
            kinds = app.screen.query_one("#key_parameter", Choices)
            while kinds.value != kind.spec:
                await pilot.press("down")
            await pilot.press("alt+4")
            await pilot.settle()
            assert store.get(record.id).key == kind.spec

    assert len({kind.label for kind in KINDS}) == len(KINDS)


async def test_the_key_page_names_the_keyring_and_keeps_the_choice(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    record = draft()

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        await pilot.press("alt+4")
        await pilot.settle()
        password = app.screen.query_one("#password_choice", Choices)
        password.focus()
        await pilot.press("down", "down")
        await pilot.settle()
        await pilot.press("escape")
        await pilot.settle()

    kept = store.get(record.id)
    assert kept.custody.words == ("typed", "prompt")


async def test_the_apex_of_a_wildcard_is_added_with_one_key(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft(names=("*.example.org",))

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        await pilot.press("alt+n")
        await pilot.settle()
        await pilot.press("ctrl+o")
        await pilot.settle()

        assert pilot.on(NamesStep).read().names == ("*.example.org", "example.org")


async def test_refused_names_are_counted_and_have_their_reasons_beside_them(
    app: CsrTui, draft: Callable[..., Record]
) -> None:
    draft(names=("bad_name.example.com", "10.0.0.1", "good.example.com", f"{'long.' * 12}example.com"))

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        await pilot.press("alt+n")
        await pilot.settle()
        assert isinstance(app.screen, NamesStep)
        assert str(app.screen.query_one("#sum", Label).render()) == "In the request: 5 names, 2 refused"
        lines = str(app.screen.meant.render()).splitlines()

    at = lines.index("✗     bad_name.example.com")
    assert lines[at + 1].startswith("      ✗ A host name has no underscore")
    assert all(line.startswith(("  ", "› ", "! ", "✗ ", "DNS   ", "IP    ")) for line in lines)
    assert sum("underscore" in line for line in lines) == 1


async def test_a_click_on_what_is_offered_takes_it(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        field = app.screen.query_one("#domain", Field)
        field.input.value = "https://www.example.com/shop"
        await pilot.press("tab")
        await pilot.settle()
        await pilot.click("#domain .note")
        await pilot.settle()

        assert field.value == "www.example.com"


@pytest.mark.parametrize("key", [KeySpec("RSA", "1024"), KeySpec("ECC", "secp256k1"), KeySpec("ED25519", "ed25519")])
async def test_a_draft_from_an_odd_request_can_be_opened_at_every_step(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore, key: KeySpec
) -> None:
    record = draft("", key=key, names=("directory:CN=x", "other:1.2.3", "a b", "*.*"), remark="x" * 300)

    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        for letter in "snakr":
            await pilot.press(f"alt+{letter}")
            await pilot.settle()
        await pilot.press("escape")
        await pilot.settle()

        assert isinstance(app.screen, Desk)
    kept = store.get(record.id)
    assert (kept.key, kept.remark) == (key, record.remark)

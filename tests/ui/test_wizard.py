"""The wizard, driven as a person drives it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import OptionList
from ui.driver import drive

from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, State, WizardStep
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.record import RecordScreen
from csr_tui.ui.screens.wizard.algorithm import AlgorithmStep
from csr_tui.ui.screens.wizard.key import KeyStep
from csr_tui.ui.screens.wizard.names import NamesStep
from csr_tui.ui.screens.wizard.review import ReviewStep
from csr_tui.ui.screens.wizard.step import marks
from csr_tui.ui.screens.wizard.subject import SubjectStep
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.step_bar import Mark, StepBar
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.storage import RecordStore


async def test_a_request_is_made_from_an_empty_form_to_a_key(app: CsrTui, store: RecordStore) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        await pilot.type("www.example.com")
        await pilot.press("enter")
        await pilot.type("Example Ltd")
        await pilot.press("ctrl+n")
        await pilot.settle()
        assert isinstance(app.screen, NamesStep)
        await pilot.type("example.com\n*.example.com")
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
        await pilot.type("Example Ltd")
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


async def test_ctrl_q_in_the_middle_of_a_word_keeps_it(app: CsrTui, store: RecordStore) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        await pilot.settle()
        await pilot.type("half.exam")
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

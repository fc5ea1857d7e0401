"""The review: its verdict, what each way still needs, and the keys that lead to the steps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.widgets import OptionList
from ui.driver import Driver, drive

from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, WizardStep
from csr_tui.core.submission import Stage, Submission
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.record import RecordScreen
from csr_tui.ui.screens.wizard.names import NamesStep
from csr_tui.ui.screens.wizard.review import ReviewStep
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.screens.wizard.subject import SubjectStep
from csr_tui.ui.widgets.step_bar import Mark
from csr_tui.vault import Vault, VaultState, VaultStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.storage import RecordStore

WHOLE = Subject("www.example.com", "Example Ltd", "IT", "pki@example.com", "Guangdong", "Shenzhen", "CN")
CLEAR = Custody.NONE_UNPROTECTED


async def reviewed(pilot: Driver) -> ReviewStep:
    await pilot.settle()
    await pilot.press("enter")
    screen = await pilot.see(ReviewStep)
    await pilot.settle()
    return screen


@pytest.mark.parametrize(
    ("parts", "verdict", "here", "there"),
    [
        ({"subject": WHOLE, "custody": CLEAR}, "✓ Ready to generate.", "no errors", "no errors"),
        ({"custody": CLEAR}, "✓ Ready to generate.", "no errors", "not yet: Department, Email"),
        (
            {"subject": replace(WHOLE, domain="Jane Doe"), "custody": CLEAR, "usage": "code"},
            "✗ Fix 2 errors before generating.",
            "not yet: Usage, Key size",
            "not for this purpose, only for servers",
        ),
        (
            {"subject": WHOLE, "custody": Custody.TYPED_PROMPT, "names": ("a.example.com",)},
            "✓ Ready to generate. You type the password next, twice.",
            "no errors",
            "not yet: Names",
        ),
        (
            {"subject": replace(WHOLE, country="China")},
            "✗ Fix 1 error before generating.",
            "not yet: Country",
            "not yet: Country",
        ),
        (
            {"subject": WHOLE, "custody": CLEAR, "key_file": "/nowhere/a.key"},
            "✗ The key file is missing: /nowhere/a.key (step 4).",
            "no errors",
            "no errors",
        ),
    ],
)
async def test_the_verdict_comes_first_and_each_way_lists_what_it_needs(
    app: CsrTui, draft: Callable[..., Record], parts: dict[str, object], verdict: str, here: str, there: str
) -> None:
    draft(step=WizardStep.REVIEW, **parts)
    async with drive(app) as pilot:
        screen = await reviewed(pilot)

        assert pilot.text("#lead") == verdict
        assert [line[16:] for line in pilot.text("#ways").splitlines()] == [here, there]
        wrong = verdict.startswith("✗")
        assert screen.step_bar._marks[WizardStep.REVIEW] is (Mark.ERRORS if wrong else Mark.DONE)


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (VaultState.OPEN, "✓ Ready to generate."),
        (VaultState.LOCKED, "! The keyring is locked: you unlock it when you generate."),
        (VaultState.MISSING, "! No keyring here: choose who holds the password, at step 4 or when you generate."),
    ],
)
async def test_a_draft_for_the_keyring_is_ready_only_where_that_is_open(
    store: RecordStore,
    draft: Callable[..., Record],
    state: VaultState,
    verdict: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Vault, "status", lambda _, **__: VaultStatus(state, "a keyring", "A keyring."))
    app = CsrTui(store, Vault(), exports=tmp_path)
    draft(step=WizardStep.REVIEW)
    async with drive(app) as pilot:
        await reviewed(pilot)
        await pilot.until(lambda: pilot.text("#lead") == verdict)
        rows = app.screen.query_one("#findings", OptionList).options
        there = state is not VaultState.MISSING
        assert str(rows[-1].prompt).startswith("4 Key        " + ("to be encrypted" if there else "needs a keyring"))
        assert ("needs a keyring" in pilot.text("#request")) is not there


@pytest.mark.parametrize(
    ("sent", "verdict"),
    [
        (Submission("a", Stage.UNKNOWN, "http://127.0.0.1:1", "a", "m"), "? Sent to the sandbox, outcome unknown"),
        (
            Submission("a", Stage.CREATED, "https://ssl.tencentcloudapi.com", "a", "m", csr_id=7),
            "! CSR 7 at Tencent Cloud is this draft",
        ),
    ],
)
async def test_a_submitted_draft_is_not_called_ready(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore, sent: Submission, verdict: str
) -> None:
    from csr_tui.core import rules
    from csr_tui.ui.screens.wizard.review import _verdict

    record = replace(draft(custody=CLEAR), submission=sent)
    sign, sentence, _ = _verdict(record, tuple(one for one in rules.check(record) if one.level == "error"), None)

    assert f"{sign} {sentence}".startswith(verdict)


@pytest.mark.parametrize("step", WizardStep)
async def test_ctrl_g_generates_from_every_step(
    app: CsrTui, draft: Callable[..., Record], step: WizardStep, store: RecordStore
) -> None:
    record = draft(step=step, custody=CLEAR, key=KeySpec("ECC", "prime256v1"))
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(app.screen, Step) and app.screen.STEP is step)
        await pilot.settle()
        await pilot.press("ctrl+g")
        await pilot.see(RecordScreen)

    assert store.get(record.id).csr is not None


async def test_ctrl_g_opens_the_review_of_a_draft_with_errors(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft("bad_name.example.com", step=WizardStep.NAMES)
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.see(NamesStep)
        await pilot.settle()
        await pilot.press("ctrl+g")
        await pilot.see(ReviewStep)


async def test_a_digit_or_enter_on_a_line_goes_to_the_step(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft(step=WizardStep.REVIEW, subject=WHOLE, custody=CLEAR)
    async with drive(app) as pilot:
        await reviewed(pilot)
        await pilot.press("2")
        await pilot.see(NamesStep)
        await pilot.settle()
        await pilot.press("f9")
        screen = await pilot.see(ReviewStep)
        await pilot.settle()
        screen.problems.focus()
        screen.problems.highlighted = screen.problems.option_count - 4
        await pilot.press("enter")
        await pilot.see(SubjectStep)


async def test_every_line_of_the_review_is_reached_by_key_at_80x24(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft(step=WizardStep.REVIEW, subject=WHOLE, names=tuple(f"a{number}.example.com" for number in range(40)))
    async with drive(app) as pilot:
        screen = await reviewed(pilot)
        assert "PgDn" in str(screen.form.border_subtitle)
        await pilot.press("end")
        await pilot.settle()

        assert screen.form.scroll_offset.y == screen.form.max_scroll_y > 0

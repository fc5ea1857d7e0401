"""What the screens say is so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from support import settle, until
from textual.widgets import Static

from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.record import Record, WizardStep
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.wizard.names import NamesStep
from csr_tui.ui.screens.wizard.review import ReviewStep
from csr_tui.ui.screens.wizard.subject import SubjectStep
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.step_bar import Mark
from csr_tui.vault import Vault, VaultState, VaultStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.storage import RecordStore

WHOLE = Subject("www.example.com", "Example Ltd", "IT", "pki@example.com", "Guangdong", "Shenzhen", "CN")


def text_of(app: CsrTui, selector: str) -> str:
    return str(app.screen.query_one(selector, Static).content)


async def test_an_empty_domain_is_reported_at_its_field_when_it_is_left(app: CsrTui) -> None:
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)

        assert isinstance(app.screen, SubjectStep)
        assert app.screen.query_one("#domain", Field).has_class("-error")
        assert "Enter the domain" in str(app.screen.query_one("#domain", Field).note.content)
        assert not app.screen.query_one("#organization", Field).has_class("-error")


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"subject": WHOLE}, "Ready to generate, here or at Tencent Cloud."),
        ({}, "Ready to generate here. Tencent Cloud does not accept it yet: department, email."),
        (
            {"subject": WHOLE, "names": ("a.example.com",)},
            "Ready to generate here. Tencent Cloud does not accept it yet: names.",
        ),
        ({"subject": replace(WHOLE, country="China")}, "Fix 1 error before generating."),
    ],
)
async def test_the_review_says_what_each_way_still_needs(
    app: CsrTui, draft: Callable[..., Record], parts: dict[str, object], says: str
) -> None:
    draft(step=WizardStep.REVIEW, **parts)
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ReviewStep) and app.screen.is_mounted)
        await settle(pilot)

        assert text_of(app, "#help") == says
        wrong = says.startswith("Fix")
        assert isinstance(app.screen, ReviewStep)
        assert app.screen.step_bar._marks[WizardStep.REVIEW] is (Mark.ERRORS if wrong else Mark.DONE)


@pytest.mark.parametrize(("custody", "told"), [(Custody.RANDOM_KEYRING, True), (Custody.TYPED_PROMPT, False)])
async def test_the_review_reports_a_keyring_that_is_not_there(
    store: RecordStore,
    draft: Callable[..., Record],
    custody: Custody,
    told: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing = VaultStatus(VaultState.MISSING, "", "There is no OS keyring here.")
    monkeypatch.setattr(Vault, "status", lambda _, **__: missing)
    app = CsrTui(store, Vault(), exports=tmp_path)
    draft(step=WizardStep.REVIEW, custody=custody)
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ReviewStep) and app.screen.is_mounted)
        await settle(pilot)

        assert ("There is no OS keyring here." in text_of(app, "#no-keyring")) is told


async def test_a_first_name_is_not_called_the_domain_while_there_is_none(app: CsrTui) -> None:
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("n", "ctrl+n")
        await settle(pilot)
        assert isinstance(app.screen, NamesStep)
        app.screen.box.text = "d.example.com"
        await settle(pilot)

        assert "d.example.com" in text_of(app, "#meant")
        assert "the domain" not in text_of(app, "#meant").splitlines()[0]

"""The extra lines on the page of the names: typed, explained, kept, and never with a challenge password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ui.driver import drive

from csr_tui.core import csr
from csr_tui.core.custody import Custody
from csr_tui.core.record import Purpose, Record, State, WizardStep
from csr_tui.ui.screens.password import ChallengePassword
from csr_tui.ui.screens.wizard.names import NamesStep
from csr_tui.ui.screens.wizard.review import ReviewStep

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.storage import RecordStore
    from csr_tui.ui.app import CsrTui


async def test_lines_that_are_typed_are_kept_but_for_a_challenge_password(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    made = draft("Jane Doe", usage="client", purpose=Purpose.PRIVATE, step=WizardStep.NAMES)
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        page = await pilot.see(NamesStep)
        await pilot.press("tab", "tab", "tab")
        await pilot.settle()
        assert page.focused is page.extra.box
        text = "ou = Ops\nupn=jane@example.com\nchallenge=s3same"
        await pilot.press(*({"\n": "enter", " ": "space"}.get(char, char) for char in text))
        await pilot.settle()
        await pilot.press("escape")
        await pilot.settle()

    assert store.get(made.id).extra == ("OU=Ops", "upn=jane@example.com", "challenge=")
    assert b"s3same" not in b"".join(file.read_bytes() for file in store.path.parent.iterdir() if file.is_file())


async def test_the_error_of_a_line_leads_from_the_review_to_the_box(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft("Jane Doe", usage="client", purpose=Purpose.PRIVATE, step=WizardStep.REVIEW, extra=("upn=jane",))
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.see(ReviewStep)
        await pilot.press("enter")
        page = await pilot.see(NamesStep)
        await pilot.settle()

        assert page.focused is page.extra.box
        assert "one @" in str(page.query_one("#extra-notes").render())


@pytest.mark.parametrize("step", [None, WizardStep.REVIEW], ids=["desk", "review"])
async def test_h_generates_with_a_challenge_password(
    step: WizardStep | None, app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    made = draft(purpose=Purpose.PRIVATE, custody=Custody.NONE_UNPROTECTED, step=step or WizardStep.SUBJECT)
    async with drive(app) as pilot:
        await pilot.settle()
        if step is not None:
            await pilot.press("enter")
            await pilot.see(ReviewStep)
        await pilot.press("h")
        window = await pilot.see(ChallengePassword)
        await pilot.press("enter")
        await pilot.settle()
        assert "It is empty" in pilot.texts
        assert window.challenge.password
        await pilot.press(*"s3same")
        await pilot.press("enter")
        await pilot.until(lambda: store.get(made.id).state is State.GENERATED)

    assert csr.read(store.get(made.id).csr or "").challenge_length == 6

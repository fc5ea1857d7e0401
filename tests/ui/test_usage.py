"""What the certificate is for, chosen on the first page of the wizard, and what the screens make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ui.driver import drive

from csr_tui.core.record import KeySpec, Purpose, Record, State, Tag, WizardStep
from csr_tui.ui.screens.export import ExportMany
from csr_tui.ui.screens.wizard.algorithm import AlgorithmStep
from csr_tui.ui.screens.wizard.names import NamesStep
from csr_tui.ui.screens.wizard.notes import NotesStep
from csr_tui.ui.screens.wizard.review import ReviewStep
from csr_tui.ui.screens.wizard.step import marks
from csr_tui.ui.screens.wizard.subject import SubjectStep
from csr_tui.ui.widgets.field import Field
from csr_tui.ui.widgets.step_bar import Mark

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.storage import RecordStore
    from csr_tui.ui.app import CsrTui


async def test_a_usage_changes_label_and_rule_of_the_main_name_at_once_and_is_undone(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    made = draft("Jane Doe", purpose=Purpose.PRIVATE, names=("a.example",))
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        page = await pilot.see(SubjectStep)
        main = page.query_one("#domain", Field)
        assert page.focused is main.input
        seen = []
        for usage in ("client", "email", "code", "ca", "both", "server", "client"):
            await pilot.choose("#usage", usage)
            await pilot.settle()
            seen.append((main.label, main.finding is None))
        assert seen == [
            ("Name", True),
            ("Mailbox", False),
            ("Name", True),
            ("Name", True),
            ("Domain", False),
            ("Domain", False),
            ("Name", True),
        ]
        await pilot.press("escape")
        await pilot.settle()
    kept = store.get(made.id)
    assert (kept.usage, kept.subject.domain, kept.names) == ("client", "Jane Doe", ("a.example",))


async def test_the_example_of_the_main_name_fits_its_usage(app: CsrTui) -> None:
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("n")
        page = await pilot.see(SubjectStep)
        examples = {}
        for usage in ("client", "email", "code", "ca"):
            await pilot.choose("#usage", usage)
            await pilot.settle()
            examples[usage] = page.query_one("#domain", Field).input.placeholder
    assert examples == {
        "client": "e.g. Jane Doe",
        "email": "e.g. jane@example.com",
        "code": "e.g. Example Ltd",
        "ca": "e.g. Example Issuing CA",
    }


async def test_a_mailbox_among_the_names_is_called_no_domain(app: CsrTui, draft: Callable[..., Record]) -> None:
    draft("jane@example.com", usage="email", names=("joe@example.com",), step=WizardStep.NAMES)
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        page = await pilot.see(NamesStep)
        await pilot.settle()
        shown = str(page.meant.render())
        assert "jane@example.com  the mailbox" in shown
        assert "the domain" not in shown


async def test_a_usage_that_no_public_ca_signs_shows_the_reason_and_leaves_the_own_ca(
    app: CsrTui, draft: Callable[..., Record]
) -> None:
    draft("Jane Doe", usage="client")
    async with drive(app, size=(60, 15)) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        page = await pilot.see(SubjectStep)
        assert page.usage.size.height == 1
        await pilot.click(page.usage, offset=(6, 0))
        await pilot.settle()
        assert (page.usage.value, page.usage.size.height, page.focused) == ("client", 6, page.usage)
        await pilot.press("tab")
        await pilot.settle()
        assert "Public CAs no longer certify clients" in str(page.purpose.render())
        assert page.form.content_region.contains_point(page.purpose.region.offset)
        await pilot.press("down", "up")
        await pilot.settle()
        assert page.purpose.value is Purpose.PRIVATE


async def test_a_usage_without_names_has_notes_in_their_place_until_another_usage_is_chosen(
    app: CsrTui, draft: Callable[..., Record], store: RecordStore
) -> None:
    made = draft("Example Tools", usage="code", purpose=Purpose.PRIVATE)
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        page = await pilot.see(SubjectStep)
        assert "2 Notes" in str(page.step_bar.render())
        await pilot.press("ctrl+n")
        notes = await pilot.see(NotesStep)
        await pilot.press(*"ticket", "tab", *"team=ops", "tab", *"OU=Ops", "ctrl+n")
        await pilot.see(AlgorithmStep)
        kept = store.get(made.id)
        assert (kept.remark, kept.tags, kept.extra) == ("ticket", (Tag("team", "ops"),), ("OU=Ops",))
        await pilot.press("ctrl+b")
        notes = await pilot.see(NotesStep)
        assert notes.focused is notes.remark.input
        assert not notes.query("#sans")
        await pilot.press("ctrl+b")
        page = await pilot.see(SubjectStep)
        await pilot.choose("#usage", "client")
        await pilot.settle()
        assert "2 Names" in str(page.step_bar.render())
        await pilot.press("ctrl+n")
        names = await pilot.see(NamesStep)
        assert pilot.text("#meant") == "No names yet."
        assert Mark.ERRORS not in marks(names.read(), frozenset(WizardStep)).values()


async def test_the_review_lists_the_steps_of_the_usage_and_each_line_leads_to_its_own(
    app: CsrTui, draft: Callable[..., Record]
) -> None:
    draft("Example Tools", usage="code", purpose=Purpose.PRIVATE, key=KeySpec("RSA", "3072"))
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter", "f9")
        review = await pilot.see(ReviewStep)
        await pilot.settle()
        listed = [str(option.prompt)[:11].strip() for option in review.problems.options][len(review._findings) :]
        assert listed == ["1 Subject", "2 Notes", "3 Algorithm", "4 Key"]
        review.problems.focus()
        review.problems.highlighted = len(review._findings) + 1
        await pilot.press("enter")
        await pilot.see(NotesStep)


@pytest.mark.parametrize(
    ("usages", "first", "refused"),
    [
        (("server",), "nginx", False),
        (("both",), "nginx", False),
        (("client",), "pem", True),
        (("email",), "pem", True),
        (("code", "ca"), "pem", True),
        (("client", "server"), "nginx", False),
    ],
)
async def test_an_export_starts_at_a_target_that_a_usage_can_have(
    app: CsrTui, tmp_path: Path, usages: tuple[str, ...], first: str, *, refused: bool
) -> None:
    records = [
        Record("draft00001", usage=usage, state=State.ISSUED, csr="C", has_key=True, certificate="C")
        for usage in usages
    ]
    async with drive(app) as pilot:
        await pilot.settle()
        window = ExportMany(records, tmp_path)
        app.push_screen(window)
        await pilot.settle()
        assert window.target.value == first
        assert ("for servers only" in str(window.target.render())) is refused
        await pilot.choose("#target", "java")
        await pilot.press("n")
        await pilot.settle()
        assert window.target.value == ("java" if refused else "nginx")

"""Keys that are handed on one by one: a burst has the result that the same keys have when they are typed slowly."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from bursts import records
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support import MemoryKeyring
from textual import events
from ui.driver import Driver, drive

from csr_tui.core.record import Record, WizardStep
from csr_tui.storage import Query, RecordStore
from csr_tui.ui import key_gate
from csr_tui.ui.actions import Destination, NewRequested, Next
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.desk import Desk
from csr_tui.ui.screens.generation_progress import GenerationProgress
from csr_tui.ui.screens.menu import Menu
from csr_tui.ui.screens.record import RecordScreen
from csr_tui.ui.screens.wizard.review import ReviewStep
from csr_tui.ui.screens.wizard.subject import SubjectStep
from csr_tui.ui.widgets.field import Field
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message

TEXTS = ("_a", "n", "d", "/", "Example Ltd", "e 1", "中")
NAMED = (
    "tab shift+tab enter ctrl+n ctrl+b ctrl+s escape up down left backspace home space f1 f6 f8 f9 alt+a alt+r alt+s"
)
EVENTS = st.one_of(st.sampled_from(TEXTS), st.sampled_from(NAMED.split()), st.just("paste"))


def sent(burst: list[str]) -> list[events.Event]:
    """A token is a key by its name, a paste, or text letter by letter."""
    found: list[events.Event] = []
    for token in burst:
        if token == "paste":
            found.append(events.Paste("pasted"))
        elif token in NAMED.split():
            found.append(events.Key(token, {"space": " ", "enter": "\r", "tab": "\t"}.get(token)))
        else:
            found += [events.Key("slash" if letter == "/" else letter, letter) for letter in token]
    return found


async def at_rest(pilot: Driver, app: CsrTui) -> None:
    await pilot.until(lambda: app._gate is None and not app.message_queue_size and not app._at_work())
    await pilot.pause()


async def outcome(burst: list[str], *, slowly: bool) -> tuple[object, ...]:
    """What the store and the screen have after these keys on a desk with two drafts."""
    with tempfile.TemporaryDirectory() as folder, RecordStore(Path(folder) / "data" / "records.db") as store:
        for number in range(2):
            store.add(Record(f"draft{number:05}", remark=f"n d / {number}"))
        app = CsrTui(store, Vault(backend=MemoryKeyring()), exports=Path(folder))
        async with drive(app, size=(100, 30)) as pilot:
            await at_rest(pilot, app)
            for event in sent(burst):
                app.post_message(event)
                if slowly:
                    await at_rest(pilot, app)
            await at_rest(pilot, app)
            app._keep()
            around = [one.id for one in app.focused.ancestors_with_self if one.id] if app.focused else []
            screens = [type(screen).__name__ for screen in app.screen_stack]
            return screens, around, app._desk.search.value, app._desk.records.cursor, records(Path(folder))


@settings(max_examples=3, derandomize=True)
@given(st.lists(EVENTS, min_size=3, max_size=14))
@example(["n", "_a", "tab", "n", "ctrl+n", "d", "ctrl+b", "enter", "Example Ltd"])
@example(["/", "d", "enter", "d", "n", "_a", "f1", "escape", "enter", "paste", "alt+r", "ctrl+s"])
@example(["n", "_a", "f8", "down", "tab", "e 1", "tab", "down", "ctrl+s", "n", "n", "ctrl+s", "d"])
async def test_a_burst_has_the_result_of_the_same_keys_typed_slowly(burst: list[str]) -> None:
    assert await outcome(burst, slowly=False) == await outcome(burst, slowly=True)


async def test_a_click_keeps_its_place_between_the_keys(app: CsrTui) -> None:
    async with drive(app, size=(100, 30)) as pilot:
        await at_rest(pilot, app)
        await pilot.press("n")
        await at_rest(pilot, app)
        page = app.screen
        assert isinstance(page, SubjectStep)
        x, y = page.query_one("#organization TextInput").region.offset
        click = [
            kind(
                widget=None,
                x=x,
                y=y,
                delta_x=0,
                delta_y=0,
                button=1,
                shift=False,
                meta=False,
                ctrl=False,
                screen_x=x,
                screen_y=y,
            )
            for kind in (events.MouseDown, events.MouseUp)
        ]
        # The domain is never left empty: the line that says so would move what is clicked.
        before = sent(["b.example.com", "tab", "Example Ltd", "shift+tab", "a.example.com"])
        for event in (*before, *click, *sent([" 2", "tab", "n"])):
            app.post_message(event)
        await at_rest(pilot, app)

        names = ("domain", "organization", "department")
        assert tuple(page.query_one(f"#{name}", Field).value for name in names) == (
            "a.example.com",
            "2Example Ltd",
            "n",
        )


async def test_a_letter_overtakes_none_that_is_on_its_way(app: CsrTui, monkeypatch: pytest.MonkeyPatch) -> None:
    async with drive(app, size=(100, 30)) as pilot:
        await at_rest(pilot, app)
        await pilot.press("n")
        await at_rest(pilot, app)
        tab, first, second = sent(["tab", "n", "d"])
        post = app.post_message

        def post_late(message: Message) -> bool:
            """The second comes while the first is handed on."""
            if message is first and first in app._handed:
                post(second)
            return post(message)

        monkeypatch.setattr(app, "post_message", post_late)
        post(tab)
        post(first)
        await at_rest(pilot, app)
        assert isinstance(app.screen, SubjectStep)
        assert app.screen.query_one("#organization", Field).value == "nd"


async def test_a_key_waits_for_a_window_no_longer_than_its_patience(
    app: CsrTui, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = asyncio.Event()

    async def stuck(*_: object) -> Next:
        await never.wait()
        return Next()

    monkeypatch.setattr("csr_tui.ui.flows.flow_of", lambda _: stuck)
    async with drive(app, size=(100, 30)) as pilot:
        await at_rest(pilot, app)
        for event in sent(["v", "n"]):
            app.post_message(event)
        await pilot.pause(0.1)
        assert isinstance(app.screen, Desk)
        await pilot.see(SubjectStep)
        never.set()
        await at_rest(pilot, app)


async def test_a_wizard_stays_with_its_record_when_another_one_is_to_be_opened(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record]
) -> None:
    other = draft("other.example.com")
    async with drive(app, size=(100, 30)) as pilot:
        await at_rest(pilot, app)
        await pilot.press("n", *"_mine")
        await at_rest(pilot, app)
        page = app.screen
        app.post_message(NewRequested())
        await pilot.pause()
        for show in (Destination.WIZARD, Destination.PAGE):
            app._go_on(Next(show, other))
            await pilot.pause()
        assert app.screen is page
        await pilot.press("f1")
        await pilot.see(Menu)
        app._go_on(Next(Destination.WIZARD, app._draft.record if app._draft else None, WizardStep.REVIEW))
        await at_rest(pilot, app)
        await pilot.press("ctrl+s")
        await at_rest(pilot, app)
        assert app.screen_stack == [app._desk]

    assert sorted(record.subject.domain for record in store.page(Query(), limit=9)) == ["_mine", "other.example.com"]


async def test_a_password_typed_ahead_is_no_text_of_a_field_where_nothing_can_be_generated(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_gate, "PATIENCE", 60.0)
    record = draft("under_score.example.com")
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        for event in (events.Key("ctrl+g", None), *sent(["1234 secret", "enter"])):
            app.post_message(event)
        await pilot.see(ReviewStep)
        await at_rest(pilot, app)
        assert isinstance(app.screen, ReviewStep)
        await pilot.press("ctrl+s")

    assert store.get(record.id).subject == record.subject


AHEAD = ["1 correct horse", "enter", "paste", "enter", "2 correct"]
"""A password that begins like a key of the review, and one that a password manager pastes."""


@pytest.mark.parametrize(
    ("where", "key"),
    [(WizardStep.SUBJECT, "ctrl+g"), *((WizardStep.REVIEW, key) for key in ("ctrl+g", "ctrl+t", "h"))],
)
async def test_what_is_typed_ahead_of_a_window_that_does_not_open_is_no_text_of_a_field(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record], where: WizardStep, key: str, tmp_path: Path
) -> None:
    wrong = draft("under_score.example.com")
    lost = store.save(replace(draft("lost.example.com"), key_file=str(tmp_path / "lost.key")))
    for record in (wrong, lost):
        store.save(replace(store.get(record.id), step=where))
    async with drive(app) as pilot:
        for _ in (lost, wrong):
            await at_rest(pilot, app)
            await pilot.press("enter")
            await at_rest(pilot, app)
            now = monotonic()
            for number, event in enumerate((events.Key(key, key if key == "h" else None), *sent(AHEAD))):
                event.time = now + number * 0.06  # as they come from a slow line
                app.post_message(event)
                await asyncio.sleep(0.005)
            await at_rest(pilot, app)
            await pilot.press("ctrl+s")
            await at_rest(pilot, app)
            await pilot.press("down")

    for record in (wrong, lost):
        assert store.get(record.id).subject == record.subject
        assert store.get(record.id).names == record.names


async def test_what_is_typed_ahead_of_a_window_that_comes_late_is_no_text_of_a_field(
    app: CsrTui, store: RecordStore, draft: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_gate, "PATIENCE", 0.2)
    asked = threading.Event()
    monkeypatch.setattr(Vault, "require", lambda _: asked.wait(20))
    record = draft("late.example.com")
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        for event in (events.Key("ctrl+g", None), *sent(AHEAD)):
            app.post_message(event)
        await pilot.pause(0.05)
        await pilot.until(lambda: app._gate is None)
        assert isinstance(app.screen, SubjectStep)
        assert app.screen.read().subject == record.subject
        asked.set()
        await at_rest(pilot, app)

    assert store.get(record.id).subject == record.subject


async def test_an_enter_that_is_typed_ahead_cancels_no_window_that_waits(
    app: CsrTui,
    store: RecordStore,
    keyring: MemoryKeyring,
    draft: Callable[..., Record],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_gate, "PATIENCE", 0.2)
    answers, keep = threading.Event(), keyring.set_password

    def slowly(*words: str) -> None:
        answers.wait(20)
        keep(*words)

    monkeypatch.setattr(keyring, "set_password", slowly)
    record = draft("slow.example.com")
    async with drive(app) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.settle()
        for event in (events.Key("ctrl+g", None), *sent(AHEAD)):
            app.post_message(event)
        await pilot.pause(0.05)
        await pilot.until(lambda: app._gate is None)
        assert isinstance(app.screen, GenerationProgress)
        answers.set()
        await pilot.see(RecordScreen)

    assert store.get(record.id).subject == record.subject

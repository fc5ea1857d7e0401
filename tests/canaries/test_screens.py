"""Pictures of the screen, and what workers are called: neither holds a password that is typed."""

from __future__ import annotations

import ast
from contextlib import ExitStack
from pathlib import Path

import pytest
from canaries.listening import TYPED, heard
from canaries.program import GUARDS
from support import MemoryKeyring
from ui.driver import drive
from ui.windows import TOKEN

import csr_tui.ui
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, State, new_id
from csr_tui.core.secret import Secret
from csr_tui.storage import RecordStore
from csr_tui.ui.app import CsrTui
from csr_tui.ui.screens.password import NewPassword
from csr_tui.ui.screens.token_pin import TokenPin
from csr_tui.vault import Vault

MASKS = "a password field masks"


@pytest.mark.parametrize("guard", ["", MASKS])
async def test_pictures_and_workers_of_a_password_that_is_typed(guard: str, tmp_path: Path) -> None:
    subject = Subject(domain="www.example.com")
    pictures, called = [], set()
    with ExitStack() as stack:
        for patch in GUARDS[guard]() if guard else ():
            stack.enter_context(patch)
        store = stack.enter_context(RecordStore(tmp_path / "data" / "records.db"))
        record = store.add(
            Record(new_id(), subject=subject, key=KeySpec("ECC", "prime256v1"), custody=Custody.TYPED_PROMPT)
        )
        app = CsrTui(store, Vault(backend=MemoryKeyring()), exports=tmp_path)
        async with drive(app) as pilot:
            await pilot.settle()
            await pilot.press("g")
            await pilot.see(NewPassword)
            await pilot.pause()
            assert isinstance(app.screen, NewPassword)
            for field in (app.screen.first, app.screen.second):
                field.focus()
                await pilot.press(*(TYPED.replace(" ", "_")))
                called |= {worker.description for worker in app.workers}
                pictures.append(app.export_screenshot())
            await pilot.press("enter")
            await pilot.until(lambda: store.get(record.id).state is State.GENERATED)
            called |= {worker.description for worker in app.workers}
            await pilot.until(lambda: not isinstance(app.screen, NewPassword))
            pictures.append(app.export_screenshot())

    secrets = {"typed": TYPED.replace(" ", "_")}
    assert "doing what was asked for" in called
    assert heard(secrets, {"workers": " ".join(called).encode()}) == set()
    found = heard(secrets, {f"picture {number}": svg.encode() for number, svg in enumerate(pictures)})
    assert found == ({("typed", "picture 0"), ("typed", "picture 1")} if guard else set())


@pytest.mark.parametrize("guard", ["", MASKS])
async def test_pictures_and_workers_of_a_pin_that_is_typed(guard: str, tmp_path: Path) -> None:
    tried: list[Secret] = []
    pictures, called = [], set()
    with ExitStack() as stack:
        for patch in GUARDS[guard]() if guard else ():
            stack.enter_context(patch)
        store = stack.enter_context(RecordStore(tmp_path / "data" / "records.db"))
        app = CsrTui(store, Vault(backend=MemoryKeyring()), exports=tmp_path)
        async with drive(app) as pilot:
            await pilot.settle()
            window = TokenPin(TOKEN, tried.append)
            await app.push_screen(window)
            await pilot.press(*(TYPED.replace(" ", "_")))
            pictures.append(app.export_screenshot())
            window._use()
            called |= {worker.description for worker in app.workers}
            await pilot.until(lambda: bool(tried))
            await pilot.pause()
            pictures.append(app.export_screenshot())

    secrets = {"typed": TYPED.replace(" ", "_")}
    assert tried == [Secret(secrets["typed"])]
    assert "trying a PIN" in called
    assert heard(secrets, {"workers": " ".join(called).encode()}) == set()
    found = heard(secrets, {f"picture {number}": svg.encode() for number, svg in enumerate(pictures)})
    assert found == ({("typed", "picture 0")} if guard else set())


def undescribed(source: str) -> list[str]:
    """The workers that Textual would call by their arguments, which may be secrets."""
    return [
        function.name
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in function.decorator_list
        if "work" in (getattr(decorator, "id", ""), getattr(getattr(decorator, "func", None), "id", ""))
        and "description" not in {keyword.arg for keyword in getattr(decorator, "keywords", ())}
    ]


def test_every_worker_has_a_description_of_its_own() -> None:
    sources = [path.read_text() for path in Path(csr_tui.ui.__file__).parent.rglob("*.py")]

    assert sum(source.count("@work(") for source in sources) > 5
    assert [name for source in sources for name in undescribed(source)] == []
    assert undescribed("@work\ndef a(): ...\n@work(group='x')\nasync def b(): ...") == ["a", "b"]

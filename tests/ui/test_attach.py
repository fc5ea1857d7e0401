"""Attaching on the screen: from a path, a drop or a paste, shown before it is kept; then exporting for a server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem
from textual import events
from ui.driver import Driver, drive

from csr_tui.core import certificate, csr
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.record import Record, State
from csr_tui.export.targets import TARGETS, program
from csr_tui.lifecycle import attach, generate
from csr_tui.lifecycle.exporting import KeyForm
from csr_tui.ui.dropped_paths import dropped_paths
from csr_tui.ui.screens.attach import AttachScreen
from csr_tui.ui.screens.export import ExportScreen
from csr_tui.ui.screens.export_result import ExportResult
from csr_tui.ui.screens.record import RecordScreen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from csr_tui.storage import RecordStore
    from csr_tui.ui.app import CsrTui
    from csr_tui.vault import Vault

NOW = datetime.now(UTC)
ROOT = Authority("Example Root", now=NOW)
CA = Authority("Example Issuing CA", ROOT, now=NOW)


@pytest.fixture
def generated(store: RecordStore, vault: Vault, draft: Callable[..., Record]) -> Callable[..., Record]:
    return lambda *domain: generate.generate(store, vault, draft(*domain), Custody.RANDOM_KEYRING)


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """What a CA sends for a record, in a file with an odd name."""

    def write(record: Record, *names: str, **how: object) -> Path:
        leaf = CA.issue(csr.read(record.csr or "").public_key, *(names or record.sans), **how)  # type: ignore[arg-type]
        place = tmp_path / f"it's {record.id}.pem"
        place.write_bytes(pem(leaf, CA.certificate, ROOT.certificate))
        return place

    return write


async def opened(pilot: Driver, *keys: str) -> AttachScreen:
    await pilot.settle()
    await pilot.press(*keys)
    return await pilot.see(AttachScreen)


def told(screen: AttachScreen) -> str:
    return str(screen.found.render())


async def test_from_the_desk_the_record_is_found_by_its_key_and_shown_before_it_is_kept(
    app: CsrTui, store: RecordStore, generated: Callable[..., Record], file: Callable[..., Path]
) -> None:
    record = generated("shop.example.com")
    generated("other.example.com")
    place = file(record, "shop.example.com", "www.shop.example.com")

    async with drive(app, size=(100, 40)) as pilot:
        screen = await opened(pilot, "a")
        screen.file.input.value = str(place)
        await pilot.until(lambda: "shop.example.com" in told(screen))
        shown = told(screen)
        assert store.get(record.id).state is State.GENERATED
        await pilot.press("ctrl+s")
        await pilot.see(RecordScreen)

    assert store.get(record.id).state is State.ISSUED
    assert "Example Ltd               ! nothing" in shown
    assert "nothing                   ! www.shop.example.com" in shown
    assert "Example Issuing CA, Example Root (root, left out)" in shown


async def test_enter_in_the_file_reads_it_and_enter_again_attaches_it(
    app: CsrTui, store: RecordStore, generated: Callable[..., Record], file: Callable[..., Path], tmp_path: Path
) -> None:
    record = generated("shop.example.com")
    place = file(record).rename(tmp_path / "shop.pem")

    async with drive(app, size=(80, 24)) as pilot:
        screen = await opened(pilot, "a")
        screen.file.input.value = "/nowhere.pem"
        await pilot.press("enter")
        await pilot.until(lambda: "/nowhere.pem" in str(screen.problem.render()))
        assert screen.file.input.has_focus
        screen.file.input.value = str(place)
        await pilot.press("enter")
        await pilot.until(lambda: screen.found.display and screen.attach_button.has_focus)
        assert store.get(record.id).state is State.GENERATED
        await pilot.press("enter")
        await pilot.see(RecordScreen)

    assert store.get(record.id).state is State.ISSUED


async def test_enter_attaches_at_once_what_is_shown_and_leaves_nothing_to_decide(
    app: CsrTui, store: RecordStore, vault: Vault, draft: Callable[..., Record], file: Callable[..., Path]
) -> None:
    bare = draft("shop.example.com", subject=Subject("shop.example.com"))
    record = generate.generate(store, vault, bare, Custody.RANDOM_KEYRING)
    place = file(record)

    async with drive(app) as pilot:
        screen = await opened(pilot, "a")
        screen.file.input.value = str(place)
        await pilot.until(lambda: screen.found.display)
        await pilot.press("enter")
        await pilot.see(RecordScreen)

    assert store.get(record.id).state is State.ISSUED


async def test_the_page_of_a_record_takes_only_its_own_certificate_and_then_says_issued(
    app: CsrTui, store: RecordStore, generated: Callable[..., Record], file: Callable[..., Path]
) -> None:
    other = generated("other.example.com")
    record = generated("shop.example.com")

    async with drive(app, size=(100, 40)) as pilot:
        screen = await opened(pilot, "enter", "a")
        screen.file.input.value = str(file(other))
        await pilot.until(lambda: f"It belongs to record {other.id}" in str(screen.problem.render()))
        screen.file.input.value = str(file(record))
        await pilot.until(lambda: "valid until" in told(screen))
        assert str(screen.problem.render()) == ""
        await pilot.click("#attach")
        await pilot.see(RecordScreen)
        await pilot.settle()
        assert "issued" in pilot.text("#kept")
        assert f"until      {store.get(record.id).not_after:%Y-%m-%d}" in pilot.text("#facts")


async def test_a_pasted_certificate_is_taken_whichever_field_has_the_focus(
    app: CsrTui, store: RecordStore, generated: Callable[..., Record], file: Callable[..., Path]
) -> None:
    record = generated()
    text = file(record).read_text()

    async with drive(app, size=(100, 40)) as pilot:
        screen = await opened(pilot, "a")
        assert screen.file.input.has_focus
        app.post_message(events.Paste(f"Subject: CN=x\n{text}"))
        await pilot.until(lambda: "valid until" in told(screen))
        assert screen.file.value == ""
        screen.pasted.focus()
        screen.pasted.text = ""
        await pilot.until(lambda: "valid until" not in told(screen))
        screen.pasted.post_message(events.Paste(text))
        await pilot.until(lambda: "valid until" in told(screen))
        screen.pasted.text = ""
        await pilot.pause()
        screen.attach_button.focus()
        screen.attach_button.post_message(events.Paste(text))
        await pilot.until(lambda: "valid until" in told(screen))
        await pilot.press("enter")
        await pilot.see(RecordScreen)

    assert store.get(record.id).state is State.ISSUED


@pytest.mark.parametrize("quoting", ["quoted", "escaped", "address"])
async def test_a_file_dropped_anywhere_becomes_the_file(
    app: CsrTui, generated: Callable[..., Record], file: Callable[..., Path], quoting: str
) -> None:
    place = str(file(generated()))
    text = {
        "quoted": f'"{place}"',
        "escaped": place.replace(" ", "\\ ").replace("'", "\\'"),
        "address": f"file://{place.replace(' ', '%20')}\r\n",
    }[quoting]

    async with drive(app, size=(100, 40)) as pilot:
        screen = await opened(pilot, "a")
        screen.pasted.focus()
        await pilot.pause()
        screen.pasted.post_message(events.Paste(text))
        await pilot.until(lambda: "valid until" in told(screen))

        assert screen.file.value == text.strip()
        assert screen.pasted.text == ""


async def test_what_cannot_be_attached_is_said_and_nothing_typed_is_lost(
    app: CsrTui, store: RecordStore, generated: Callable[..., Record], tmp_path: Path
) -> None:
    record = generated()
    (tmp_path / "request.csr").write_text(record.csr or "")

    async with drive(app, size=(100, 40)) as pilot:
        screen = await opened(pilot, "a")
        for typed, says in (
            ("", "Enter the file from your CA"),
            (str(tmp_path / "none.pem"), "No such file"),
            (str(tmp_path), "is a folder"),
            (str(tmp_path / "request.csr"), "It is a certificate request"),
        ):
            screen.file.input.value = typed
            await pilot.pause()
            await pilot.press("ctrl+s")
            await pilot.until(lambda says=says: says in str(screen.problem.render()))  # type: ignore[misc]
            assert screen.file.value == typed
        await pilot.press("escape")
        await pilot.settle()

    assert store.get(record.id) == record


async def test_the_page_of_a_record_lists_the_certificates_before(
    app: CsrTui, store: RecordStore, generated: Callable[..., Record], file: Callable[..., Path]
) -> None:
    record = generated()
    for start in (-2, -1):
        data = file(record, start=start).read_bytes()
        attach.keep(store, attach.look(store, (attach.Source("www.pem", data),), store.now()))
    (earlier,) = certificate.earlier(store.get(record.id))

    async with drive(app, size=(140, 40)) as pilot:
        await pilot.settle()
        await pilot.press("enter")
        await pilot.see(RecordScreen)
        await pilot.until(lambda: earlier.serial in pilot.text("#facts"))

        assert "Earlier certificates" in pilot.text("#facts")


async def test_only_what_was_shown_is_kept(
    app: CsrTui, generated: Callable[..., Record], file: Callable[..., Path]
) -> None:
    record = generated()
    place = file(record)

    async with drive(app, size=(100, 40)) as pilot:
        screen = await opened(pilot, "a")
        screen.file.input.value = str(place)
        await pilot.until(lambda: "valid until" in told(screen))
        place.write_bytes(pem(CA.certificate))
        await pilot.press("ctrl+s")
        await pilot.until(lambda: "add the file with your own" in str(screen.problem.render()))

        assert isinstance(app.screen, AttachScreen)


async def test_the_export_screen_shows_each_targets_files_and_lines_and_why_one_cannot_be(
    app: CsrTui,
    store: RecordStore,
    generated: Callable[..., Record],
    file: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(program, "which", lambda _: None)
    record = generated()

    async with drive(app, size=(100, 40)) as pilot:
        await pilot.settle()
        await pilot.press("e")
        before = await pilot.see(ExportScreen)
        assert before.target.value == "pem"
        before.target.focus()
        await pilot.press("down")
        await pilot.until(lambda: "This record has no certificate yet" in str(before.files.render()))
        await pilot.press("escape")
        await pilot.settle()

        screen = await opened(pilot, "a")
        screen.file.input.value = str(file(record))
        await pilot.until(lambda: "valid until" in told(screen))
        await pilot.press("ctrl+s")
        await pilot.see(RecordScreen)
        await pilot.settle()
        await pilot.press("e")
        export = await pilot.see(ExportScreen)
        assert export.target.value == "nginx"
        assert "ssl_password_file" in pilot.texts
        assert "0600  www.example.com.key" in str(export.files.render())
        export.target.focus()
        await pilot.press("h")
        await pilot.until(lambda: "bind :443" in pilot.texts)
        assert export.form.value is KeyForm.CLEAR
        export.folder.input.value = str(tmp_path / "out")
        await pilot.pause()
        await pilot.click("#export")
        await pilot.see(ExportResult)
        said = pilot.texts

    assert "✓ proven: TLS handshake" in said
    assert "  not proven: haproxy -c: haproxy is not installed here" in said
    assert "✓ not proven" not in said
    assert "BEGIN PRIVATE KEY" in (tmp_path / "out" / "www.example.com.haproxy.pem").read_text()


def test_no_form_of_the_key_is_offered_that_its_target_refuses(draft: Callable[..., Record]) -> None:
    from csr_tui.lifecycle import exporting
    from csr_tui.lifecycle.export_options import forms

    for custody in (Custody.RANDOM_KEYRING, Custody.NONE_KEYRING):
        record = draft(f"{custody.name[0]}.example.com", custody=custody)
        for target in TARGETS.values():
            offered = forms(target, own=custody.has_password)
            assert offered
            for one in offered:
                exporting.check_form(record, target, one.value, new_password=one.value is KeyForm.ENCRYPTED)


@pytest.mark.parametrize(
    "text", ["", "   ", "hello", "/nonexistent", "-----BEGIN CERTIFICATE-----", "'", "a\0b", "x" * 9000]
)
def test_other_texts_are_no_dropped_files(text: str) -> None:
    assert dropped_paths(text) == ()


def test_several_files_are_dropped_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = (tmp_path / "a b.pem", tmp_path / "c.pem")
    for place in places:
        place.write_text("x")

    assert dropped_paths(f"'{places[0]}' {places[1]}") == places
    assert dropped_paths(f"{places[0]}\n{places[1]}\n") == places
    monkeypatch.setenv("HOME", str(tmp_path))
    assert dropped_paths("~/c.pem") == places[1:]
    assert dropped_paths(f"{places[1]} /nonexistent") == ()

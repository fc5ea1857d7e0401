"""Exporting a record at a plain terminal: for which program, where to, and how its key leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from csr_tui.cli import advice, exporting, output
from csr_tui.cli.ask.dialogue import CURRENT, Dialogue, GoBack, InputEnded, Stop, described, under_way
from csr_tui.cli.context import Context
from csr_tui.core.questions import Option
from csr_tui.core.record import Record
from csr_tui.errors import CsrTuiError, FileError, PasswordError
from csr_tui.export.targets import TARGETS
from csr_tui.lifecycle import export_options, passwords
from csr_tui.lifecycle.exporting import ExportRequest, KeyForm, check, export, preflight
from csr_tui.paths import absolute
from csr_tui.storage import RecordStore

Step: TypeAlias = Callable[[RecordStore, Dialogue, Record, ExportRequest], ExportRequest]

FOLDER = "The folder for the files; it is created if its parent exists. Files that differ are kept unless you agree."
TARGET = "The kind of program that loads the files."
FORM = "Whether the exported key is encrypted."
REPLACE = "Replace files that differ? A replaced key is kept as .bak."


def offer(context: Context, store: RecordStore, dialogue: Dialogue, record: Record) -> None:
    """Export a record that was just generated, where the person wants it; it is safe in the store whatever they do."""
    try:
        if dialogue.agrees("Export the files now?", usual=True, about=FOLDER):
            export_record(context, store, dialogue, record)
    except CsrTuiError as error:
        output.say(f"error: {advice.sentence(error)}")
    except (GoBack, Stop, InputEnded):
        pass


def export_record(context: Context, store: RecordStore, dialogue: Dialogue, record: Record) -> None:
    """Ask, write and report; where a folder cannot take the files, ask again."""
    check(record)
    request = _for_target(record, ExportRequest(context.paths.exports), export_options.targets((record,))[1].name)
    while True:
        request = _asked(store, dialogue, record, request)
        if len(forms := _forms(record, request)) == 1:
            output.say(f"Exported key: {described(forms[0])}")
        try:
            preflight(store, record, request, new_password=request.export_password is not None)
        except FileError as error:
            output.say(f"error: {advice.sentence(error)}")
            continue
        try:
            with under_way("Exporting the files"):
                exported = export(store, context.vault, record, request)
        except FileError as error:
            output.say(f"error: {advice.sentence(error)}")
            if not dialogue.agrees(REPLACE, usual=False, about=FOLDER):
                continue
            exported = export(store, context.vault, record, replace(request, replace=True))
        exporting.report(exported)
        return


def _asked(store: RecordStore, dialogue: Dialogue, record: Record, request: ExportRequest) -> ExportRequest:
    """The request with the answer to every question; `<` leads to the one before."""
    at = 0
    while at < len(steps := tuple(_steps(record, request))):
        try:
            request = steps[at](store, dialogue, record, request)
            at += 1
        except GoBack:
            if at == 0:
                raise
            at -= 1
    return request


def _steps(record: Record, request: ExportRequest) -> Iterator[Step]:
    """The questions that this request needs."""
    yield _ask_target
    yield _ask_folder
    if len(_forms(record, request)) > 1:
        yield _ask_form
    if record.custody.held_by_person:
        yield _ask_current
    if request.form is KeyForm.ENCRYPTED:
        yield _ask_export_password


def _ask_target(_: RecordStore, dialogue: Dialogue, record: Record, request: ExportRequest) -> ExportRequest:
    options, _first = export_options.targets((record,))
    name = dialogue.choose("Program", options, request.target.name, about=TARGET)
    return request if name == request.target.name else _for_target(record, request, name)


def _ask_folder(_: RecordStore, dialogue: Dialogue, __: Record, request: ExportRequest) -> ExportRequest:
    while True:
        text = dialogue.text("Folder", str(request.folder), about=FOLDER)
        if text is None:
            return request
        if text:
            return replace(request, folder=absolute(text))
        output.say("error: Folder: Type a folder, such as ~/certificates.")


def _ask_form(_: RecordStore, dialogue: Dialogue, record: Record, request: ExportRequest) -> ExportRequest:
    form = dialogue.choose("Exported key", _forms(record, request), request.form, about=FORM)
    return replace(request, form=form, export_password=None)


def _ask_current(store: RecordStore, dialogue: Dialogue, record: Record, request: ExportRequest) -> ExportRequest:
    while True:
        typed = dialogue.secret("Key password", about=CURRENT)
        try:
            if typed is None:
                raise PasswordError("You hold the password of this key yourself.")
            passwords.prove(store, record, typed)
        except PasswordError as error:
            output.say(f"error: {advice.sentence(error)}")
        else:
            return replace(request, password=typed)


def _ask_export_password(_: RecordStore, dialogue: Dialogue, record: Record, request: ExportRequest) -> ExportRequest:
    avoid = (record.subject.domain, record.subject.organization)
    password, _insists = dialogue.new_password("Password for these files", avoid=avoid)
    return replace(request, export_password=password)


def _for_target(record: Record, request: ExportRequest, name: str) -> ExportRequest:
    """The same for another target, with the form that is usual there."""
    request = replace(request, target=TARGETS[name], export_password=None)
    return replace(request, form=_forms(record, request)[0].value)


def _forms(record: Record, request: ExportRequest) -> tuple[Option[KeyForm], ...]:
    return export_options.forms(request.target, own=record.custody.has_password, on_token=record.token is not None)

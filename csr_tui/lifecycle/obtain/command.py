"""A command as CA: run once for a record, journalled before, and never again by itself."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from datetime import datetime
from io import FileIO
from pathlib import Path

from csr_tui import access, files, placing
from csr_tui.core.ca import CA
from csr_tui.core.findings import InvalidError
from csr_tui.core.order import CertificateOrder, OrderStage
from csr_tui.core.record import Record, State
from csr_tui.core.secret import Environ
from csr_tui.core.text import first_invisible
from csr_tui.errors import (
    CsrTuiError,
    Fact,
    FileError,
    Hint,
    NotFoundError,
    RefusedError,
    StateError,
    UnknownOutcomeError,
    UsageError,
)
from csr_tui.lifecycle import attach, webroot
from csr_tui.lifecycle.attach import Offer, Source
from csr_tui.lifecycle.obtain import running
from csr_tui.lifecycle.steps import Point, Reached
from csr_tui.storage import Intent, RecordStore, run_files

LIMIT = 300.0
"""Seconds that a command has."""

CSR, OUT = "{csr}", "{out}"
OURS = "TENCENTCLOUD_"

_SPACES = str.maketrans("\t\n", "  ")
"""What a script in a command may contain."""


def split(command: str) -> tuple[str, ...]:
    """The words of a command; UsageError where they are none, hide something, or lack a place for the CSR."""
    if hidden := first_invisible(command.translate(_SPACES)):
        raise UsageError(f"The command contains an invisible character (U+{ord(hidden):04X}).")
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"The command cannot be split into words: {error}.") from error
    if not words or not words[0]:
        raise UsageError("The command has no program.")
    if CSR not in command:
        raise UsageError(f"The command has no {CSR}, which is replaced by the path of the CSR.")
    return words


def check(record: Record) -> None:
    """StateError where a record cannot be taken to a CA."""
    if record.state is State.ISSUED:
        raise StateError(f"Record {record.id} already has a certificate.", hint=Hint.RENEW, record=record.id)
    attach.check(record)


def obtain(
    store: RecordStore,
    record: Record,
    ca: CA,
    *,
    environ: Environ,
    now: Callable[[], datetime],
    limit: float = LIMIT,
    show: Callable[[str], None] = lambda _: None,
    reached: Reached = lambda _: None,
) -> Offer:
    """Run the CA's command for a record, and attach what it returns; a run whose outcome is open is only settled.

    RefusedError: the command did not start. UnknownOutcomeError: it did not end well, or returned something else.
    `show` gets its messages.
    """
    check(record)
    order = store.orders.get(record.id)
    if order is not None and order.may_have_issued:
        return settle(store, order, now())
    words = split(ca.command or "")
    intent = store.begin(record, "obtain", None)
    try:
        reached(Point.INTENT)
        request, out = run_files.prepare(store.path, record.id, record.csr or "")
        words = tuple(word.replace(CSR, str(request)).replace(OUT, str(out)) for word in words)
        store.cas.choose(record.id, ca.name)
        if order is None or order.stage is not OrderStage.INTENT:
            order = store.orders.put(CertificateOrder(record.id, OrderStage.INTENT, ca.name))
        order = store.orders.put(order.finalising(now()))
        reached(Point.RUNNING)
        try:
            why = _run(words, environ, limit, out, show, separate=OUT in (ca.command or ""))
        except running.NotStartedError as error:
            refused = f"The command of {ca.name} did not start ({words[0]}: {error})."
            store.orders.put(order.refused(refused))
            raise RefusedError(refused) from error
        reached(Point.RUN)
        if why:
            raise _unknown(store, order, f"The command {why}.")
        offer = _attach(store, order, intent, now())
    except BaseException:
        store.abandon(intent)
        raise
    reached(Point.COMMITTED)
    return offer


def settle(store: RecordStore, order: CertificateOrder, now: datetime) -> Offer:
    """Attach what a command has returned; UnknownOutcomeError where that is no certificate of the record."""
    intent = store.begin(store.get(order.record_id), "obtain", None)
    try:
        return _attach(store, order, intent, now)
    except BaseException:
        store.abandon(intent)
        raise


def reconcile(store: RecordStore, now: datetime) -> tuple[tuple[Record, Fact | CsrTuiError], ...]:
    """Settle every run whose outcome is open, as far as what it returned allows; nothing is run again."""
    settled: list[tuple[Record, Fact | CsrTuiError]] = []
    for order in store.orders.open():
        if order.directory is not None:
            continue
        record = store.get(order.record_id)
        outcome: Fact | CsrTuiError = Fact(f"Record {record.id} has its certificate.")
        try:
            settle(store, order, now)
        except CsrTuiError as error:
            outcome = error
        settled.append((store.get(record.id), outcome))
    return tuple(settled)


def give_up(store: RecordStore, record: Record) -> Record:
    """Let a record be taken to a CA once more; a certificate that was issued for it all the same can be attached."""
    order = store.orders.get(record.id)
    if order is None or order.stage is OrderStage.CONFIRMED:
        raise StateError("This record has no open order and no run to give up.")
    store.orders.drop(record.id)
    webroot.remove(order.files)
    run_files.forget(store.path, record.id)
    return store.get(record.id)


def _run(
    words: tuple[str, ...], environ: Environ, limit: float, out: Path, show: Callable[[str], None], *, separate: bool
) -> str:
    """Run it to its end; why its outcome is unknown. `separate`: its standard output is no certificate."""
    messages = bytearray()
    if separate:
        ended = running.run(words, _given(environ), limit, messages.extend)
    else:
        with _opened(out) as file:
            ended = running.run(words, _given(environ), limit, lambda data: placing.write_all(file.fileno(), data))
    for text in (ended.messages, messages[-running.TAIL :].decode("utf-8", "replace").strip()):
        if text:
            show(text)
    return ended.why


def _opened(out: Path) -> FileIO:
    try:
        return open(out, "xb", buffering=0, opener=run_files.private)
    except OSError as error:
        why = access.reason(out, error)
        raise running.NotStartedError(f"the file for its output cannot be created: {why}") from error


def _given(environ: Environ) -> Mapping[str, str]:
    """The variables that the command gets: none that is a secret of ours."""
    return {name: value for name, value in environ.items() if isinstance(value, str) and not name.startswith(OURS)}


def _attach(store: RecordStore, order: CertificateOrder, intent: Intent, now: datetime) -> Offer:
    """Attach what the command returned, judged as any file; its order is unknown where that does not pass."""
    out = run_files.certificate(store.path, order.record_id)
    try:
        returned = files.read_file(out, running.MOST) if files.is_there(out) else b""
        if not returned.strip():
            raise _unknown(store, order, order.message or "The command returned no certificate.")
        source = Source("its output", returned)
        offer = attach.look(store, (source,), now, record=store.get(order.record_id))
    except (FileError, InvalidError, StateError, NotFoundError) as error:
        raise _unknown(store, order, f"The command returned no usable certificate: {error}") from error
    record, root = attach.issued(offer)
    store.complete_obtain(intent, record, order.confirmed(), root=root)
    run_files.forget(store.path, order.record_id)
    return offer


def _unknown(store: RecordStore, order: CertificateOrder, why: str) -> UnknownOutcomeError:
    """The error for a run whose outcome is open, which is journalled, with the next step."""
    order = store.orders.put(order.unknown(why))
    return UnknownOutcomeError(
        f"{why} The CA {order.ca} may have issued a certificate, so the command is not run again.",
        hint=Hint.GIVE_UP,
        record=order.record_id,
    )

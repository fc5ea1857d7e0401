"""Every screen and window there is, each opened as its flow opens it, on a full desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.notifications import Notification
from ui.test_looks import RECORDS, WINDOWS

from csr_tui.core.custody import Custody
from csr_tui.lifecycle import generate
from csr_tui.lifecycle.batch import apply
from csr_tui.lifecycle.batch.generate_many import BatchOptions
from csr_tui.storage import Query
from csr_tui.ui.context import DeskContext
from csr_tui.ui.screens.attach import AttachScreen
from csr_tui.ui.screens.export import ExportMany, ExportScreen
from csr_tui.ui.screens.keyring import KeyringFailed
from csr_tui.ui.screens.narrow import Narrow
from csr_tui.ui.screens.password import CurrentPassword, NewPassword
from csr_tui.ui.screens.picker import Picker
from csr_tui.ui.screens.profiles import ProfileName
from csr_tui.ui.screens.questions import Confirm, Help, Messages, Notes, Text
from csr_tui.ui.screens.record import PlainText, RecordScreen
from csr_tui.ui.screens.table import TableScreen
from csr_tui.ui.screens.table_dialogs import AskFile, Make, Mend
from csr_tui.ui.screens.tencent.submission_results import ReconcileResults
from csr_tui.ui.screens.wizard.pages import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from csr_tui.core.record import Record, WizardStep
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

LONG = "\n".join(f"line {number}" for number in range(60))
TABLE = "Domain,EncryptAlgo,Country\na.example.com,ECC,CN\nc_d.example.com,ECC,CN\n"


def step(name: WizardStep, record: Record) -> Callable[[RecordStore, Vault], Screen[Any]]:
    today = datetime.now(UTC).date()
    return lambda _, vault: page(record, name, vault=vault, seen=frozenset(type(name)), today=today)


def made(store: RecordStore, vault: Vault) -> Record:
    return generate.generate(store, vault, store.add(replace(RECORDS[3], id="made000001")), Custody.RANDOM_KEYRING)


def rows(kind: str) -> Callable[[RecordStore, Vault], Screen[Any]]:
    def build(store: RecordStore, vault: Vault) -> Screen[Any]:
        del vault
        path = Path("rows.csv")
        path.write_text(TABLE)
        source = apply.read(path)
        plan = apply.plan(store, source, BatchOptions(), progress=lambda *_: None)
        if kind == "many":
            return TableScreen(store, path, source, plan, Path("/srv/tls"))
        return Mend(source, plan.rows[1]) if kind == "mend" else Make(1, 1, path, Path("/srv/tls"))

    return build


WRONG = replace(
    RECORDS[3],
    subject=replace(RECORDS[3].subject, domain="*.shop_1.local", country="Germny", organization="O" * 70, email="a@b"),
    key_file="/nowhere",
)

STEPS: dict[str, Callable[[RecordStore, Vault], Screen[Any]]] = {
    f"{one}{'-wrong' if wrong else ''}": step(one, WRONG if wrong else RECORDS[3])
    for one in type(RECORDS[0].step)
    for wrong in (False, True)
}
PLAIN: dict[str, Callable[[RecordStore, Vault], Screen[Any]]] = {
    **STEPS,
    "record": lambda store, vault: RecordScreen(
        made(store, vault), DeskContext(store, vault, Path("exports"), {}), now=store.now, fresh=True
    ),
    "plain": lambda *_: PlainText(LONG),
    "many": rows("many"),
}
DIALOGS: dict[str, Callable[[RecordStore, Vault], Screen[Any]]] = {
    "mend": rows("mend"),
    "make": rows("make"),
    "attach": lambda store, _: AttachScreen(store, None),
    "export": lambda store, vault: ExportScreen(store, vault, made(store, vault), Path("/srv/tls")),
    "export-many": lambda store, vault: ExportMany((made(store, vault), RECORDS[0]), Path("/srv/tls")),
    "file": lambda *_: AskFile(),
    "filter": lambda *_: Narrow(Query(), datetime.now(UTC)),
    "found": lambda *_: ReconcileResults(()),
    "new-password": lambda *_: NewPassword(),
    "password": lambda *_: CurrentPassword("You hold the password of this key."),
    "profile-name": lambda *_: ProfileName("Subject and key choices are saved."),
    "confirm": lambda *_: Confirm("Delete?", LONG, yes="Delete"),
    "question": lambda *_: Confirm("Generate", LONG, yes="Generate", risky=False),
    "help": lambda *_: Help(RecordScreen.HELP, [(f"k{number}", "does something") for number in range(40)]),
    "notes": lambda *_: Notes(RECORDS[3]),
    "messages": lambda *_: Messages([Notification(f"Message {number}.") for number in range(30)]),
    "picker": lambda *_: Picker(Path("/usr/bin"), "What your CA sent"),
    "text": lambda *_: Text("Exported", LONG),
    "keyring-failed": lambda *_: KeyringFailed("The keyring is locked."),
}
for _name, _build in WINDOWS.items():
    (PLAIN if _name in {"submit", "submit-no-key", "remote"} else DIALOGS)[_name] = lambda *_, build=_build: build()
SCREENS = PLAIN | DIALOGS

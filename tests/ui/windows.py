"""Every screen and window there is, each opened as its flow opens it, on a full desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support import MemoryKeyring
from textual.notifications import Notification
from ui.test_looks import RECORDS

from csr_tui.core.ca import CA
from csr_tui.core.csr import Difference
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.order import CertificateOrder, NameProof, OrderStage
from csr_tui.core.record import Record, State, new_id
from csr_tui.core.secret import Secret
from csr_tui.core.submission import Stage, Submission
from csr_tui.core.token_uri import TokenUri
from csr_tui.export.targets.target import Snippet
from csr_tui.lifecycle import generate
from csr_tui.lifecycle.batch import apply
from csr_tui.lifecycle.batch.generate_many import BatchOptions
from csr_tui.lifecycle.tencent import account
from csr_tui.lifecycle.tencent.account_requests import ListedRequest, Listing
from csr_tui.storage import Query
from csr_tui.tencent.inventory import RemoteRequest
from csr_tui.token import Module, Pin, Token
from csr_tui.ui import advice
from csr_tui.ui.context import DeskContext, no_tokens
from csr_tui.ui.menu_entries import MenuEntry
from csr_tui.ui.screens.attach import AttachScreen
from csr_tui.ui.screens.dialogs import Confirm, Messages, Notes, Text
from csr_tui.ui.screens.export import ExportMany, ExportScreen
from csr_tui.ui.screens.export_result import ExportResult
from csr_tui.ui.screens.filter import FilterDialog
from csr_tui.ui.screens.keyring import KeyringFailure, KeyringScreen, WithoutKeyring
from csr_tui.ui.screens.menu import Menu
from csr_tui.ui.screens.obtain.ca_list import CAList, ChooseKind
from csr_tui.ui.screens.obtain.choose_ca import ChooseCA
from csr_tui.ui.screens.obtain.choose_proof import ChooseProof
from csr_tui.ui.screens.obtain.new_ca import NewCommandCA, NewDirectoryCA
from csr_tui.ui.screens.obtain.obtain_results import RunUnknown
from csr_tui.ui.screens.obtain.order_page import OrderPage
from csr_tui.ui.screens.password import CurrentPassword, NewPassword
from csr_tui.ui.screens.picker import Picker
from csr_tui.ui.screens.profiles import Edit, ProfileName, Profiles
from csr_tui.ui.screens.protect import ProtectScreen
from csr_tui.ui.screens.record import PlainText, RecordScreen
from csr_tui.ui.screens.renew import Renew
from csr_tui.ui.screens.reveal_password import RevealPassword
from csr_tui.ui.screens.table import TableScreen
from csr_tui.ui.screens.table_dialogs import AskFile, Make, Mend
from csr_tui.ui.screens.tencent.account import AccountScreen
from csr_tui.ui.screens.tencent.remote import RemoteScreen
from csr_tui.ui.screens.tencent.submission_results import Differences, OutcomeUnknown, ReconcileResults
from csr_tui.ui.screens.tencent.submit import SubmitScreen
from csr_tui.ui.screens.token_pin import TokenPin
from csr_tui.ui.screens.wizard.pages import page
from csr_tui.vault import Vault

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
    return lambda _, vault: page(record, name, vault=vault, tokens=no_tokens, seen=frozenset(type(name)), today=today)


TOKEN = Token(
    TokenUri("Office", "5f1c3a9e"), Module("opensc", Path("opensc-pkcs11.so")), Pin.FINAL_TRY, False, True, ()
)


def made(store: RecordStore, vault: Vault) -> Record:
    return generate.generate(store, vault, store.add(replace(RECORDS[3], id=new_id())), Custody.RANDOM_KEYRING)


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


MADE = Record(
    "made000000",
    state=State.GENERATED,
    subject=Subject("www.example.com"),
    has_key=True,
    custody=Custody.RANDOM_KEYRING,
)
LOST = Submission(
    "mail000000",
    Stage.UNKNOWN,
    "https://ssl.intl.tencentcloudapi.com",
    "account",
    "[csr-tui mail]",
    message="No answer.",
)
RUN = CertificateOrder("made000000", OrderStage.UNKNOWN, "corp", message="The command ended with status 3.")
ORDER = replace(
    RUN,
    stage=OrderStage.ORDERED,
    directory="https://ca.example.com/directory",
    url="https://ca.example.com/order/1",
    proofs=tuple(
        NameProof(f"{n}.example.com", "http-01", "P" * 90, "V" * 90, "url", note="N " * 60, folder="/srv/www")
        for n in "abc"
    ),
)
LISTING = Listing(
    120,
    tuple(
        ListedRequest(
            RemoteRequest(
                7000 + number,
                replace(RECORDS[0].subject, domain=domain),
                RECORDS[0].key,
                "For the shop",
                status,
                "2026-11-20 08:00:00",
                "request",
            ),
            here,
        )
        for number, (domain, status, here) in enumerate(
            (("mail.example.com", 0, "mail000000"), ("xn--caf-dma.example.org", 1, None), ("shop.example.com", 1, None))
        )
    ),
)

ANSWERS: dict[str, Callable[[], Screen[Any]]] = {
    "profiles": lambda: Profiles(
        {"acme": "public, Acme GmbH, Bonn, DE, ECC, prime256v1", "lab": "private, ED25519"}, "acme", "mail.example.com"
    ),
    "profile": lambda: Edit("acme", {"organization": "Acme GmbH", "country": "DE"}),
    "renew": lambda: Renew(RECORDS[0], "was made on 2026-05-11 (196 days ago)"),
    "submit": lambda: SubmitScreen((RECORDS[0],), "international", "", "Tencent Cloud"),
    "submit-no-key": lambda: SubmitScreen(RECORDS, "", advice.sentence(account.MISSING), "Tencent Cloud"),
    "account": lambda: AccountScreen(Vault(), "in the keyring"),
    "differences": lambda: Differences(
        (
            Difference("department", "IT", ""),
            Difference("sans", "mail.example.com", ""),
            Difference("signature", "SHA-256", "SHA-1"),
        ),
        "Tencent Cloud",
    ),
    "lost": lambda: OutcomeUnknown(
        replace(RECORDS[0], submission=LOST), "It may still arrive. Look again later.", may_decide=True
    ),
    "remote": lambda: RemoteScreen(lambda _offset, _limit: LISTING, "international", "Tencent Cloud"),
    "keyring": lambda: KeyringScreen(Vault(backend=MemoryKeyring())),
    "without-keyring": lambda: WithoutKeyring(
        "There is no OS keyring here that can be reached (no Secret Service on this D-Bus session).",
        Custody.RANDOM_KEYRING,
    ),
    "protect": lambda: ProtectScreen(MADE),
    "reveal-password": lambda: RevealPassword("www.example.com", Secret("shown to whoever looks"), clock=lambda: 0),
}
"""What only an answer of Tencent Cloud or a keyring brings up, shown as if there were one."""

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
    "order": lambda *_: OrderPage(
        MADE, ORDER, lambda: replace(MADE, order=ORDER), NotImplemented, lambda: datetime.now(UTC), "Wrong."
    ),
    "record": lambda store, vault: RecordScreen(
        made(store, vault), DeskContext(store, vault, Path("exports"), {}), now=store.now, fresh=True
    ),
    "plain": lambda *_: PlainText(LONG),
    "many": rows("many"),
}
ENTRIES = [MenuEntry("Request", f"k{n}", "Do", "does something", f"do({n})") for n in range(40)]
DIALOGS: dict[str, Callable[[RecordStore, Vault], Screen[Any]]] = {
    "mend": rows("mend"),
    "make": rows("make"),
    "attach": lambda store, _: AttachScreen(store, None),
    "choose-ca": lambda *_: ChooseCA(MADE, [CA(f"corp{n}", command=f"sign --with {LONG}") for n in range(9)]),
    "cas": lambda *_: CAList([CA(f"corp{n}", command=f"sign {n}", custody=None) for n in range(20)]),
    "choose-proof": lambda *_: ChooseProof(ORDER),
    "cas-none": lambda *_: CAList(()),
    "new-ca": lambda *_: ChooseKind(),
    "new-command": lambda *_: NewCommandCA(NotImplemented),
    "new-directory": lambda *_: NewDirectoryCA(NotImplemented, name="", directory="", without_keyring="None here."),
    "obtain-unknown": lambda *_: RunUnknown(MADE, RUN, [LONG], NotImplemented),
    "export": lambda store, vault: ExportScreen(store, vault, made(store, vault), Path("/srv/tls")),
    "export-many": lambda store, vault: ExportMany((made(store, vault), RECORDS[0]), Path("/srv/tls")),
    "file": lambda *_: AskFile(),
    "filter": lambda *_: FilterDialog(Query(), datetime.now(UTC)),
    "found": lambda *_: ReconcileResults(()),
    "new-password": lambda *_: NewPassword(),
    "password": lambda *_: CurrentPassword("You hold the password of this key."),
    "token-pin": lambda *_: TokenPin(TOKEN, lambda _: None),
    "profile-name": lambda *_: ProfileName("Subject and key choices are saved."),
    "confirm": lambda *_: Confirm("Delete?", LONG, yes="Delete"),
    "question": lambda *_: Confirm("Generate", LONG, yes="Generate", risky=False),
    "help": lambda *_: Menu(RecordScreen.HELP, ENTRIES),
    "notes": lambda *_: Notes(RECORDS[3]),
    "messages": lambda *_: Messages([Notification(f"Message {number}.") for number in range(30)]),
    "picker": lambda *_: Picker(Path("/usr/bin"), "Path"),
    "text": lambda *_: Text("Exported", LONG),
    "exported": lambda *_: ExportResult(["In /srv:"], Snippet(tuple(LONG.splitlines())), ["✓ it loads"]),
    "keyring-failed": lambda *_: KeyringFailure("The keyring is locked."),
}
for _name, _build in ANSWERS.items():
    (PLAIN if _name in {"submit", "submit-no-key", "remote"} else DIALOGS)[_name] = lambda *_, build=_build: build()
SCREENS = PLAIN | DIALOGS

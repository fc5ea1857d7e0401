"""Every action that a person can ask for, the key of each, and what shows once it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import NamedTuple

from textual.binding import Binding
from textual.message import Message

from csr_tui.core.record import Record, WizardStep


class Action(StrEnum):
    """What can be done to records, or to what is beside them."""

    OPEN = auto()
    APPLY = auto()
    COPY = auto()
    RENEW = auto()
    NOTES = auto()
    DELETE = auto()
    RESTORE = auto()
    GENERATE = auto()
    CHALLENGE = auto()
    PASSWORD = auto()
    PROTECT = auto()
    KEYRING = auto()
    ATTACH = auto()
    OBTAIN = auto()
    CAS = auto()
    EXPORT = auto()
    CLIP = auto()
    SAVE = auto()
    SUBMIT = auto()
    RECONCILE = auto()
    LOOK = auto()
    REMOTE = auto()
    PROFILES = auto()
    SETTINGS = auto()


REQUEST, CERTIFICATE, KEY, CLOUD = "Request", "Certificate", "Key", "Tencent Cloud"

KEYS: Mapping[Action, tuple[str, str, str, str]] = {
    Action.OPEN: ("enter", "Open", "Open the record under the cursor", REQUEST),
    Action.GENERATE: ("g", "Generate", "Generate the key and the CSR of this draft", REQUEST),
    Action.CHALLENGE: ("h", "Challenge", "Generate with the challenge password that your CA requires", REQUEST),
    Action.SUBMIT: ("t", "Tencent", "Have Tencent Cloud generate the key and the CSR", CLOUD),
    Action.ATTACH: ("a", "Attach", "Attach the certificate that a CA sent", CERTIFICATE),
    Action.OBTAIN: ("ctrl+o", "Obtain", "Send the CSR to a CA, and attach the certificate that it issues", CERTIFICATE),
    Action.CAS: ("f4", "CAs", "List, add or remove the CAs that requests are sent to", CERTIFICATE),
    Action.EXPORT: ("e", "Export", "Write key, CSR and certificate as files", CERTIFICATE),
    Action.RENEW: ("x", "Renew", "Create a draft to renew this, with a new key or the same key", CERTIFICATE),
    Action.CLIP: ("c", "Copy", "Copy the certificate, or the CSR if there is none", REQUEST),
    Action.SAVE: ("s", "Save", "Save the CSR to a file", REQUEST),
    Action.PASSWORD: ("w", "Password", "Show the key's password", KEY),
    Action.PROTECT: ("k", "Key", "Change the key's password or who holds it", KEY),
    Action.NOTES: ("r", "Remark", "Edit the remark and the tags", REQUEST),
    Action.COPY: ("y", "Duplicate", "Create a draft with the same values", REQUEST),
    Action.DELETE: ("d,delete", "Delete", "Move to the trash; U restores it", REQUEST),
    Action.RESTORE: (
        "u",
        "Restore",
        ("Restore this record from the trash; outside the trash, the records deleted last"),
        REQUEST,
    ),
    Action.APPLY: ("m", "Many", "Create requests in bulk from a table", REQUEST),
    Action.PROFILES: ("p", "Profiles", "Choose the values that new requests start with", REQUEST),
    Action.REMOTE: ("b", "Browse", "List the account's requests at Tencent Cloud", CLOUD),
    Action.RECONCILE: ("l", "Look up", "Check submissions and orders that got no reply", CLOUD),
    Action.SETTINGS: ("i", "API key", "Enter, change or remove the Tencent Cloud API key", CLOUD),
    Action.KEYRING: ("v", "Keyring", "Show the state of the keyring; unlock it", KEY),
}
"""Action -> its keys, the same on every screen, its label, what it does, and its group in the menu."""


# How many records an action takes, where that is not one, and what can be done to those in the trash.
TAKE_NONE = {Action.ATTACH, Action.CAS, Action.APPLY, Action.REMOTE, Action.RECONCILE, Action.SETTINGS, Action.KEYRING}
TAKE_MANY = {Action.GENERATE, Action.SUBMIT, Action.EXPORT, Action.DELETE, Action.RESTORE}
OF_TRASHED = {Action.RESTORE, Action.COPY, Action.PROFILES}
ASK_PASSWORD = {Action.GENERATE, Action.CHALLENGE, Action.SUBMIT}
"""What may ask for a password of a draft, and is asked for where its fields are."""


def trigger(action: Action) -> str:
    """What a screen binds to the keys of an action."""
    return f"ask('{action}')"


def bindings(screen: str, shown: tuple[Action, ...], hidden: tuple[Action, ...]) -> tuple[Binding, ...]:
    """Those of a screen, whose `action_ask` gets the action's name; its last line has those that are `shown`."""
    return tuple(
        Binding(keys, trigger(action), label, show=action in shown, id=f"{screen}.{action}", tooltip=tooltip)
        for action in (*shown, *hidden)
        for keys, label, tooltip, _ in (KEYS[action],)
    )


@dataclass
class NewRequested(Message):
    """A new request is asked for, by any screen."""


@dataclass
class ActionRequested(Message):
    """An action on records, asked for by any screen; `flows.flow_of` knows what it is, and how many it takes."""

    action: Action
    records: tuple[Record, ...] = ()


@dataclass
class RecordChanged(Message):
    """What went on in the background, or under a window, has changed the record of this id."""

    record_id: str


class Destination(Enum):
    """Where the person goes on."""

    HERE = "here"
    DESK = "desk"
    PAGE = "page"
    WIZARD = "wizard"


class Next(NamedTuple):
    """What shows once an action is over: `record`, as it is now, on the screen that `destination` names.

    `step` is the wizard's; `fresh` says that the record was just made; `deleted` are ids that U brings back.
    """

    destination: Destination = Destination.HERE
    record: Record | None = None
    step: WizardStep | None = None
    fresh: bool = False
    deleted: tuple[str, ...] = ()

"""Every action that a person can ask for, and what shows once it is done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

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
    GENERATE = auto()
    PASSWORD = auto()
    PROTECT = auto()
    KEYRING = auto()
    ATTACH = auto()
    EXPORT = auto()
    SAVE = auto()
    SUBMIT = auto()
    RECONCILE = auto()
    LOOK = auto()
    REMOTE = auto()
    PROFILES = auto()
    SETTINGS = auto()


@dataclass
class ActionRequested(Message):
    """An action on records, asked for by any screen; `flows.flow_of` knows what it is, and how many it takes."""

    action: Action
    records: tuple[Record, ...] = ()


class Destination(Enum):
    """Where the person goes on."""

    HERE = "here"
    DESK = "desk"
    PAGE = "page"
    WIZARD = "wizard"


@dataclass(frozen=True, slots=True)
class Next:
    """What shows once an action is over: `record`, as it is now, on the screen that `destination` names.

    `step` is the wizard's; `fresh` says that the record was just made; `deleted` are ids that U brings back.
    """

    destination: Destination = Destination.HERE
    record: Record | None = None
    step: WizardStep | None = None
    fresh: bool = False
    deleted: tuple[str, ...] = ()

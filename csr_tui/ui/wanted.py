"""What a person wants done, and what shows once it is done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from csr_tui.core.record import Record, Step


@dataclass
class Wanted(Message):
    """An action on records, asked for by any screen; `flows.flow_of` knows what it is, and how many it takes."""

    action: str
    records: tuple[Record, ...] = ()


class Show(Enum):
    """Where the person goes on."""

    HERE = "here"
    DESK = "desk"
    PAGE = "page"
    WIZARD = "wizard"


@dataclass(frozen=True, slots=True)
class After:
    """What shows once an action is over: `record`, as it is now, on the screen that `show` names.

    `step` is the wizard's; `fresh` says that the record was just made; `deleted` are ids that U brings back.
    """

    show: Show = Show.HERE
    record: Record | None = None
    step: Step | None = None
    fresh: bool = False
    deleted: tuple[str, ...] = ()

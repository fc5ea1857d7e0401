"""Another password for a key, or another holder of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum

from textual import getters, on
from textual.app import ComposeResult

from csr_tui.core.custody import Custody, Protection
from csr_tui.core.questions import Option
from csr_tui.core.record import Record
from csr_tui.ui.screens.dialog import Dialog, lead
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.words import domain_name


class CustodyChange(Enum):
    """What can become of a key's password."""

    RANDOM = "random"
    OWN = "own"
    HOLD = "hold"
    KEYRING = "keyring"
    UNPROTECTED = "unprotected"


CLEAR = ("Anyone with the store's file or a backup of it has the key.", "Exports are not encrypted either.")


def changes(record: Record, without_keyring: str = "") -> tuple[Option[CustodyChange], ...]:
    """Those that make a difference for this record, each with what it means.

    What needs a keyring is refused where `without_keyring` is a sentence on why there is none, unless nothing is left.
    """
    options, needing = _differences(record), _NEEDING[record.custody.protection]
    if record.custody is Custody.NONE_KEYRING:
        return options
    return tuple(replace(one, refusal=without_keyring) if one.value in needing else one for one in options)


_NEEDING: Mapping[Protection, frozenset[CustodyChange]] = {
    "keyring": frozenset({CustodyChange.RANDOM, CustodyChange.OWN, CustodyChange.UNPROTECTED}),
    "prompt": frozenset({CustodyChange.KEYRING}),
    "unprotected": frozenset({CustodyChange.RANDOM, CustodyChange.OWN, CustodyChange.KEYRING}),
    "token": frozenset(),
}
"""How a key is protected -> what only a keyring can make of that."""


def _differences(record: Record) -> tuple[Option[CustodyChange], ...]:
    own = record.custody.has_password
    held = record.custody.held_by_person
    random = Option(
        CustodyChange.RANDOM,
        "A new random password" if own else "A random password, stored in the keyring",
        ("The keyring stores it. Files exported earlier keep the old one.",)
        if own
        else ("Exports are encrypted from now on.",),
    )
    mine = Option(
        CustodyChange.OWN,
        "A new password of your own" + ("" if held else "; the keyring stores it too"),
        ("You type the old one first, then the new one twice.",) if held else (),
    )
    hold = Option(
        CustodyChange.HOLD,
        "Hold it yourself: the keyring deletes it" if own else "A password of your own, typed each time",
        (
            "You type it now, to prove that you have it, and each time",
            "the key is used. If you lose it, the key is lost.",
        )
        if own
        else ("You type it each time. If you lose it, the key is lost.",),
    )
    keyring = Option(
        CustodyChange.KEYRING,
        "Store it in the keyring" if held else "Encrypt through the keyring; exports not encrypted",
        ("You type it once more, then never again.",) if held else (),
    )
    unprotected = Option(CustodyChange.UNPROTECTED, "No encryption: the key is unprotected", CLEAR)
    match record.custody.protection:
        case "keyring":
            return (random, mine, hold, unprotected)
        case "prompt":
            return (mine, keyring, unprotected)
        case "unprotected":
            return (random, mine, hold, keyring)
        case "token":
            return ()


class ProtectScreen(Dialog[CustodyChange]):
    """Asks which way to go; nothing is changed from here."""

    BUTTONS = {"cancel": "Cancel", "go": "Continue"}

    way = getters.query_one("#way", Choices)

    def __init__(self, record: Record, without_keyring: str = "") -> None:
        super().__init__(f"The key of {domain_name(record)}")
        self._record = record
        self._without_keyring = without_keyring

    def compose_form(self) -> ComposeResult:
        yield lead(f"Now: {self._record.custody.verified}.")
        options = changes(self._record, self._without_keyring)
        yield Choices(options, next(one.value for one in options if not one.refusal), id="way")

    @on(Button.Pressed, "#go")
    def _go(self) -> None:
        if isinstance(self.way.value, CustodyChange):
            self.dismiss(self.way.value)

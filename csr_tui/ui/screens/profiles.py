"""The profiles: which there are, which is the default, and what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from textual import getters, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from csr_tui.core import rules
from csr_tui.core.fields import FIELDS
from csr_tui.core.findings import Level
from csr_tui.core.record import Purpose
from csr_tui.core.text import escaped
from csr_tui.core.values import Values
from csr_tui.ui.screens.dialog import Dialog, lead
from csr_tui.ui.widgets.buttons import Button
from csr_tui.ui.widgets.field import Field, Rule


class Act(Enum):
    USE = "use"
    EDIT = "edit"
    DEFAULT = "default"
    DELETE = "delete"
    SAVE = "save"


@dataclass(frozen=True, slots=True)
class ProfileAction:
    """What is wanted; without a name, of no profile that is there."""

    act: Act
    name: str = ""


class Profiles(Dialog[ProfileAction]):
    """A list, and what can be done with the one that is chosen in it."""

    TITLE_TEXT = "Profiles: values for new requests"
    ANSWERS = {"save": ProfileAction(Act.SAVE)}

    listed = getters.query_one("#profiles", OptionList)

    def __init__(self, known: Mapping[str, str], default: str | None, saving: str) -> None:
        """`known` maps each profile's name to its summary; `saving` is the domain of what can be saved as one."""
        super().__init__()
        self._names = tuple(known)
        self._known = known
        self._default = default
        self._saving = saving

    def compose_form(self) -> ComposeResult:
        yield OptionList(
            *(
                Option(
                    Content.assemble(
                        (escaped(name), "bold"), "  the default  " if name == self._default else "  ", escaped(summary)
                    )
                )
                for name, summary in self._known.items()
            ),
            id="profiles",
            compact=True,
        )
        if not self._names:
            yield Static("No profiles yet. Save the request under the cursor as one.", classes="dialog-lead")

    def compose_buttons(self) -> ComposeResult:
        yield Button("Close", id="cancel")
        if self._saving:
            yield Button("Save as …", id="save", tooltip=Content(escaped(self._saving)))
        if self._names:
            yield Button("Delete", id="delete", variant="warning")
            yield Button("Default", id="default")
            yield Button("Edit", id="edit")
            yield Button("Use", id="use", variant="primary")

    @on(OptionList.OptionSelected)
    def _opened(self) -> None:
        self._choose(Act.USE)

    @on(Button.Pressed, "#use, #edit, #default, #delete")
    def _pressed(self, event: Button.Pressed) -> None:
        self._choose(Act(event.button.id))

    def _choose(self, act: Act) -> None:
        if self.listed.highlighted is not None:
            self.dismiss(ProfileAction(act, self._names[self.listed.highlighted]))


class ProfileName(Dialog[str]):
    TITLE_TEXT = "Save as a profile"
    BUTTONS = {"cancel": "Cancel", "keep-name": "Save"}

    name_field = getters.query_one("#name", Field)

    def __init__(self, lead: str) -> None:
        super().__init__()
        self._lead = lead

    def compose_form(self) -> ComposeResult:
        yield lead(escaped(self._lead))
        yield Field("Name", id="name", placeholder="e.g. acme")

    @on(Button.Pressed, "#keep-name")
    def _keep(self) -> None:
        if self.name_field.value:
            self.dismiss(self.name_field.value)
        else:
            self.complain("Type a name, such as acme.")


class Edit(Dialog[dict[str, str]]):
    """The subject but for the domain; an empty field is taken out. Other values are changed in the file."""

    BUTTONS = {"cancel": "Cancel", "keep-profile": "Save"}

    def __init__(self, name: str, there: Values) -> None:
        super().__init__(f"Profile {escaped(name)}")
        self._there = there

    def compose_form(self) -> ComposeResult:
        purpose = Purpose(str(self._there.get("purpose", Purpose.PUBLIC)))
        for field in FIELDS[1:]:
            text = str(self._there.get(field.name, ""))
            yield Field(field.label, text, id=field.name, rule=_rule(field.name, purpose))

    @on(Button.Pressed, "#keep-profile")
    def _keep(self) -> None:
        fields = list(self.query(Field))
        for field in fields:
            field.validate()
            if field.finding is not None and field.finding.level is Level.ERROR:
                field.focus()
                return
        self.dismiss({str(field.id): field.value for field in fields})


def _rule(field: str, purpose: Purpose) -> Rule:
    return lambda text: rules.check_field(field, text, purpose)

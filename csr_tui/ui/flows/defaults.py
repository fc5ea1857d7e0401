"""Choosing, saving, editing and deleting profiles."""

from __future__ import annotations

from pathlib import Path

from textual.app import App

from csr_tui import profiles
from csr_tui.core import host_names, values
from csr_tui.core.custody import Custody
from csr_tui.core.keys.kinds import label_of
from csr_tui.core.record import KeySpec, Record, new_id
from csr_tui.errors import CsrTuiError, FileError, StateError
from csr_tui.ui import advice
from csr_tui.ui.actions import Destination, Next
from csr_tui.ui.context import DeskContext
from csr_tui.ui.screens.dialogs import Confirm
from csr_tui.ui.screens.profiles import Act, Edit, ProfileName, Profiles


async def manage_profiles(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
    """The list, until it is closed or a request is begun; what is chosen on the desk can be saved as a profile."""
    path = context.profiles
    if path is None:
        raise StateError("There is no folder for profiles.")
    record = chosen[0] if len(chosen) == 1 else None
    while True:
        known = {name: _contents(path, name) for name in profiles.names(path)}
        saving = host_names.to_unicode(record.subject.domain) or record.id if record is not None else ""
        answer = await app.push_screen_wait(Profiles(known, profiles.default(path), saving))
        if answer is None:
            return Next()
        try:
            if answer.act is Act.USE:
                begun, _ = values.with_values(Record(new_id()), profiles.read(path, answer.name))
                return Next(Destination.WIZARD, begun)
            await _change(app, path, answer.act, answer.name, record)
        except CsrTuiError as error:
            advice.report(app, error)


async def _change(app: App[int], path: Path, act: Act, name: str, record: Record | None) -> None:
    match act:
        case Act.DEFAULT:
            profiles.set_default(path, None if profiles.default(path) == name else name)
        case Act.DELETE:
            question = "New requests can no longer start from it. Records created from it do not change."
            if await app.push_screen_wait(Confirm(f"Delete the profile {name}?", question, yes="Delete")):
                profiles.delete(path, name)
        case Act.EDIT:
            before = profiles.read(path, name)
            edited = await app.push_screen_wait(Edit(name, before))
            if edited is not None:  # what was not edited here may have been elsewhere meanwhile
                profiles.save(path, name, {key: value for key, value in edited.items() if value != before.get(key, "")})
        case Act.SAVE if record is not None:
            lead = "Subject, rules and key choices are saved; the domain, the names and your notes are not."
            wanted = await app.push_screen_wait(ProfileName(lead))
            if wanted is None:
                return
            profiles.save(path, wanted, profiles.of_record(record), instead=False)


def _contents(path: Path, name: str) -> str:
    """The values of a profile, with key and custody in the words of the wizard."""
    try:
        found = dict(profiles.read(path, name))
    except FileError as error:
        return advice.sentence(error)
    key = KeySpec(str(found.pop("algorithm", "")), str(found.pop("key_parameter", "")))
    words = (str(found.pop("password_choice", "")), str(found.pop("protection", "")))
    texts = [value if isinstance(value, str) else " ".join(value) for value in found.values()]
    custody = Custody.of(*words).sentence if all(words) else "".join(words)
    return ", ".join(filter(None, (*texts, label_of(key).strip(), custody)))

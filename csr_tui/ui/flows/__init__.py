"""What happens, window by window, when something is done to records: one function for each action."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from csr_tui.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import App

    from csr_tui.core.record import Record
    from csr_tui.ui.neighbours import Neighbours
    from csr_tui.ui.wanted import After

Flow: TypeAlias = "Callable[[App[int], Neighbours, tuple[Record, ...]], Awaitable[After]]"
"""Runs in a worker; raises CsrTuiError, with the sentence to show, where the action is not possible."""

ForOne: TypeAlias = "Callable[[App[int], Neighbours, Record], Awaitable[After]]"


def flow_of(action: str) -> Flow:
    """What an action is; its file is loaded when it is first wanted, for none belongs before the first paint."""
    from csr_tui.ui.flows import certificates, files, keys, many, profiles, records, tencent

    flows: dict[str, Flow] = {
        "open": _one(records.open),
        "apply": many.apply,
        "copy": _one(records.copy),
        "renew": _one(records.renew),
        "notes": _one(records.notes),
        "delete": records.delete,
        "generate": _one_or_many(keys.generate, many.generate),
        "password": _one(keys.password),
        "protect": _one(keys.protect),
        "keyring": keys.keyring,
        "attach": certificates.attach,
        "export": _one_or_many(files.export, many.export),
        "save": _one(files.save),
        "submit": tencent.submit,
        "detach": _one(tencent.detach),
        "reconcile": tencent.reconcile,
        "look": tencent.look,
        "remote": tencent.remote,
        "profiles": profiles.profiles,
        "settings": tencent.settings,
    }
    return flows[action]


def _one_or_many(one: ForOne, several: Flow) -> Flow:
    """For actions that have another window where they take several records."""

    async def run(app: App[int], around: Neighbours, chosen: tuple[Record, ...]) -> After:
        return await (one(app, around, chosen[0]) if len(chosen) == 1 else several(app, around, chosen))

    return run


def _one(flow: ForOne) -> Flow:
    """For actions that take one record at a time."""

    async def run(app: App[int], around: Neighbours, chosen: tuple[Record, ...]) -> After:
        if len(chosen) != 1:
            raise StateError("This works on one record at a time. Choose one.")
        return await flow(app, around, chosen[0])

    return run

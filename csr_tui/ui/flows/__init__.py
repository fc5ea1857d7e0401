"""What happens, window by window, when something is done to records: one function for each action."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from textual.app import App

from csr_tui.core.record import Record
from csr_tui.errors import StateError
from csr_tui.ui.actions import Action, Next
from csr_tui.ui.neighbours import Neighbours

Flow: TypeAlias = "Callable[[App[int], Neighbours, tuple[Record, ...]], Awaitable[Next]]"
"""Runs in a worker; raises CsrTuiError, with the sentence to show, where the action is not possible."""

ForOne: TypeAlias = "Callable[[App[int], Neighbours, Record], Awaitable[Next]]"


def flow_of(action: Action) -> Flow:
    """What an action is; its file is loaded when it is first wanted, for none belongs before the first paint."""
    from csr_tui.ui.flows import batch, certificates, files, keys, profiles, records, tencent

    flows: dict[Action, Flow] = {
        Action.OPEN: _one(records.open),
        Action.APPLY: batch.apply,
        Action.COPY: _one(records.copy),
        Action.RENEW: _one(records.renew),
        Action.NOTES: _one(records.notes),
        Action.DELETE: records.delete,
        Action.GENERATE: _one_or_many(keys.generate, batch.generate),
        Action.PASSWORD: _one(keys.password),
        Action.PROTECT: _one(keys.protect),
        Action.KEYRING: keys.keyring,
        Action.ATTACH: certificates.attach,
        Action.EXPORT: _one_or_many(files.export, batch.export),
        Action.SAVE: _one(files.save),
        Action.SUBMIT: tencent.submit,
        Action.RECONCILE: tencent.reconcile,
        Action.LOOK: tencent.look,
        Action.REMOTE: tencent.remote,
        Action.PROFILES: profiles.profiles,
        Action.SETTINGS: tencent.settings,
    }
    return flows[action]


def _one_or_many(one: ForOne, several: Flow) -> Flow:
    """For actions that have another window where they take several records."""

    async def run(app: App[int], around: Neighbours, chosen: tuple[Record, ...]) -> Next:
        return await (one(app, around, chosen[0]) if len(chosen) == 1 else several(app, around, chosen))

    return run


def _one(flow: ForOne) -> Flow:
    """For actions that take one record at a time."""

    async def run(app: App[int], around: Neighbours, chosen: tuple[Record, ...]) -> Next:
        if len(chosen) != 1:
            raise StateError("This works on one record at a time. Choose one.")
        return await flow(app, around, chosen[0])

    return run

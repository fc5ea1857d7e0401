"""What happens, window by window, when something is done to records: one function for each action."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from textual.app import App

from csr_tui.core.record import Record
from csr_tui.errors import StateError
from csr_tui.ui.actions import Action, Next
from csr_tui.ui.context import DeskContext

Flow: TypeAlias = "Callable[[App[int], DeskContext, tuple[Record, ...]], Awaitable[Next]]"
"""Runs in a worker; raises CsrTuiError, with the sentence to show, where the action is not possible."""

ForOne: TypeAlias = "Callable[[App[int], DeskContext, Record], Awaitable[Next]]"


def flow_of(action: Action) -> Flow:
    """What an action is; its file is loaded when it is first wanted, for none belongs before the first paint."""
    from csr_tui.ui.flows import batch, cas, certificates, defaults, files, keys, obtain, records, tencent

    flows: dict[Action, Flow] = {
        Action.OPEN: _one(records.open_record),
        Action.APPLY: batch.apply_table,
        Action.COPY: _one(records.copy_record),
        Action.RENEW: _one(records.renew_record),
        Action.NOTES: _one(records.edit_notes),
        Action.DELETE: records.delete_records,
        Action.RESTORE: records.restore_records,
        Action.GENERATE: _one_or_many(keys.generate_record, batch.generate_selected),
        Action.CHALLENGE: _one(keys.generate_with_challenge),
        Action.PASSWORD: _one(keys.show_password),
        Action.PROTECT: _one(keys.change_custody),
        Action.KEYRING: keys.show_keyring,
        Action.ATTACH: certificates.attach_certificate,
        Action.OBTAIN: _one(obtain.obtain_record),
        Action.CAS: cas.manage_cas,
        Action.EXPORT: _one_or_many(files.export_record, batch.export_selected),
        Action.CLIP: _one(files.copy_text),
        Action.SAVE: _one(files.save_csr),
        Action.SUBMIT: tencent.submit_records,
        Action.RECONCILE: tencent.reconcile_all,
        Action.LOOK: tencent.reconcile_at_start,
        Action.REMOTE: tencent.browse_account,
        Action.PROFILES: defaults.manage_profiles,
        Action.SETTINGS: tencent.change_account,
    }
    return flows[action]


def _one_or_many(one: ForOne, several: Flow) -> Flow:
    """For actions that have another window where they take several records."""

    async def run(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
        return await (one(app, context, chosen[0]) if len(chosen) == 1 else several(app, context, chosen))

    return run


def _one(flow: ForOne) -> Flow:
    """For actions that take one record at a time."""

    async def run(app: App[int], context: DeskContext, chosen: tuple[Record, ...]) -> Next:
        if len(chosen) != 1:
            raise StateError("This works on one record at a time. Select one.")
        return await flow(app, context, chosen[0])

    return run

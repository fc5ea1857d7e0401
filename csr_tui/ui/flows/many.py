"""Making many requests of a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from csr_tui.core.record import PasswordChoice
from csr_tui.core.text import visible
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle import apply as applying
from csr_tui.lifecycle.generate_many import Wish
from csr_tui.ui.screens.many import Many
from csr_tui.ui.screens.mending import AskFile
from csr_tui.ui.screens.password import NewPassword
from csr_tui.ui.screens.questions import Text
from csr_tui.ui.screens.under_way import UnderWay
from csr_tui.ui.wanted import After, Show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from textual.app import App

    from csr_tui.core.record import Record
    from csr_tui.core.table import Table
    from csr_tui.lifecycle.apply import Plan
    from csr_tui.lifecycle.generate_many import Ended, Progress
    from csr_tui.ui.neighbours import Neighbours

MOST_TOLD = 8
"""Of more rows that failed, the others are counted."""


async def apply(app: App[int], around: Neighbours, chosen: tuple[Record, ...]) -> After:
    """Ask for the file, show what is in it, and make what is wanted of it."""
    del chosen
    path = await app.push_screen_wait(AskFile())
    if path is None:
        return After()

    def check(progress: Progress, _: Callable[[], bool]) -> tuple[Table, Plan]:
        source = applying.read(path)
        return source, applying.plan(around.store, source, Wish(), progress=progress)

    checked = await app.push_screen_wait(UnderWay(f"Reading {visible(path.name)}", check, stop="Cancel", keeps=False))
    if isinstance(checked, CsrTuiError):
        raise checked
    if checked is None:
        return After()
    source, plan = checked
    wanted = await app.push_screen_wait(Many(around.store, path, source, plan, around.exports))
    if wanted is None:
        return After()
    wish = await _with_password(app, wanted.plan, wanted.wish)
    if wish is None:
        return After()

    def run(progress: Progress, stopped: Callable[[], bool]) -> tuple[Path | None, tuple[Ended, ...]]:
        left_out = applying.leave_out(path, source, wanted.plan) if wanted.plan.bad else None
        return left_out, applying.run(around.store, around.vault, wanted.plan, wish, progress=progress, stopped=stopped)

    title = f"Making {len(wanted.plan.good):,} requests"
    done = await app.push_screen_wait(UnderWay(title, run, stop="Stop: what is made stays", keeps=True))
    if isinstance(done, CsrTuiError):
        raise done
    if done is not None:
        left_out, ended = done
        await app.push_screen_wait(Text("Done", _told(wanted.plan, ended, wish, left_out)))
    return After(Show.DESK)


async def _with_password(app: App[int], plan: Plan, wish: Wish) -> Wish | None:
    """Ask for the one password of the rows that want a typed one; None where the person gives none."""
    if not wish.generate:
        return wish
    if all(wish.choice(row.record).password is not PasswordChoice.TYPED for row in plan.good):
        return wish
    typed = await app.push_screen_wait(NewPassword())
    return None if typed is None else replace(wish, typed=typed.password, weak_ok=typed.weak_ok)


def _told(plan: Plan, ended: Sequence[Ended], wish: Wish, left_out: Path | None) -> str:
    added, generated = sum(one.added for one in ended), sum(one.generated for one in ended)
    lines = [f"{added:,} drafts stored; {len(ended) - added:,} were there already."]
    if wish.generate:
        rest = sum(not one.record.csr and one.error is None for one in ended)
        lines.append(f"{generated:,} keys and CSRs made.")
        if rest:
            lines.append(f"{rest:,} are drafts still: apply the same file again to go on.")
    if files := sum(len(one.files) for one in ended):
        lines.append(f"{files:,} files are in {wish.folder}.")
    if left_out is not None:
        lines.append(f"The rows with errors are in {left_out}.")
    failed = [(row, one.error) for row, one in zip(plan.good, ended, strict=True) if one.error is not None]
    lines += [f"Line {row.line.number}: {error}" for row, error in failed[:MOST_TOLD]]
    if len(failed) > MOST_TOLD:
        lines.append(f"And {len(failed) - MOST_TOLD:,} more that failed.")
    return "\n".join(lines)

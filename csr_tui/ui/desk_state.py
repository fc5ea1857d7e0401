"""How the desk was left, for the next run: a small file, in which nothing is secret and nothing is needed."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path

from csr_tui import access, placing
from csr_tui.core.record import Origin, Tag
from csr_tui.core.usages import USAGES
from csr_tui.storage import Sort
from csr_tui.ui.widgets.views import View

LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class DeskState:
    """View, order and filter of the list, and the theme."""

    view: View = View.ALL
    sort: Sort | None = None
    reverse: bool = False
    origin: Origin | None = None
    tag: Tag | None = None
    usage: str | None = None
    expiring_before: datetime | None = None
    theme: str = ""


FIRST = DeskState()


def read(path: Path | None) -> DeskState:
    """What the file says; what cannot be read of it is as in the first run."""
    if path is None:
        return DeskState()
    try:
        with open(path, "rb", opener=access.plain_only) as file:  # Path.open takes no opener
            found = json.loads(file.read(LARGEST))
    except (OSError, ValueError, RecursionError):
        return DeskState()
    texts = {key: text for key, text in found.items() if isinstance(text, str)} if isinstance(found, dict) else {}
    key, _, value = texts.get("tag", "").partition("=")
    ends = None
    with suppress(ValueError):
        ends = datetime.fromisoformat(texts.get("expiring_before", ""))
    return DeskState(
        view=View.__members__.get(texts.get("view", ""), View.ALL),
        sort=next((sort for sort in Sort if sort == texts.get("sort")), None),
        reverse=texts.get("order") == "reverse",
        origin=next((origin for origin in (Origin.LOCAL, Origin.TENCENT) if origin == texts.get("origin")), None),
        tag=Tag(key, value) if key else None,
        usage=usage if (usage := texts.get("usage")) in USAGES else None,
        expiring_before=ends if ends is not None and ends.tzinfo is not None else None,
        theme=texts.get("theme", ""),
    )


def write(path: Path | None, state: DeskState, since: DeskState = FIRST) -> None:
    """Whole or not at all; where the disk refuses, the next run begins as the first one did.

    What is as it was when the desk opened stays as another desk left it `since` then.
    """
    if path is None:
        return
    now = read(path)
    changed = {
        one.name: getattr(state, one.name)
        for one in fields(state)
        if getattr(state, one.name) != getattr(since, one.name)
    }
    state = replace(now, **changed)
    if state == now:
        return
    found = {
        "view": state.view.name,
        "sort": state.sort,
        "order": "reverse" if state.reverse else "",
        "origin": state.origin,
        "tag": str(state.tag) if state.tag is not None else None,
        "usage": state.usage,
        "expiring_before": state.expiring_before.isoformat() if state.expiring_before is not None else None,
        "theme": state.theme,
    }
    with suppress(OSError):
        placing.write_text(path, json.dumps({key: text for key, text in found.items() if text}, indent=1))

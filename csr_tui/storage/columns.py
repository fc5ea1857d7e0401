"""Values of one column: times, lists of texts, and tags."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from csr_tui.core.record import Tag

_FILE = "file://"

only_texts = "".join
"""TypeError where one of them is none: damage can make a column of another type."""

_scanned = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # which typeshed leaves out


def names_of(text: str) -> tuple[str, ...]:
    """The texts in a column of them; ValueError or TypeError where it holds something else."""
    try:
        names, end = _scanned(text, 0)  # `loads` takes four times as long
    except StopIteration:
        raise ValueError(text) from None
    if end != len(text):
        raise ValueError(text)
    only_texts(names)
    return tuple(names)


@lru_cache(maxsize=1024)
def tags_of(text: str) -> tuple[Tag, ...]:
    """The tags in their column; ValueError or TypeError where it holds something else."""
    tags = tuple(Tag(key, value) for key, value in json.loads(text))
    only_texts(part for tag in tags for part in (tag.key, tag.value))
    return tags


def names_text(texts: tuple[str, ...]) -> str:
    """A column of texts; most have none, which is known without an encoder."""
    return json.dumps(texts) if texts else "[]"


def tags_text(tags: Iterable[Tag]) -> str:
    """The column of tags."""
    return json.dumps(pairs) if (pairs := [[tag.key, tag.value] for tag in tags]) else "[]"


def path_text(path: str) -> str:
    """A path as SQLite takes it: one whose bytes are no UTF-8 as a URI."""
    try:
        path.encode()
    except UnicodeEncodeError:
        from urllib.parse import quote_from_bytes

        return f"{_FILE}{quote_from_bytes(os.fsencode(path))}"
    return path


def path_of(text: str) -> str:
    """The path in its column; one that is typed never begins like a URI, for it is absolute."""
    if not text.startswith(_FILE):
        return text
    from urllib.parse import unquote_to_bytes

    return os.fsdecode(unquote_to_bytes(text.removeprefix(_FILE)))


def stamp(moment: datetime | None) -> str | None:
    """A time as text that sorts as the times do; None stays None."""
    return moment.isoformat(timespec="microseconds") if moment is not None else None


@lru_cache(maxsize=16)
def moment(text: str | None) -> datetime | None:
    """The aware time in a stamp."""
    return datetime.fromisoformat(text) if text is not None else None

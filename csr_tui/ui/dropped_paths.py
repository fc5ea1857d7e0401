"""What a terminal pastes when files are dropped on it: their paths, quoted in its own way."""

from __future__ import annotations

import shlex
from pathlib import Path
from urllib.parse import unquote, urlsplit

LONGEST = 8192


def dropped_paths(text: str) -> tuple[Path, ...]:
    """The files that a text names, all of them there; none where it is any other text."""
    wanted = text.strip()
    if not wanted or len(wanted) > LONGEST or "-----BEGIN" in wanted:
        return ()
    try:
        words = shlex.split(wanted)
    except ValueError:
        words = []
    for way in (words, wanted.splitlines(), [wanted]):
        paths = tuple(_path(word.strip()) for word in way)
        if paths and all(map(_is_file, paths)):
            return paths
    return ()


def _path(word: str) -> Path:
    if word.startswith("file://"):
        return Path(unquote(urlsplit(word).path))
    return Path(word).expanduser() if word.startswith("~/") else Path(word)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False

"""What somebody may put into a field, a file or an answer to do harm, and how its arrival at a terminal is noticed."""

from __future__ import annotations

import re

MARK = "7777"
"""A parameter that no sequence of ours has: whatever carries it into the terminal came from outside."""

HOSTILE = {
    "markup": "[bold]Acme[/] [/] [not a tag",
    "an action": "[@click=app.bell]ring[/]",
    "a link": f"[link=http://{MARK}.example]here[/link]",
    "CSI": f"a\x1b[{MARK}mb",
    "OSC": f"a\x1b]0;{MARK}\x07b",
    "a clipboard": f"a\x1b]52;c;{MARK}\x1b\\b",
    "DCS": f"a\x1bP{MARK}\x1b\\b",
    "C1": f"a\x9b{MARK}mb",
    "NUL": "a\0b",
    "bidi": "a\u202eb\u2066c\u2069",
    "zero width": "a\u200bb\u200dc\ufeff",
    "controls": "a\rb\nc\td\x7fe\x08f",
    "line separators": "a\u2028b\u2029c\x85d",
    "tags": "a\U000e0041b",
}
"""What it is -> a text that is it."""

TOGETHER = {
    "markup": " ".join(HOSTILE[one] for one in ("an action", "a link", "markup")),
    "sequences": " ".join(HOSTILE[one] for one in ("CSI", "OSC", "a clipboard", "DCS", "C1")),
    "controls": " ".join(HOSTILE[one] for one in ("NUL", "controls", "line separators")),
    "unseen": " ".join(HOSTILE[one] for one in ("bidi", "zero width", "tags")),
}
"""The same, in as many texts as there are kinds of harm."""

UNSEEN = "\0\x08\x7f\u202e\u2066\u2069\u200b\u200d\ufeff\u2028\u2029\U000e0041" + "".join(map(chr, range(0x80, 0xA0)))

_OWN = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\]22;[a-z-]*(?:\x07|\x1b\\)|\x1b\]11;\?\x07")
"""What the program sends: CSI sequences, the shape of the pointer, and the question for the background's colour."""


def obeyed(raw: bytes, *, bells: int = 0) -> list[str]:
    """What a terminal would have obeyed or hidden of what came from outside; `bells` are rung by the program itself."""
    found = []
    if MARK.encode() in b"".join(_OWN.findall(raw)):
        found.append("a sequence from outside")
    rest = _OWN.sub(b"", raw)
    found += [f"ESC {rest[at : at + 12]!r}" for at in _places(rest, b"\x1b")]
    if rest.count(b"\x07") > bells:
        found.append(f"{rest.count(bytes((7,)))} bells")
    text = rest.decode("utf-8", "replace")
    found += [f"U+{ord(char):04X}" for char in UNSEEN if char in text]
    return found


def _places(text: bytes, what: bytes) -> list[int]:
    return [match.start() for match in re.finditer(re.escape(what), text)]

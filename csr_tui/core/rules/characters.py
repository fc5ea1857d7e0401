"""What holds for any text in a subject: nothing unseen, no filler, no longer than X.520 allows."""

from __future__ import annotations

from csr_tui.core.findings import Finding
from csr_tui.core.text import escaped, first_invisible, hidden_differences, plain, trim

FILLERS = frozenset(
    {
        ".",
        "-",
        "--",
        "?",
        "*",
        "_",
        "/",
        " ",
        "na",
        "n/a",
        "n.a.",
        "none",
        "null",
        "nil",
        "tbd",
        "xx",
        "xxx",
        "unknown",
        "not applicable",
        "无",
        "暂无",
    }
)
"""What people type to get past a field; BR 7.1.2.7 forbids it in a certificate."""


def problem(field: str, text: str, longest: int) -> Finding | None:
    """The error in a text that no purpose excuses."""
    if len(text) > longest:
        return Finding.error(
            "too-long",
            field,
            f"This is {len(text):,} characters long; use {longest} at most.",
            source="X.520 upper bound",
        )
    if bad := first_invisible(text):
        fix = plain(text)
        advice = f'Write "{escaped(fix)}" instead.' if fix else "Remove it."
        return Finding.error(
            "invisible-character",
            field,
            f"It contains an invisible character (U+{ord(bad):04X}). {advice}",
            source="BR 7.1.4.2",
            fix=fix,
        )
    if text.casefold() in FILLERS:
        return Finding.error(
            "filler",
            field,
            "Placeholders are not allowed in certificates: leave the field empty.",
            source="BR 7.1.2.7",
            fix="",
        )
    return None


def look_alike(field: str, text: str, *, prose: bool = False) -> Finding | None:
    """A hint where a text only looks like the one that was meant: a CA compares it with a register letter by letter."""
    text = trim(text)
    found = hidden_differences(text, prose=prose)
    if not found:
        return None
    fix = plain(text, prose=prose)
    return Finding.hint(
        "look-alike",
        field,
        f'It has {" and ".join(found)}. Write "{escaped(fix)}" instead.',
        source="RFC 5280 7.1",
        fix=fix,
    )


def blanks(field: str, text: str) -> Finding | None:
    """A hint where there are blanks around a text; they are removed when it is kept."""
    if text == trim(text):
        return None
    return Finding.hint("spaces-removed", field, "Spaces around it were removed.", source="BR 7.1.4.2", fix=trim(text))

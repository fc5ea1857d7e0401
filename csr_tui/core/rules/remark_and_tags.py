"""The rules of the person's own notes: remark and tags, which never enter a certificate."""

from __future__ import annotations

import re
from collections import Counter

from csr_tui.core.findings import Finding
from csr_tui.core.record import Purpose, Tag
from csr_tui.core.rules.characters import look_alike
from csr_tui.core.text import first_invisible, plain, trim

LONGEST_REMARK = 256
LONGEST_KEY = 127
LONGEST_VALUE = 255
MOST_TAGS = 50
"""As Tencent Cloud limits tags."""

_NEXT_TAG = re.compile(r"\s+(?=[\w.-]+=)")


def remark(text: str, purpose: Purpose) -> Finding | None:
    """One line of text."""
    del purpose
    text = trim(text)
    if len(text) > LONGEST_REMARK:
        return Finding.error(
            "too-long", "remark", f"This is {len(text):,} characters long; a remark allows {LONGEST_REMARK} at most."
        )
    if "\n" in text or "\r" in text:
        one_line = " ".join(text.split())
        return Finding.error("value-malformed", "remark", "It has several lines. Write it in one.", fix=one_line)
    if first_invisible(text):
        return Finding.error(
            "invisible-character",
            "remark",
            "It contains an invisible character. Type it instead of pasting it.",
            fix=plain(text, prose=True),
        )
    return look_alike("remark", text, prose=True)


def tags(text: str, purpose: Purpose) -> Finding | None:
    """KEY=VALUE pairs between commas, as a person types them."""
    del purpose
    if len(text) > MOST_TAGS * (LONGEST_KEY + LONGEST_VALUE + 2):
        return Finding.error("too-many-tags", "tags", f"Too many tags: use at most {MOST_TAGS}.")
    pieces = [piece.strip() for piece in text.replace("，", ",").split(",") if piece.strip()]
    if bare := next((piece for piece in pieces if "=" not in piece), None):
        return Finding.error("tag-malformed", "tags", f"A tag is KEY=VALUE, as in team=web: {bare[:40]} has no =.")
    pairs = (piece.partition("=") for piece in pieces)
    return of_tags(tuple(Tag(key.strip(), value.strip()) for key, _, value in pairs))


def of_tags(tags: tuple[Tag, ...]) -> Finding | None:
    """What is wrong with the first bad tag."""
    if len(tags) > MOST_TAGS:
        return Finding.error("too-many-tags", "tags", f"These are {len(tags)} tags; {MOST_TAGS} at most.")
    for tag in tags:
        if not tag.key:
            return Finding.error("tag-without-key", "tags", "A tag needs a key before its =, as in team=web.")
        if len(tag.key) > LONGEST_KEY or len(tag.value) > LONGEST_VALUE:
            return Finding.error(
                "tag-too-long",
                "tags",
                f"{tag.key[:40]}: a key has {LONGEST_KEY} characters at most, and a value {LONGEST_VALUE}.",
            )
        if first_invisible(tag.key + tag.value):
            return Finding.error(
                "invisible-character", "tags", "A tag contains an invisible character. Type it instead of pasting it."
            )
    twice = [key for key, count in Counter(tag.key for tag in tags).items() if count > 1]
    if twice:
        return Finding.error("tag-repeated", "tags", f"{twice[0]} appears twice: each key has one value.")
    text = ", ".join(f"{tag.key}={tag.value}" for tag in tags)
    if bare := next((tag.key for tag in tags if not tag.value), ""):
        return Finding.warning(
            "tag-without-value", "tags", f"{bare[:40]} has no value. A tag is KEY=VALUE, as in team=web."
        )
    if joined := next((tag for tag in tags if _NEXT_TAG.search(tag.value)), None):
        return Finding.hint(
            "tags-joined",
            "tags",
            f"{joined.key[:40]} has the value {joined.value[:40]}. Put a comma between two tags.",
            fix=", ".join(f"{tag.key}={_NEXT_TAG.sub(', ', tag.value)}" for tag in tags),
        )
    return look_alike("tags", text)

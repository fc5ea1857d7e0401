"""The functions that released migrations call, frozen as those are: they import nothing of ours that could change."""

from __future__ import annotations

import json
import sqlite3
import unicodedata


def teach(connection: sqlite3.Connection) -> None:
    """Let SQL call these functions, as migrations do; no trigger may, or no other program could write."""
    connection.create_function("searchable_v4", 10, _searchable_v4, deterministic=True)


def _searchable_v4(
    record_id: str,
    domain: str,
    names: str,
    organization: str,
    department: str,
    email: str,
    province: str,
    city: str,
    remark: str,
    tags: str,
) -> str:
    """The words of a record, a line each, as the search of version 4 indexed them; `names` and `tags` are JSON."""
    sans = dict.fromkeys((domain, *json.loads(names)))
    unicode = (text for name in sans if (text := _to_unicode(name)) != name)
    texts = (record_id, *sans, *unicode, organization, department, email, province, city, remark)
    lines = [_fold(text) for text in texts if text]
    lines += [f"\x02{_fold(key)}={_fold(value)}" for key, value in json.loads(tags)]
    return "\n".join(("", *lines, "", ""))


def _fold(text: str) -> str:
    """Without differences of case, width and composition; a blank in place of what no reader can see."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    invisible = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    return "".join(" " if unicodedata.category(char) in invisible else char for char in plain)


def _to_unicode(name: str) -> str:
    """A host name with its A-labels in Unicode; as it is where one of them cannot be decoded."""
    if "xn--" not in name:
        return name
    import idna

    try:
        return ".".join(idna.decode(label) if label.startswith("xn--") else label for label in name.split("."))
    except (idna.IDNAError, UnicodeError):
        return name

"""The headings of a table of requests: which field each column is."""

from __future__ import annotations

import re

from csr_tui.core import values
from csr_tui.core.fields import FIELDS
from csr_tui.core.findings import InvalidError
from csr_tui.core.text import escaped
from csr_tui.errors import Hint

PROBLEM = "problem"
"""The column in which rows that were left out say why; passed over when they come back."""

SPELLINGS = {
    **{field.name: field.spellings for field in FIELDS},
    "sans": "sans san subjectaltname subjectaltnames subjectalternativename subjectalternativenames altname altnames "
    "alternativename alternativenames dnsname dnsnames names 备用名称",
    "extra": "extra extras extraline extralines",
    "algorithm": "algorithm algo encryptalgo encryptalgorithm keyalgorithm keyalgo keytype 加密算法",
    "key_parameter": "keyparameter keyparam keysize keylength bits curve 密钥参数",
    "remark": "remark remarks note notes comment comments description 备注",
    "tags": "tags tag labels label 标签",
    "purpose": "purpose",
    "usage": "usage 用途",
    "password_choice": "passwordchoice",
    "protection": "protection protect",
}
"""Field -> the headings that mean it, in small letters and digits alone."""

_FIELDS = {word: field for field, words in SPELLINGS.items() for word in words.split()}

PASSED_OVER = frozenset(
    "id revision state origin has_key created_at updated_at generated_at csr key_fingerprint certificate not_after "
    f"remote differences findings {PROBLEM}".split()
)
"""What a record's own document says besides its request."""

_PASSED_OVER = frozenset(name.replace("_", "") for name in PASSED_OVER)
_PASSWORDS = frozenset({"keypassword", "password", "passphrase"})
_NUMBERED = re.compile(r"(san|sans|altname|dnsname|subjectaltname)\d+")


def columns(number: int, headings: tuple[str, ...]) -> tuple[str | None, ...]:
    """What each heading means; InvalidError for one that means nothing, or what another means already."""
    fields = [_meant(number, column, heading) for column, heading in enumerate(headings, 1)]
    if fields.count("province") > 1:
        states = [_word(heading) == "state" for heading in headings]
        fields = [None if state else field for field, state in zip(fields, states, strict=True)]
    for field in values.TEXTS:
        if fields.count(field) > 1:
            both = [escaped(heading) for heading, meant in zip(headings, fields, strict=True) if meant == field]
            raise InvalidError(
                f"Line {number}: the columns {' and '.join(both)} both name the {field}. Remove one of them."
            )
    if "domain" not in fields:
        raise InvalidError(
            f"Line {number}: no column has the domain. The first line needs the column names, such as "
            "Domain,Organization,Country."
        )
    return tuple(fields)


def _meant(number: int, column: int, heading: str) -> str | None:
    word = _word(heading)
    if word in _PASSWORDS:
        raise InvalidError(
            f"Line {number}: the column {escaped(heading)} has passwords, which csr-tui never reads from a table. "
            "Remove it.",
            hint=Hint.TABLE_PASSWORD,
        )
    if (field := field_of(heading)) is not None or word in _PASSED_OVER:
        return field
    what = f"the column {escaped(heading[:40])}" if heading.strip() else f"column {column}, which has no name,"
    raise InvalidError(
        f"Line {number}: {what} is not a field of a request. Rename or remove it. The fields are: "
        f"{', '.join(values.FIELDS)}."
    )


def field_of(heading: str) -> str | None:
    word = _word(heading)
    return "sans" if _NUMBERED.fullmatch(word) else _FIELDS.get(word)


def _word(heading: str) -> str:
    return "".join(char for char in heading.casefold() if char.isalnum())

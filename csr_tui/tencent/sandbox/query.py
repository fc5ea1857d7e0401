"""The parameters of an action in the query string of a GET: flat names with dots, every value a text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from urllib.parse import parse_qsl

from csr_tui.tencent import api

MOST = 2000
"""Names and values in one query string."""

_INTEGER = re.compile(r"-?[0-9]{1,20}")
_BOOLEANS = {"true": True, "false": False}


def parameters(action: str, query: str) -> Mapping[str, object]:
    """The values with the types that the action has for them; what does not fit stays a text. ValueError for too many.

    `CSRIds.0=7&CSRIds.1=8` is a list, and `Tags.0.TagKey=a&Tags.0.TagValue=b` one of objects.
    """
    kinds = {parameter.name: parameter.kind for parameter in api.ACTIONS[action]}
    flat: dict[str, object] = {}
    lists: defaultdict[str, dict[int, object]] = defaultdict(dict)
    objects: defaultdict[tuple[str, int], dict[str, object]] = defaultdict(dict)
    for path, value in parse_qsl(query, keep_blank_values=True, max_num_fields=MOST):
        match path.split("."):
            case [name, at] if kinds.get(name) is api.Kind.INTS and at.isdecimal():
                lists[name][int(at[:9])] = _typed(value, api.Kind.INT)
            case [name, at, field] if kinds.get(name) is api.Kind.TAGS and at.isdecimal():
                lists[name][int(at[:9])] = objects[name, int(at[:9])]
                objects[name, int(at[:9])][field] = value
            case _:
                flat[path] = _typed(value, kinds.get(path))
    return flat | {name: [values[at] for at in sorted(values)] for name, values in lists.items()}


def _typed(value: str, kind: api.Kind | None) -> object:
    match kind:
        case api.Kind.INT | api.Kind.UINT:
            return int(value) if _INTEGER.fullmatch(value) else value
        case api.Kind.BOOL:
            return _BOOLEANS.get(value.lower(), value)
        case _:
            return value

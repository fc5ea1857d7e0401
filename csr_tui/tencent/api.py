"""The five CSR actions as the service describes them: their parameters, and which are required."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from csr_tui.core.fields import FIELDS

SERVICE = "ssl"
VERSION = "2019-12-05"
CALLS_A_SECOND = 10
"""Of each action, for one account."""

READS = frozenset({"DescribeCSR", "DescribeCSRSet"})
MOST_LISTED = 100
MOST_DELETED = 100


class Kind(Enum):
    """The JSON type of a parameter."""

    STRING = "string"
    BOOL = "bool"
    INT = "int64"
    UINT = "uint64"
    INTS = "list of int64"
    TAGS = "list of Tags"


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kind: Kind
    required: bool = False


SUBJECT = {field.tencent: field.name for field in FIELDS if field.tencent}
"""Parameter -> the field of a record's subject."""

REQUEST = (*SUBJECT, "EncryptAlgo", "KeyParameter")
"""The parameters that make up the request itself."""

ACTIONS: Mapping[str, tuple[Parameter, ...]] = MappingProxyType(
    {
        "CreateCSR": (
            *(Parameter(name, Kind.STRING, required=True) for name in REQUEST),
            Parameter("Generate", Kind.BOOL, required=True),
            Parameter("KeyPassword", Kind.STRING),
            Parameter("Remark", Kind.STRING),
            Parameter("Tags", Kind.TAGS),
        ),
        "ModifyCSR": (
            Parameter("CSRId", Kind.INT, required=True),
            Parameter("Generate", Kind.BOOL, required=True),
            *(Parameter(name, Kind.STRING) for name in REQUEST),
            Parameter("Remark", Kind.STRING),
            Parameter("KeyPassword", Kind.STRING),
        ),
        "DescribeCSR": (Parameter("CSRId", Kind.INT, required=True),),
        "DescribeCSRSet": (
            Parameter("Limit", Kind.UINT),
            Parameter("Offset", Kind.UINT),
            Parameter("Domain", Kind.STRING),
            Parameter("EncryptAlgo", Kind.STRING),
        ),
        "BatchDeleteCSR": (Parameter("CSRIds", Kind.INTS, required=True),),
    }
)

"""Account: the CSR records of one account, and the five actions on them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeAlias

from csr_tui.core.keys.kinds import KINDS, either
from csr_tui.tencent import api
from csr_tui.tencent.sandbox import replies
from csr_tui.tencent.sandbox.making import SandboxResult

Result: TypeAlias = dict[str, Any]

_BEIJING = timezone(timedelta(hours=8))
_KINDS = [(kind.algorithm.name, kind.parameter) for kind in KINDS if kind.tencent]
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class RemoteRecord:
    """One CSR record; `made` is there once it is generated, and nothing changes after that."""

    id: int
    request: Mapping[str, str]
    created: str
    remark: str = ""
    password: str | None = None
    result: SandboxResult | None = None


class Account:
    """`make` turns a request and a password into a CSR and a key; it runs outside the lock, for it takes its time."""

    def __init__(
        self, clock: Callable[[], float], make: Callable[[Mapping[str, str], str | None], SandboxResult]
    ) -> None:
        self._clock = clock
        self._make = make
        self._lock = threading.Lock()
        self._rows: dict[int, RemoteRecord] = {}
        self._making: set[int] = set()
        self._next = 10_000 + secrets.randbelow(80_000)
        self.owner = str(100_000_000_000 + secrets.randbelow(10**11))

    def act(self, action: str, given: Mapping[str, Any]) -> Result:
        """The result of an action whose parameters have the right names and types; ApiError where it is refused."""
        actions: dict[str, Callable[[Mapping[str, Any]], Result]] = {
            "CreateCSR": self._create,
            "ModifyCSR": self._modify,
            "DescribeCSR": self._describe,
            "DescribeCSRSet": self._list,
            "BatchDeleteCSR": self._delete,
        }
        return actions[action](given)

    def _create(self, given: Mapping[str, Any]) -> Result:
        created = f"{datetime.fromtimestamp(self._clock(), UTC).astimezone(_BEIJING):%Y-%m-%d %H:%M:%S}"
        row = RemoteRecord(0, _request(given), created, given.get("Remark", ""), given.get("KeyPassword") or None)
        result = self._make(row.request, row.password) if given["Generate"] else None
        with self._lock:
            row = replace(row, id=self._next, result=result)
            self._next += 1
            self._rows[row.id] = row
        return {"Id": row.id}

    def _modify(self, given: Mapping[str, Any]) -> Result:
        with self._lock:
            row = self._row(given["CSRId"])
            if row.result is not None or row.id in self._making:
                raise replies.generated_already()
            changed = replace(
                row,
                request=_request({**row.request, **{name: given[name] for name in api.REQUEST if name in given}}),
                remark=given.get("Remark", row.remark),
                password=given.get("KeyPassword", row.password) or None,
            )
            self._making.add(row.id)
        try:
            result = self._make(changed.request, changed.password) if given["Generate"] else None
            with self._lock:
                self._row(row.id)
                self._rows[row.id] = replace(changed, result=result)
        finally:
            self._making.discard(row.id)
        return {"Id": row.id}

    def _describe(self, given: Mapping[str, Any]) -> Result:
        with self._lock:
            row = self._row(given["CSRId"])
        return {
            **self._shown(row),
            "KeyPassword": row.password,
            "CSR": row.result.csr if row.result else None,
            "PrivateKey": row.result.private_key if row.result else None,
        }

    def _list(self, given: Mapping[str, Any]) -> Result:
        limit, offset = given.get("Limit", 10), given.get("Offset", 0)
        if limit > api.MOST_LISTED:
            raise replies.wrong_value("Limit", f"it must not be greater than {api.MOST_LISTED}.")
        with self._lock:
            rows = [
                row
                for row in reversed(self._rows.values())
                if given.get("Domain", "") in row.request["Domain"]
                and given.get("EncryptAlgo") in {None, "", row.request["EncryptAlgo"]}
            ]
        return {"Total": len(rows), "Set": [self._shown(row) for row in rows[offset : offset + limit]]}

    def _delete(self, given: Mapping[str, Any]) -> Result:
        ids = given["CSRIds"]
        if not ids or len(ids) > api.MOST_DELETED:
            raise replies.wrong_value("CSRIds", f"one to {api.MOST_DELETED} IDs are expected.")
        with self._lock:
            return {"Success": [one for one in dict.fromkeys(ids) if self._rows.pop(one, None)]}

    def _row(self, csr_id: int) -> RemoteRecord:
        if csr_id not in self._rows:
            raise replies.no_such_csr()
        return self._rows[csr_id]

    def _shown(self, row: RemoteRecord) -> Result:
        return {
            "Id": row.id,
            "OwnerUin": self.owner,
            **row.request,
            "Remarks": row.remark,
            "Status": int(row.result is not None),
            "CreateTime": row.created,
        }


def _request(given: Mapping[str, Any]) -> Mapping[str, str]:
    """The nine strings of a request, none of them empty, and a kind of key that is made there."""
    request = {name: given[name] for name in api.REQUEST}
    for name, text in request.items():
        if not text.strip():
            raise replies.invalid(f"`{name}` is empty.")
        if len(text) > _LONGEST:
            raise replies.invalid(f"`{name}` is longer than {_LONGEST} characters.")
    if (request["EncryptAlgo"], request["KeyParameter"]) not in _KINDS:
        known = either([f"{algorithm} with {parameter}" for algorithm, parameter in _KINDS])
        raise replies.invalid(f"`EncryptAlgo` and `KeyParameter` are {known}.")
    return request

"""A record as the JSON document that the contract describes: exactly its fields, in its order."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias

from csr_tui.core import rules
from csr_tui.core.fields import NAMES, texts_of
from csr_tui.core.findings import Finding
from csr_tui.core.order import CertificateOrder, NameProof
from csr_tui.core.record import Record
from csr_tui.core.submission import Submission
from csr_tui.core.token_uri import TokenUri

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | bool | None"


_encode = json.JSONEncoder(check_circular=False).encode

LINES = 1_000
"""The lines of one part: one text of 100,000 takes memory, and time to get it, for each copy on its way."""


@dataclass(slots=True)
class Lines:
    """A document with a list of many records under one name, and a few values after it.

    `report` is called with the number of damaged records among them, once all lines are made.
    """

    name: str
    records: Sequence[Record]
    rest: dict[str, Json]
    report: Callable[[int], None]
    damaged: int = 0

    def parts(self, start: int = 0, end: int | None = None) -> Sequence[str]:
        """The lines of these records, in texts that follow each other; those that are damaged are counted."""
        records = self.records[start:end]
        return [self._part(records[at : at + LINES], at) for at in range(0, len(records), LINES)]

    def _part(self, records: Sequence[Record], at: int) -> str:
        made = [*records]
        self.damaged += sum(bool(one.damage) for one in made)
        return (",\n" if at else "") + ",\n".join(map(_line, made))


def record(shown: Record, notes: tuple[Finding, ...] = ()) -> dict[str, Json]:
    """Everything about a record but its key and its password; `notes` are findings of this call alone."""
    return {**_facts(shown), "findings": [*map(finding, (*rules.check(shown), *notes))]}


def _facts(shown: Record) -> dict[str, Json]:
    return {
        "id": shown.id,
        "revision": shown.revision,
        "state": str(shown.state),
        "origin": None if shown.origin is None else str(shown.origin),
        "purpose": str(shown.purpose),
        "usage": shown.usage,
        **dict(zip(NAMES, texts_of(shown.subject), strict=True)),
        "sans": shown.sans,
        "extra": shown.extra,
        "algorithm": shown.key.algorithm,
        "key_parameter": shown.key.parameter,
        "remark": shown.remark,
        "tags": {tag.key: tag.value for tag in shown.tags},
        "password_choice": shown.custody.password_choice,
        "protection": shown.custody.protection,
        "token": _token(shown.token),
        "has_key": shown.has_key,
        "created_at": moment(shown.created_at),
        "updated_at": moment(shown.updated_at),
        "generated_at": moment(shown.generated_at),
        "csr": shown.csr,
        "key_fingerprint": shown.key_fingerprint,
        "certificate": shown.certificate,
        "not_after": moment(shown.not_after),
        "history": _history(shown),
        "remote": _remote(shown.submission),
        "order": _order(shown.order),
        "differences": _differences(shown),
    }


def _line(shown: Record) -> str:
    """The document of a record on one line; its findings, which many share, are encoded once."""
    return f'{_encode(_facts(shown))[:-1]}, "findings": {_findings(rules.check(shown))}}}'


@lru_cache(maxsize=1024)
def _findings(findings: tuple[Finding, ...]) -> str:
    return _encode([*map(finding, findings)])


def listed(shown: Sequence[Record], total: int, report: Callable[[int], None]) -> Lines:
    """Several records, a line each; `total` counts the matches before the limit.

    Of 100,000 the documents would take more memory than the records.
    """
    return Lines("records", shown, {"total": total}, report)


def related(shown: Record) -> dict[str, Json]:
    """A record, and what it renews and is renewed by, each where there is such a record: ids."""
    found: dict[str, Json] = {"renews": shown.lineage.renews, "renewed_by": shown.lineage.renewed_by}
    return {**record(shown), **{name: ids for name, ids in found.items() if ids}}


def finding(result: Finding) -> dict[str, Json]:
    return {
        "field": result.field,
        "level": str(result.level),
        "code": result.code,
        "message": result.message,
        "source": result.source,
    }


@lru_cache(maxsize=16)  # a draft that nobody changed was changed when it was made
def moment(time: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    if time is None:
        return None
    return (time if time.tzinfo is UTC else time.astimezone(UTC)).isoformat(timespec="milliseconds")[:-6] + "Z"


def _token(uri: TokenUri | None) -> Json:
    return None if uri is None else {"uri": str(uri), "label": uri.token, "serial": uri.serial}


def _remote(sent: Submission | None) -> Json:
    if sent is None:
        return None
    return {
        "csr_id": sent.csr_id,
        "status": sent.status,
        "endpoint": sent.endpoint,
        "request_id": sent.request_id,
        "journal_state": str(sent.stage),
    }


def _order(order: CertificateOrder | None) -> Json:
    if order is None:
        return None
    return {
        "ca": order.ca,
        "stage": str(order.stage),
        "expires": moment(order.expires),
        "url": order.url,
        "proofs": [*map(_proof, order.proofs)],
    }


def _proof(proof: NameProof) -> Json:
    return {
        "name": proof.name,
        "kind": proof.kind,
        "record": proof.place,
        "value": proof.value,
        "seen": proof.seen,
        "lasting": None if proof.lasting is None else {"record": proof.lasting[0], "value": proof.lasting[1]},
    }


def _history(shown: Record) -> list[Json]:
    if not shown.earlier:
        return []
    from csr_tui.core import certificate

    return [
        {"serial": one.serial, "not_before": moment(one.not_before), "not_after": moment(one.not_after)}
        for one in certificate.earlier(shown)
    ]


def _differences(shown: Record) -> list[Json]:
    if shown.csr is None:
        return []
    from csr_tui.core import certificate

    found = certificate.differences_of(shown)
    return [{"field": one.field, "asked": one.asked, "got": one.got} for one in found]

"""A submission as a row, an order as a row, and each of them back."""

from __future__ import annotations

import json
from dataclasses import astuple, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from csr_tui.core.custody import Custody
from csr_tui.core.order import CertificateOrder, NameProof, OrderStage
from csr_tui.core.submission import Stage, Submission
from csr_tui.storage.columns import moment, only_texts, stamp

SUBMISSION = (
    "record_id",
    "stage",
    "endpoint",
    "account",
    "marker",
    "csr_id",
    "remote_status",
    "request_id",
    "message",
    "sent_at",
    "searched_at",
    "sent_ref",
    "sent_choice",
    "sent_protection",
)
"""What the journal keeps of a record, in the order of `Submission`."""

ORDER = tuple("order_url" if one.name == "url" else one.name for one in fields(CertificateOrder))
"""What is kept of an order."""


def submission_of(row: tuple[Any, ...]) -> Submission:
    """The submission in a row of `SUBMISSION`."""
    (record_id, stage, endpoint, account, marker, csr_id, status, request_id, message) = row[:9]
    (sent_at, searched_at, secret_ref, choice, protection) = row[9:]
    only_texts((record_id, endpoint, account, marker, message, *filter(None, (request_id, secret_ref))))
    return Submission(
        record_id=record_id,
        stage=Stage(stage),
        endpoint=endpoint,
        account=account,
        marker=marker,
        csr_id=csr_id,
        status=status,
        request_id=request_id,
        message=message,
        sent_at=moment(sent_at),
        searched_at=moment(searched_at),
        secret_ref=secret_ref,
        custody=Custody.of(choice or "random", protection or "keyring") if choice or protection else None,
    )


def submission_row(submission: Submission) -> tuple[Any, ...]:
    """The values of `SUBMISSION`."""
    *values, custody = (getattr(submission, one.name) for one in fields(submission))
    return (*map(_stored, values), *((None, None) if custody is None else custody.words))


def order_of(row: tuple[Any, ...]) -> CertificateOrder:
    """The order in a row of `ORDER`."""
    (record_id, stage, ca, directory, account, url, finalize_url, certificate_url, csr_sha256) = row[:9]
    (expires, proofs, message, sent_at, searched_at, again_at) = row[9:]
    only_texts((record_id, ca, message, *filter(None, (directory, account, url, finalize_url, certificate_url))))
    return CertificateOrder(
        record_id=record_id,
        stage=OrderStage(stage),
        ca=ca,
        directory=directory,
        account=account,
        url=url,
        finalize_url=finalize_url,
        certificate_url=certificate_url,
        csr_sha256=csr_sha256,
        expires=moment(expires),
        proofs=() if proofs == "[]" else tuple(proof_of(one) for one in json.loads(proofs)),
        message=message,
        sent_at=moment(sent_at),
        searched_at=moment(searched_at),
        again_at=moment(again_at),
    )


def proof_of(values: list[Any]) -> NameProof:
    """A proof in its list, which is shorter in orders of 0.1.0; ValueError or TypeError where it is none."""
    name, kind, place, value, challenge, seen, note, proven, *later = values
    lasting, folder = later or (None, "")
    only_texts((name, kind, place, value, challenge, note, *(lasting or ()), folder))
    if {type(seen), type(proven)} != {bool}:
        raise TypeError(values)
    if lasting is not None:
        record, content = lasting
        lasting = (record, content)
    return NameProof(name, kind, place, value, challenge, seen, note, proven, lasting, folder)


def order_row(order: CertificateOrder) -> tuple[Any, ...]:
    """The values of `ORDER`."""
    return tuple(_stored(getattr(order, one.name)) for one in fields(order))


def _stored(value: object) -> object:
    match value:
        case datetime():
            return stamp(value)
        case StrEnum():
            return str(value)
        case tuple():
            return json.dumps([astuple(proof) for proof in value])
        case _:
            return value

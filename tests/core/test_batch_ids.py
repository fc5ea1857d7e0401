"""The ids of a table's rows, which never change: yesterday's file makes nothing twice today."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from csr_tui.core import batch, table_file
from csr_tui.core.fields import Subject

TABLE = (
    "Domain,Organization,Department,Email,Province,City,Country,EncryptAlgo,KeyParameter,Remark,Tags,SAN,Purpose\n"
    "www.example.com,,,,,,,,,,,,\n"
    '支付.example.cn,"Example, Ltd",IT,pki@example.com,Hunan,Changsha,CN,ECC,secp384r1,ticket,team=web,example.com,\n'
    "db.internal,Example Ltd,,,,,DE,ED25519,ed25519,,,10.0.0.5,private\n"
    "www.example.com,,,,,,,,,,,,\n"
)
GOLDEN = ("g8c4vqssxm", "s2x4sf6bh2", "aft3v7zbd4", "jdd4dc0247")


def rows() -> tuple[batch.Row, ...]:
    read = table_file.read(TABLE.encode())
    return batch.assign_ids(batch.evaluate(read, line) for line in read.lines)


def test_the_ids_of_rows_are_those_of_the_first_release() -> None:
    assert tuple(row.record.id for row in rows()) == GOLDEN


def test_extra_lines_change_an_id() -> None:
    first = rows()[0]

    (later,) = batch.assign_ids([replace(first, record=replace(first.record, extra=("OU=Ops",)))])

    assert later.record.id != GOLDEN[0]


@dataclass(frozen=True)
class LaterSubject(Subject):
    """A subject with a field that no release had."""

    street: str = ""


@pytest.mark.parametrize(("street", "same"), [("", True), ("Main Street 1", False)])
def test_a_later_field_changes_an_id_only_when_it_is_set(street: str, same: bool) -> None:
    first = rows()[0]
    subject = LaterSubject(domain=first.record.subject.domain, street=street)

    (later,) = batch.assign_ids([replace(first, record=replace(first.record, subject=subject))])

    assert (later.record.id == GOLDEN[0]) is same

"""The table of the subject's fields: a row for each, and none of them a contradiction."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

from cryptography import x509

from csr_tui.core import headings
from csr_tui.core.facts import facts
from csr_tui.core.fields import FIELDS, Subject
from csr_tui.core.record import Record


def test_the_subject_has_a_text_for_each_row() -> None:
    assert [one.name for one in dataclasses.fields(Subject)] == [field.name for field in FIELDS]


def test_no_two_rows_share_a_name_a_place_or_a_heading() -> None:
    for name in ("name", "label", "oid", "x520", "short", "rank"):
        assert len({getattr(field, name) for field in FIELDS}) == len(FIELDS), name
    spellings = [heading for words in headings.SPELLINGS.values() for heading in words.split()]
    assert len(set(spellings)) == len(spellings)


def test_the_names_of_the_standard_belong_to_the_object_identifiers() -> None:
    assert [x509.ObjectIdentifier(field.oid)._name for field in FIELDS] == [field.x520 for field in FIELDS]


def test_each_text_is_a_fact_under_its_label() -> None:
    record = Record("a", subject=Subject(*(f"{field.name} text" for field in FIELDS)))

    told = {fact.label: fact.values for fact in facts(record, datetime(2026, 11, 23, tzinfo=UTC))}

    assert [told[field.label] for field in FIELDS] == [(f"{field.name} text",) for field in FIELDS]

"""Records are changed as `dataclasses.replace` changes them."""

import dataclasses
from dataclasses import fields
from typing import Any

import pytest

from csr_tui.core.fields import Subject
from csr_tui.core.record import Record, replace


def test_a_changed_record_is_the_same_as_one_of_the_library_and_the_old_one_stays() -> None:
    old = Record("0123456789", subject=Subject("example.com"), remark="before")
    for field in fields(Record):
        other: dict[str, Any] = {field.name: "another"}
        assert replace(old, **other) == dataclasses.replace(old, **other) != old
    assert replace(old.subject, domain="b.example.com") == Subject("b.example.com")
    assert old == Record("0123456789", subject=Subject("example.com"), remark="before")


def test_a_field_that_no_record_has_is_refused() -> None:
    misspelled: dict[str, Any] = {"remarks": "x"}

    with pytest.raises(TypeError, match="Record has no remarks"):
        replace(Record("0123456789"), **misspelled)

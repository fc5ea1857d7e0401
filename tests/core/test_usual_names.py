"""The short way of the rules for names that are usual: it finds what the long way finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_tui.core import public_suffix
from csr_tui.core.record import Purpose
from csr_tui.core.rules import record_check

LISTED = sorted(public_suffix._suffixes()._publicsuffix)
LABELS = st.sampled_from(
    ("www", "a", "1", "10", "a-b", "-a", "a-", "ab--cd", "xn--bcher-kva", "*", "", "A", "a_b", "x" * 64)
)
ENDS = st.sampled_from([*LISTED[::7], "example.com", "internal", "local", "3.4", "b\u00fccher.example"])


@given(st.lists(LABELS, max_size=4), ENDS, st.sampled_from(Purpose), st.sampled_from(("domain", "sans")))
def test_a_usual_name_is_judged_as_any_other(labels: list[str], end: str, purpose: Purpose, field: str) -> None:
    name = ".".join((*labels, end.lstrip("!*.")))

    assert record_check._check_name(field, name, purpose) == record_check.FIELDS[field](name, purpose)


@pytest.mark.parametrize("purpose", Purpose)
def test_every_listed_suffix_is_judged_so_with_a_label_before_it_too(purpose: Purpose) -> None:
    for suffix in LISTED[::3]:
        for name in (suffix.lstrip("!*."), f"www.{suffix.lstrip('!*.')}", f"a.www.{suffix.lstrip('!*.')}"):
            assert record_check._check_name("domain", name, purpose) == record_check.FIELDS["domain"](name, purpose), (
                name
            )

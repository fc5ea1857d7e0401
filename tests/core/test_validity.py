"""What is left of a certificate, and what the Baseline Requirements allow."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from csr_tui.core import validity

END = datetime(2027, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "days"),
    [
        (date(2019, 1, 1), 398),
        (date(2026, 3, 14), 398),
        (date(2026, 3, 15), 200),
        (date(2027, 3, 14), 200),
        (date(2027, 3, 15), 100),
        (date(2029, 3, 14), 100),
        (date(2029, 3, 15), 47),
        (date(2040, 1, 1), 47),
    ],
)
def test_how_long_a_certificate_may_last_follows_from_the_day_it_is_issued(day: date, days: int) -> None:
    assert validity.longest(day) == days


def test_what_holds_is_said_with_what_is_coming() -> None:
    assert validity.limits(date(2026, 11, 25)) == (
        "200 days at most; 100 from 2027-03-15, 47 from 2029-03-15 (BR 6.3.2)"
    )
    assert validity.limits(date(2029, 3, 15)) == "47 days at most (BR 6.3.2)"


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(days=12, hours=5), "in 12 days"),
        (timedelta(days=1), "in 1 day"),
        (timedelta(hours=23), "in 23 hours"),
        (timedelta(hours=1, minutes=59), "in 1 hour"),
        (timedelta(seconds=1), "in less than an hour"),
        (timedelta(0), "expired less than an hour ago"),
        (timedelta(hours=-23), "expired 23 hours ago"),
        (timedelta(days=-1), "expired 1 day ago"),
        (timedelta(days=-3, hours=-23), "expired 3 days ago"),
    ],
)
def test_what_is_left_is_said_in_days_or_hours(before: timedelta, said: str) -> None:
    assert validity.left(END, END - before) == said

"""What a record needs, as its row shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from csr_tui.core.fields import Subject
from csr_tui.core.findings import Finding
from csr_tui.core.lineage import Lineage
from csr_tui.core.order import CertificateOrder, NameProof, OrderStage
from csr_tui.core.record import Origin, Record, State
from csr_tui.core.submission import Stage, Submission
from csr_tui.ui.needs import Assessment, Need, need_of, state_name
from csr_tui.ui.widgets.columns import Column, cells, layout

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WRONG = Assessment(findings=(Finding.error("too-long", "remark", "Too long."),))


def issued(left: timedelta, lineage: Lineage | None = None) -> Record:
    return Record("a", state=State.ISSUED, origin=Origin.LOCAL, not_after=NOW + left, lineage=lineage or Lineage())


def ordered(stage: OrderStage, *seen: bool) -> Record:
    proofs = tuple(NameProof("a", "dns-01", "_acme-challenge.a", "v", "https://ca/1", seen=one) for one in seen)
    order = CertificateOrder("a", stage, "corp", proofs=proofs)
    return Record("a", state=State.GENERATED, origin=Origin.LOCAL, order=order)


def sent(stage: Stage, state: State = State.DRAFT) -> Record:
    submission = Submission("a", stage, "http://127.0.0.1:4800", "account", "marker")
    return Record("a", state=state, origin=Origin.TENCENT, submission=submission)


@pytest.mark.parametrize(
    ("record", "assessment", "sign", "state"),
    [
        (issued(timedelta(days=-3)), None, "✗", "issued"),
        (ordered(OrderStage.UNKNOWN), None, "?", "outcome unknown"),
        (ordered(OrderStage.ORDERED), None, "›", "waiting for CA"),
        (ordered(OrderStage.ORDERED, True, False), None, "›", "prove 1"),
        (ordered(OrderStage.ORDERED, True, True), None, "›", "proofs seen"),
        (ordered(OrderStage.FINALISING), None, "›", "waiting for CA"),
        (ordered(OrderStage.REFUSED), None, "›", "refused by CA"),
        (ordered(OrderStage.EXPIRED), None, "›", "order expired"),
        (ordered(OrderStage.CONFIRMED), None, "›", "CSR ready"),
        (issued(timedelta(days=-3), lineage=Lineage(renewal="draft")), None, "✗", "issued, renewing"),
        (issued(timedelta(days=-3), lineage=Lineage(renewal="issued")), None, "·", "issued, renewed"),
        (issued(timedelta(days=-3), lineage=Lineage(renewed_by=("in the trash",))), None, "✗", "issued"),
        (issued(timedelta(days=3)), None, "!!", "issued"),
        (issued(timedelta(days=29)), None, "!", "issued"),
        (issued(timedelta(days=29)), Assessment(differing=2), "!", "issued, 2 differ"),
        (issued(timedelta(days=90)), Assessment(differing=1), "~", "issued, differs"),
        (issued(timedelta(days=90)), Assessment(damaged=True), "✗", "issued, damaged"),
        (issued(timedelta(days=90)), Assessment(), "✓", "issued"),
        (Record("a", state=State.GENERATED, origin=Origin.LOCAL), Assessment(), "›", "CSR ready"),
        (Record("a"), None, "-", "draft"),
        (Record("a"), Assessment(), "-", "draft, ready"),
        (Record("a"), WRONG, "-", "draft, 1 error"),
        (sent(Stage.UNKNOWN), Assessment(), "?", "SANDBOX no reply"),
        (sent(Stage.CREATED), Assessment(), "-", "draft at SANDBOX"),
        (sent(Stage.CONFIRMED, State.GENERATED), Assessment(), "›", "CSR at SANDBOX"),
        (Record("a", damage=("names",)), None, "✗", "damaged"),
    ],
)
def test_each_need_has_a_sign_of_its_own_and_true_words(
    record: Record, assessment: Assessment | None, sign: str, state: str
) -> None:
    assert need_of(record, NOW, assessment).sign == sign
    assert state_name(record, assessment) == state


@pytest.mark.parametrize("stage", [OrderStage.ORDERED, OrderStage.REFUSED, OrderStage.EXPIRED])
def test_an_order_that_waits_for_you_looks_otherwise_than_one_at_its_ca(stage: OrderStage) -> None:
    assert need_of(ordered(stage), NOW, None) is not need_of(ordered(OrderStage.FINALISING), NOW, None)


def test_no_two_needs_look_the_same() -> None:
    assert len({(need.sign, need.style) for need in Need}) == len(Need)
    assert {Need.PRESSING.style, Need.SOON.style, Need.BAD.style, Need.NONE.style} == {
        f"record-list--{style}" for style in ("pressing", "warn", "bad", "good")
    }


def test_a_wider_list_shows_every_column_of_a_narrower_one_and_none_narrower() -> None:
    for width in range(60, 300):
        sizes, wider = layout(width), layout(width + 1)
        assert sum(sizes.values()) == width - 4
        assert sizes.keys() <= wider.keys()
        assert set(sizes) >= {Column.DOMAIN, Column.ENDS, Column.STATE}
        assert sizes[Column.DOMAIN] >= 20


@pytest.mark.parametrize(
    ("search", "marked"),
    [("SHOP", ["shop", "Shop"]), ("shop ex", ["shop", "ex", "Ex", "Shop"]), ("absent", []), ("", []), ("[", [])],
)
def test_the_matches_of_a_search_are_marked(search: str, marked: list[str]) -> None:
    record = Record("a", subject=Subject("shop.example.com", organization="Example Shop"))
    row = cells(record, None, NOW, 200, search)

    assert "".join(cell.text for cell in row) == "".join(cell.text for cell in cells(record, None, NOW, 200))
    found = [cell.text for cell in row if cell.style == "record-list--match"]
    assert found == marked


def test_a_text_that_folding_makes_longer_is_shown_whole() -> None:
    row = cells(Record("a", subject=Subject("a.com", organization="Straße Shop")), None, NOW, 200, "shop")

    assert "Straße Shop " in "".join(cell.text for cell in row)

"""Text: what looks like another text is known, and the other is offered."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_tui.core import rules, text
from csr_tui.core.fields import Subject
from csr_tui.core.findings import Level
from csr_tui.core.record import Purpose, Record, Tag

LOOK_ALIKES = {
    "no-break space": ("Example\u00a0Ltd", "Example Ltd"),
    "ideographic space": ("Example\u3000Ltd", "Example Ltd"),
    "thin space": ("Example\u2009Ltd", "Example Ltd"),
    "two blanks": ("Example  Ltd", "Example Ltd"),
    "Hangul filler": ("Example\u3164Ltd", "Example Ltd"),
    "decomposed accent": ("E\u0301cole", "École"),
    "decomposed Hangul": ("\u1112\u1161\u11ab", "한"),
    "curly quotes": ("“Example Ltd”", "Example Ltd"),
    "single quotes": ("‘Example Ltd’", "Example Ltd"),
    "straight quotes": ('"Example Ltd"', "Example Ltd"),
    "German quotes": ("„Example Ltd“", "Example Ltd"),
    "guillemets": ("«Example Ltd»", "Example Ltd"),
    "corner brackets": ("「示例」", "示例"),
    "variation selector": ("葛\U000e0100城", "葛城"),
    "no-break hyphen": ("Example\u2011Ltd", "Example-Ltd"),
    "minus sign": ("Example\u2212Ltd", "Example-Ltd"),
    "compatibility ideograph": ("\uf9e1氏", "\u674e氏"),
    "half-width katakana": ("ｶﾌﾞｼｷ", "カブシキ"),
    "mathematical letters": ("\U0001d404\U0001d431ample", "Example"),
    "Kelvin sign": ("\u212aelvin", "Kelvin"),
    "full width": ("Ｅｘａｍｐｌｅ　Ｌｔｄ ２４", "Example Ltd 24"),
    "ligature": ("ﬁnance AG", "finance AG"),
    "Cyrillic twins": ("\u0415\u0445ample Ltd", "Example Ltd"),
    "Greek twin": ("\u0391cme", "Acme"),
}
UNSEEN = {
    "zero width": ("Exam\u200bple", "Example"),
    "bidi": ("Exam\u202eple", "Example"),
    "soft hyphen": ("Exam\u00adple", "Example"),
    "byte order mark": ("Exam\ufeffple", "Example"),
    "tab": ("Example\tLtd", "Example Ltd"),
    "line end": ("Example\r\nLtd", "Example Ltd"),
    "line separator": ("Example\u2028Ltd", "Example Ltd"),
}
ORDINARY = [
    "Example Ltd",
    "École",
    "示例科技有限公司",
    "ООО «Ромашка»",
    "O'Neill & Sons",
    '"A" and "B"',
    "Müller-Lüdenscheidt",
    "示例（上海）有限公司",
    "ООО Web\u043c\u0430\u0441\u0442\u0435\u0440",
    "\u041e\u041e\u041e Example",
    "\u041e\u041e\u041e_1",
]


def test_a_text_of_invisible_characters_alone_is_to_be_removed() -> None:
    found = rules.check_field("organization", "\u202e", Purpose.PRIVATE)

    assert found is not None
    assert found.message == "It contains an invisible character (U+202E). Remove it."


@pytest.mark.parametrize("field", ["organization", "department", "province", "city"])
@pytest.mark.parametrize(("typed", "meant"), LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_a_text_that_only_looks_right_is_a_hint_with_the_right_one(field: str, typed: str, meant: str) -> None:
    record = Record("text000000", subject=Subject(domain="www.example.com", **{field: typed}))

    (hint,) = (one for one in rules.check(record) if one.field == field and one.level is Level.HINT)
    assert (hint.fix, rules.check_field(field, typed, Purpose.PRIVATE)) == (meant, hint)
    assert meant in hint.message


@pytest.mark.parametrize("field", ["organization", "department", "province", "city", "remark"])
@pytest.mark.parametrize(("typed", "meant"), UNSEEN.values(), ids=UNSEEN)
def test_what_cannot_be_seen_is_an_error_with_the_text_without_it(field: str, typed: str, meant: str) -> None:
    finding = rules.check_field(field, typed, Purpose.PRIVATE)

    assert finding is not None
    assert (finding.level, finding.fix) == (Level.ERROR, meant)
    assert field == "remark" or finding.message.endswith(f'Write "{meant}" instead.')


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("E\u0301cole", ("letters with a separate accent",)),
        ("\u1112\u1161\u11ab", ("letters in an unusual form",)),
        ("\u212bngström", ("letters in an unusual form",)),
        ("Example\u2000Ltd", ("an unusual space (U+2000)",)),
    ],
)
def test_how_it_differs_is_stated_as_it_is(typed: str, says: tuple[str, ...]) -> None:
    assert text.hidden_differences(typed) == says


@pytest.mark.parametrize("typed", ORDINARY)
def test_ordinary_texts_are_what_they_look_like(typed: str) -> None:
    assert rules.check_field("organization", typed, Purpose.PRIVATE) is None
    assert text.plain(typed) == typed


def test_a_remark_may_have_quotes_and_blanks_of_its_own() -> None:
    assert rules.FIELDS["remark"]("“ticket”  4711", Purpose.PRIVATE) is None
    assert rules.FIELDS["remark"]("E\u0301cole", Purpose.PRIVATE) is not None


def test_a_tag_that_only_looks_like_another_is_a_hint() -> None:
    record = Record("text000000", subject=Subject(domain="www.example.com"), tags=(Tag("team", "web\u00a0shop"),))

    (hint,) = (one for one in rules.check(record) if one.field == "tags")
    assert (hint.level, hint.fix) == (Level.HINT, "team=web shop")


@given(st.text(max_size=60), st.booleans())
def test_the_plain_form_of_a_text_is_its_own(typed: str, prose: bool) -> None:
    once = text.plain(text.trim(typed), prose=prose)

    assert text.hidden_differences(once, prose=prose) == () or text.plain(once, prose=prose) != typed
    assert unicodedata.is_normalized("NFC", once)
    assert not any(char.isspace() and char != " " for char in once)


@given(st.text(max_size=60).filter(lambda typed: "\0" not in typed[:100]))
def test_text_is_read_in_every_encoding_that_windows_writes(typed: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        data = typed.encode(encoding, "surrogatepass") if typed.isascii() else typed.encode(encoding, "replace")

        assert text.decoded(data) == data.decode(encoding).removeprefix("\ufeff")

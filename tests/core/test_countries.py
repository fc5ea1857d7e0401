"""Countries: what people type, and the code it leads to."""

import pytest

from csr_tui.core import countries


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("China", "CN"),
        ("中国", "CN"),
        ("cn", "CN"),
        (" CN ", "CN"),
        ("UK", "GB"),
        ("United Kingdom", "GB"),
        ("英国", "GB"),
        ("usa", "US"),
        ("Korea", "KR"),
        ("hong kong", "HK"),
        ("香港", "HK"),
        ("Viet Nam", "VN"),
        ("法国", "FR"),
    ],
)
def test_a_name_leads_to_its_code(text: str, code: str) -> None:
    assert countries.code_for_name(text) == code
    assert countries.search(text)[0].code == code


@pytest.mark.parametrize("text", ["", "united", "xx", "zzzz", "a" * 10_000])
def test_what_is_no_country_or_many_leads_to_none(text: str) -> None:
    assert countries.code_for_name(text) is None


def test_there_are_the_249_assigned_codes_and_no_others() -> None:
    assert len(countries.codes()) == 249
    assert {"CN", "GB", "US", "TW", "HK"} <= countries.codes()
    assert not {"UK", "EU", "XK", "ZZ"} & countries.codes()


def test_typing_a_beginning_offers_the_countries_that_begin_so() -> None:
    assert [country.code for country in countries.search("germ")] == ["DE"]
    assert countries.search("united")[0].english.startswith("United")

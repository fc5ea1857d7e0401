"""ISO 3166-1 alpha-2 codes, and the names by which people know them in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

ALIASES = {
    "uk": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "great britain": "GB",
    "britain": "GB",
    "usa": "US",
    "america": "US",
    "united states of america": "US",
    "prc": "CN",
    "people's republic of china": "CN",
    "mainland china": "CN",
    "中华人民共和国": "CN",
    "hong kong": "HK",
    "香港": "HK",
    "macao": "MO",
    "macau": "MO",
    "澳门": "MO",
    "korea": "KR",
    "south korea": "KR",
    "north korea": "KP",
    "russian federation": "RU",
    "viet nam": "VN",
    "czech republic": "CZ",
    "holland": "NL",
    "turkey": "TR",
    "ivory coast": "CI",
    "uae": "AE",
    "deutschland": "DE",
    "españa": "ES",
    "schweiz": "CH",
    "suisse": "CH",
}
"""What people type that no list of names holds; all in case-folded form."""

LONGEST = 60
"""Characters after which a text is no country's name."""


@dataclass(frozen=True, slots=True)
class Country:
    """One assigned code and its names."""

    code: str
    english: str
    chinese: str


@cache
def all_countries() -> tuple[Country, ...]:
    """Every assigned code, in alphabetical order."""
    text = files("csr_tui.core").joinpath("countries.tsv").read_text("utf-8")
    return tuple(Country(*line.split("\t")) for line in text.splitlines())


@cache
def codes() -> frozenset[str]:
    return frozenset(country.code for country in all_countries())


def name(code: str) -> str:
    """The English name of a code; the code itself where it is not assigned."""
    return next((country.english for country in all_countries() if country.code == code), code)


def search(text: str) -> tuple[Country, ...]:
    """The countries a text may stand for, best first: code, whole name, beginning, beginning of a word, part."""
    wanted = text.strip().casefold()
    if not wanted or len(wanted) > LONGEST:
        return ()
    alias = ALIASES.get(wanted)
    ranked = [
        (_rank(country, wanted), country.code, country)
        for text, country in _searched()
        if wanted in text or country.code == alias
    ]
    return tuple(country for rank, _, country in sorted(ranked, key=lambda found: found[:2]) if rank < 9)


def code_for_name(text: str) -> str | None:
    """The one code that a text means: a code in any case, a name, an everyday form of one, or a part of just one."""
    if (code := certain_code(text)) is not None:
        return code
    found = search(text)
    return found[0].code if len(found) == 1 else None


def certain_code(text: str) -> str | None:
    """The code that a text is itself, in any case, or a whole name of; None for a part of a name."""
    return _whole().get(text.strip().casefold())


def nearest(text: str) -> Country | None:
    """The country whose English name a text misspells, such as `Germny`."""
    from difflib import get_close_matches

    named = {one.english.casefold(): one for one in all_countries()}
    wanted = text.strip().casefold()
    found = get_close_matches(wanted, named, 1, 0.8) if 3 < len(wanted) <= LONGEST else []
    return named[found[0]] if found else None


@cache
def _searched() -> tuple[tuple[str, Country], ...]:
    """Each country after all its texts in case-folded form."""
    return tuple(
        (f"{country.code}\n{country.english}\n{country.chinese}".casefold(), country) for country in all_countries()
    )


@cache
def _whole() -> dict[str, str]:
    """Every whole name and code, in case-folded form; an alias goes before a code, and that before a name."""
    named = {name.casefold(): one.code for one in all_countries() for name in (one.english, one.chinese)}
    return {**named, **{code.casefold(): code for code in codes()}, **ALIASES}


def _rank(country: Country, text: str) -> int:
    """How well a country answers: 0 best, 9 not at all."""
    english, chinese = country.english.casefold(), country.chinese
    if ALIASES.get(text) == country.code:
        return 0
    if text == country.code.casefold():
        return 1
    if text in (english, chinese):
        return 2
    if english.startswith(text) or chinese.startswith(text):
        return 3
    if any(word.startswith(text) for word in english.replace("-", " ").split()):
        return 4
    if len(text) > 2 and (text in english or text in chinese):
        return 5
    return 9

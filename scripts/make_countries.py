"""Writes csr_tui/core/countries.tsv: ISO 3166-1 codes with English and Chinese names, from CLDR.

Needs Babel, at build time only: `python -m pip install babel && python scripts/make_countries.py`.
"""

from pathlib import Path

from babel import Locale

TARGET = Path(__file__).parents[1] / "csr_tui" / "core" / "countries.tsv"

UNASSIGNED = frozenset(
    # reserved, private or regional codes: no country of ISO 3166-1
    ("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ")
)


def main() -> None:
    english, chinese = Locale("en").territories, Locale("zh", script="Hans").territories
    codes = sorted(code for code in english if len(code) == 2 and code.isalpha() and code not in UNASSIGNED)
    lines = [f"{code}\t{english[code]}\t{chinese[code]}\n" for code in codes]
    TARGET.write_text("".join(lines), encoding="utf-8")
    print(f"{len(lines)} countries")


if __name__ == "__main__":
    main()

"""Run every benchmark, and write the rows that they print into the tables of the two READMEs.

python benchmarks/run.py [NAME]...
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ALL, FIVE = HERE / "README.md", HERE.parent / "README.md"
BEGIN, END = "<!-- benchmarks -->\n", "<!-- end of benchmarks -->\n"
HEAD = "| what | against | ratio | aim |\n|---|---|---|---|\n"
NONE_OF_THEM = {"run", "measuring"}


def main() -> None:
    """A row replaces the one of the same name; what was not measured now stays as it was."""
    names = sys.argv[1:] or sorted(file.stem for file in HERE.glob("*.py") if file.stem not in NONE_OF_THEM)
    for name in names:
        result = subprocess.run([sys.executable, HERE / f"{name}.py"], stdout=subprocess.PIPE, text=True, check=True)
        print(result.stdout, end="", flush=True)
        rows = {key: line for line in result.stdout.splitlines() if (key := key_of(line))}
        write(ALL, rows)
        write(FIVE, rows, known_only=True)


def write(readme: Path, rows: dict[tuple[str, ...], str], *, known_only: bool = False) -> None:
    """Put these rows into the table of a README, all of them or those that it has already."""
    before, rest = readme.read_text("utf-8").split(BEGIN)
    table, after = rest.split(END)
    old = {key: line for line in table.splitlines() if (key := key_of(line))}
    new = old | {key: line for key, line in rows.items() if key in old or not known_only}
    lines = "".join(f"{line}\n" for line in new.values())
    readme.write_text(f"{before}{BEGIN}{HEAD}{lines}{END}{after}", "utf-8")


def key_of(line: str) -> tuple[str, ...]:
    """What a row measures, against what; nothing for the table's head and for other lines."""
    cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
    return cells[:2] if line.startswith("| ") and len(cells) == 4 and cells[2] != "ratio" else ()


if __name__ == "__main__":
    main()

"""Run every benchmark, and write what they print as rows into the README's table.

python benchmarks/run.py [NAME]...
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
BEGIN, END = "<!-- benchmarks -->\n", "<!-- end of benchmarks -->\n"
HEAD = "| what | against | ratio | aim |\n|---|---|---|---|\n"
NONE_OF_THEM = {"run", "measuring"}


def main() -> None:
    """A row replaces the one of the same name; what was not measured now stays as it was."""
    names = sys.argv[1:] or sorted(file.stem for file in HERE.glob("*.py") if file.stem not in NONE_OF_THEM)
    before, rest = README.read_text("utf-8").split(BEGIN)
    table, after = rest.split(END)
    rows = {key_of(line): line for line in table.splitlines() if key_of(line)}
    for name in names:
        result = subprocess.run([sys.executable, HERE / f"{name}.py"], stdout=subprocess.PIPE, text=True, check=True)
        print(result.stdout, end="", flush=True)
        rows |= {key_of(line): line for line in result.stdout.splitlines() if key_of(line)}
    lines = "".join(f"{line}\n" for line in rows.values())
    README.write_text(f"{before}{BEGIN}{HEAD}{lines}{END}{after}", "utf-8")


def key_of(line: str) -> tuple[str, ...]:
    """What a row measures, against what; nothing for the table's head and for other lines."""
    cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
    return cells[:2] if line.startswith("| ") and len(cells) == 4 and cells[2] != "ratio" else ()


if __name__ == "__main__":
    main()

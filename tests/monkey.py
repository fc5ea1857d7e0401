"""Quick keys on a real desk, to find those that end it: held ones (`make steps`) and any (`make monkey`).

python tests/monkey.py steps|monkey [KEYS] [SEED]
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from itertools import count

from pty_session import Session

KEYS = 20_000
GAPS = (0.0, 0.01, 0.025, 0.033, 0.06)
STEPS = ("\x0e",) * 5 + ("\x02",) * 5
ANY = (
    *"nnggdyexpcakofvmrultsqbiz?/ \t\r\r",
    *("\x0e", "\x0e", "\x02", "\x07", "\x0f", "\x0f", "\x10", "\x13", "\x14", "\x1a", "\x7f", "\x1b", "\x1b"),
    *(
        "\x1b[A",
        "\x1b[B",
        "\x1b[C",
        "\x1b[D",
        "\x1b[H",
        "\x1b[F",
        "\x1b[5~",
        "\x1b[6~",
        "\x1b[Z",
        "\x1bOP",
        "\x1bOQ",
        "\x1bOS",
    ),
    *("\x1b[15~", "\x1b[17~", "\x1b[19~", "\x1b[20~", "\x1bn", "\x1br", "\x1bk", "\x1b[99;99X"),
    *(
        "www.example.com",
        "[/]x[@click=app.quit]",
        "\u202e",
        "a\u0301中文",
        "\x1b[200~b.example.com\nc.example\x1b[201~",
    ),
    *("\x1b[<0;20;10M\x1b[<0;20;10m", "\x1b[<0;60;5M\x1b[<0;60;5m", "\x1b[<64;30;10M", "\x1b[<65;30;10M"),
)
"""Letters that are commands, keys of every kind, texts that once did harm, pastes and clicks."""


def pressed(session: Session, what: str, chance: random.Random, most: int) -> list[str]:
    """Press up to so many keys while the desk lives; those that were."""
    keys: list[str] = []
    gap = chance.choice(GAPS)
    for number in range(most):
        if session.process.poll() is not None:
            break
        keys.append(STEPS[number % len(STEPS)] if what == "steps" else chance.choice(ANY))
        session.press(keys[-1])
        time.sleep(gap if number % 20 else 0.1)
    return keys


def main(what: str, wanted: int, seed: int) -> int:
    """Desk after desk on one store, 500 keys each; the number of those that crashed."""
    chance = random.Random(seed)
    crashes = sent = 0
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CSR_TUI_HOME": folder, "HOME": folder, "LANG": "C.UTF-8"}
        environment |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        for desk in count(1):
            with Session([sys.executable, "-m", "csr_tui"], environment) as session:
                session.see("csr-tui")
                if what == "steps":
                    session.press("nkept.example.com")
                keys = pressed(session, what, chance, min(500, wanted - sent))
                session.press("")
                time.sleep(0.5)
                text = session.text()
            sent += len(keys)
            if "Traceback" in text or "Error:" in text or "NoMatches" in text:
                crashes += 1
                print(f"desk {desk} crashed after {keys[-25:]}\n{text[-2500:]}", flush=True)
            if sent >= wanted:
                print(f"{what}: {sent:,} keys on {desk} desks, {crashes} crashes (seed {seed})")
                return crashes
    return crashes


if __name__ == "__main__":
    name, *numbers = sys.argv[1:]
    sys.exit(bool(main(name, *(list(map(int, numbers)) + [KEYS, 1][len(numbers) :]))))

"""One question per line at a plain terminal: the kept value in brackets, and the keys that work at every question."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from csr_tui.cli import advice, output
from csr_tui.cli.context import Prompter
from csr_tui.cli.progress import EVERY_LINE
from csr_tui.core import password
from csr_tui.core.findings import Level
from csr_tui.core.questions import Option
from csr_tui.core.secret import Secret
from csr_tui.core.text import counted, escaped, trim
from csr_tui.errors import CsrTuiError

Value = TypeVar("Value")

KEYS = "Enter keeps the value in brackets, - empties it, ? explains, < goes back, . stops and keeps the draft."
STRENGTH = "Use at least 12 characters that are not easily guessed. Nothing is shown while you type."
CURRENT = "The password that the key is encrypted with. Nothing is shown while you type."


LONGEST_LINE = 4095
"""Bytes, with the end of the line; of a longer one, Linux drops what does not fit without a word (N_TTY)."""


class GoBack(BaseException):
    """The answer was `<`."""


class Stop(BaseException):
    """The answer was a dot."""


class InputEnded(BaseException):
    """No more answers will come: the end of the input, or a terminal that is gone."""


class Dialogue:
    """Asks a person, line by line, until the answer fits the question; nothing they type is printed again."""

    def __init__(self, person: Prompter) -> None:
        self._person = person

    def text(self, label: str, kept: str = "", *, about: str) -> str | None:
        """What was typed, an empty text where that was `-`; None where what is kept stays."""
        answer = self._answer(_prompt(label, escaped(kept)), about)
        return None if not answer else "" if answer == "-" else answer

    def agrees(self, question: str, *, usual: bool, about: str = "Answer yes or no.") -> bool:
        """Whether the answer is yes."""
        while True:
            match self._answer(_prompt(f"{question} yes or no", "yes" if usual else "no"), about).casefold():
                case "":
                    return usual
                case "y" | "yes":
                    return True
                case "n" | "no":
                    return False
            output.say("error: Answer yes or no.")

    def choose(
        self,
        label: str,
        options: Sequence[Option[Value]],
        kept: Value | None = None,
        *,
        about: str,
        find: Callable[[str], Value] | None = None,
        listed: bool = True,
    ) -> Value:
        """The value of one option, by its number or the beginning of its title, or what `find` makes of the answer."""
        last = len(options)
        usual = next((i for i, one in enumerate(options, 1) if one.value == kept and not one.refusal), 0)
        lines = "\n".join(f"{number}. {described(option)}" for number, option in enumerate(options, 1))
        if listed:
            output.say(lines)
        while True:
            answer = self._answer(_prompt(f"{label}, 1 to {last}", str(usual or "")), f"{about}\n{lines}")
            found = _option(options, answer or str(usual))
            if found is None and find is not None and answer:
                try:
                    return find(answer)
                except CsrTuiError as error:
                    output.say(f"error: {advice.sentence(error)}")
            elif found is None:
                output.say(f"error: {label}: Enter a number from 1 to {last}.")
            elif found.refusal:
                output.say(f"error: {label}: {found.refusal}")
            else:
                return found.value

    def secret(self, label: str, *, about: str) -> Secret | None:
        """A password, which is not shown; None where nothing was typed."""
        while True:
            try:
                typed = self._person.secret(f"{label}: ")
                typed.encode()
            except UnicodeError:
                output.say("error: The password is not UTF-8 text. Set the terminal to UTF-8.")
                continue
            except (EOFError, OSError) as error:
                raise InputEnded from error
            if typed != "?":
                return Secret(typed) if _is_answer(typed) else None
            output.say(f"{about}\n{KEYS}")

    def new_password(self, label: str, *, avoid: tuple[str, ...]) -> tuple[Secret, bool]:
        """A new password, typed twice, and whether the person insists on a weak one; `avoid` holds words to avoid."""
        output.say(STRENGTH)
        while True:
            first = self.secret(label, about=STRENGTH)
            finding = password.check(first or Secret(""), context=avoid)
            if finding is not None:
                output.say(f"{finding.level}: {finding.message}")
                insists = finding.level is not Level.ERROR and self.agrees("Use it anyway?", usual=False)
                if not insists:
                    continue
            if first is not None and first == self.secret("Repeat the password", about=STRENGTH):
                return first, finding is not None
            output.say("error: The passwords differ. Enter both again.")

    def _answer(self, prompt: str, about: str) -> str:
        """A line without blanks around it; the keys that lead elsewhere do so."""
        while True:
            try:
                line = self._person.line(prompt)
            except OSError as error:
                raise InputEnded from error
            if not line:
                raise InputEnded
            answer = trim(line)
            if len(line.encode()) > LONGEST_LINE:
                output.say("error: The terminal may have cut off the end of so long a line. Type the answer in parts.")
            elif "\x1b" in answer or "\0" in answer:
                output.say("error: Arrow, function and control keys are not text. Type the answer again.")
            elif "\ufffd" in answer:
                output.say("error: The answer is not UTF-8 text. Set the terminal to UTF-8, or use ASCII letters.")
            elif answer == "?":
                output.say(f"{about}\n{KEYS}")
            elif _is_answer(answer):
                return answer
            else:
                return ""


@contextmanager
def under_way(what: str, every: float = EVERY_LINE) -> Iterator[None]:
    """Report an action when it begins, and how long it takes, in whole lines that are far apart."""
    ended = threading.Event()
    begun = time.monotonic()

    def report() -> None:
        while not ended.wait(every):
            output.say(f"{what}: {counted(round(time.monotonic() - begun), 'second')} so far.")

    output.say(f"{what}.")
    reporter = threading.Thread(target=report, daemon=True)
    reporter.start()
    try:
        yield
    finally:
        ended.set()
        reporter.join()


def _is_answer(text: str) -> bool:
    """Whether something was typed; `<` and a dot lead elsewhere."""
    match text:
        case "<":
            raise GoBack
        case ".":
            raise Stop
    return bool(text)


def _prompt(label: str, kept: str) -> str:
    return f"{label} [{kept}]: " if kept else f"{label}: "


def described(option: Option[Value]) -> str:
    """Its title, and what it means or why it cannot be chosen."""
    return ". ".join((option.title, *((option.refusal,) if option.refusal else option.lines)))


def _option(options: Sequence[Option[Value]], answer: str) -> Option[Value] | None:
    """The option of this number, or the only one whose title begins so."""
    if answer.isdecimal():
        number = int(answer[:6])
        return options[number - 1] if 0 < number <= len(options) else None
    fitting = [one for one in options if one.title.casefold().startswith(answer.casefold())]
    return fitting[0] if len(fitting) == 1 and answer else None

"""The questions of one draft, in the order of the wizard, then what to do with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from signal import SIGHUP, SIGINT

from csr_tui.cli import advice, exits, output, record_text
from csr_tui.cli.ask.answers import concerns, help_of, items_of, text_of, with_text
from csr_tui.cli.ask.dialogue import Dialogue, GoBack, InputEnded, Stop, under_way
from csr_tui.cli.ask.generation import generate
from csr_tui.cli.context import Context
from csr_tui.core import countries, host_names, names, questions, rules, values
from csr_tui.core.custody import Custody
from csr_tui.core.fields import COUNTRY, DOMAIN
from csr_tui.core.findings import Finding, Level, errors
from csr_tui.core.questions import Option, Question
from csr_tui.core.record import Record
from csr_tui.core.text import counted, escaped
from csr_tui.core.usages import USAGES, MainName
from csr_tui.errors import CsrTuiError, TokenError
from csr_tui.lifecycle import existing_key
from csr_tui.lifecycle.editing import Draft
from csr_tui.storage import RecordStore
from csr_tui.vault import VaultState

LISTED = 3
"""Names in the brackets; more are counted."""

MOST_COUNTRIES = 9


class ReviewChoice(Enum):
    """What can be done with a draft, as its review offers it."""

    GENERATE = "Generate the key and the CSR"
    CHANGE = "Change an answer"
    KEEP = "Keep as draft"


def ask(context: Context, store: RecordStore, dialogue: Dialogue, record: Record, *, review: bool = False) -> Record:
    """Ask every question, or only the last, of a draft; the record as it is in the store in the end.

    Each answer is saved at once. Where the person stops in between, a sentence reports what is saved.
    """
    draft = Draft(store, record)
    questioner = Questioner(context, store, dialogue, draft)
    with _reported(context, draft):
        if not review:
            questioner.ask_all()
        return questioner.review()
    return draft.record


@contextmanager
def _reported(context: Context, draft: Draft) -> Iterator[None]:
    """Whatever ends the questions: report what is saved of the draft, and end with the status of that."""
    try:
        yield
    except Stop:
        output.say(_saved(draft))
    except InputEnded:
        output.say(f"\nThe input ended. {_saved(draft)}")
        raise exits.Interrupted(SIGHUP if context.person is None or context.person.gone() else SIGINT) from None
    except KeyboardInterrupt:
        output.say(f"\nInterrupted. {_saved(draft)}")
        raise exits.Interrupted(SIGINT) from None
    except exits.Interrupted:
        output.say(f"\nInterrupted. {_saved(draft)}")
        raise


def _saved(draft: Draft) -> str:
    """What is in the store; answers that could not be saved are tried once more, and reported where that fails."""
    try:
        draft.save()
    except CsrTuiError as error:
        raise error.reworded(f"The last answers are not saved. {error}") from None
    if not draft.record.revision:
        return "Nothing was saved: the draft is empty."
    return (
        f"The draft is saved as {draft.record.id}. Continue it with generate in the menu (ACCESSIBLE=1 csr-tui), or on "
        "the desk."
    )


class Questioner:
    """Asks about one draft."""

    def __init__(self, context: Context, store: RecordStore, dialogue: Dialogue, draft: Draft) -> None:
        self._context = context
        self._store = store
        self._dialogue = dialogue
        self._draft = draft
        self._no_keyring: bool | None = None

    def ask_all(self, at: int = 0) -> None:
        """Every question from this one on; `<` leads to the one before."""
        while at < len(asked := questions.questions(self._draft.record)):
            try:
                self._ask(asked[at])
                at += 1
            except GoBack:
                if at == 0:
                    output.say("This is the first question.")
                at = max(0, at - 1)

    def review(self) -> Record:
        """Show the request and its findings, and ask what to do with it until it is generated or kept."""
        while True:
            output.say(record_text.page(self._draft.record, datetime.now(UTC)).rstrip("\n"))
            wrong = errors(rules.check(self._draft.record))
            try:
                step = self._next_step(wrong)
            except GoBack:
                self.ask_all(len(questions.questions(self._draft.record)) - 1)
                continue
            if step is ReviewChoice.KEEP:
                raise Stop
            with suppress(GoBack):
                if step is ReviewChoice.CHANGE:
                    self._change(wrong)
                elif (record := self._generate()) is not None:
                    return record

    def _next_step(self, wrong: tuple[Finding, ...]) -> ReviewChoice:
        refusal = f"Fix {counted(len(wrong), 'error')} before generating." if wrong else ""
        return self._dialogue.choose(
            "Next step",
            [Option(one, one.value, refusal=refusal if one is ReviewChoice.GENERATE else "") for one in ReviewChoice],
            ReviewChoice.CHANGE if wrong else ReviewChoice.GENERATE,
            about="A generated request cannot be edited; a draft can be changed at any time.",
        )

    def _generate(self) -> Record | None:
        """The record with its key; None, after a sentence, where that fails."""
        try:
            return generate(self._context, self._store, self._dialogue, self._draft.record)
        except CsrTuiError as error:
            output.say(f"error: {advice.sentence(error)}")
            return None

    def _change(self, wrong: tuple[Finding, ...]) -> None:
        """One answer, at first that with the first error."""
        asked = questions.questions(self._draft.record)
        first = next((one for one in asked if wrong and concerns(one, wrong[0])), asked[0])
        options = [Option(one, one.label) for one in asked]
        self._ask(self._dialogue.choose("Answer to change", options, first, about="Choose a question to ask again."))

    def _ask(self, question: Question) -> None:
        """One question, again while its new answer has an error; Enter keeps even that in a draft."""
        while True:
            before = self._draft.record
            if question.field in ("sans", "extra"):
                self._ask_lines(question)
            elif options := questions.options(question.field, before, no_keyring=self._has_no_keyring(question)):
                self._ask_choice(question, options)
            else:
                self._ask_text(question)
            if not self._has_errors(question) or self._draft.record == before:
                return

    def _ask_text(self, question: Question) -> None:
        record, field = self._draft.record, question.field
        label = f"{question.label} (required)" if question.missing and not text_of(record, field) else question.label
        text = self._dialogue.text(label, text_of(record, field), about=help_of(question, self._draft.record))
        if text is None:
            return
        more = names.several(text) if field == DOMAIN.name and USAGES[record.usage].main is MainName.HOST else ()
        if more:
            text = more[0]
            output.say(f"hint: {counted(len(more) - 1, 'more name')} added to the names.")
            record = replace(record, names=tuple(dict.fromkeys((*record.names, *more[1:]))))
        if field == COUNTRY.name:
            text = self._country(text)
        self._save(field, with_text(record, field, text))

    def _country(self, text: str) -> str:
        """The code of one of several countries that a text may stand for; else the text itself."""
        found = countries.search(text)[:MOST_COUNTRIES]
        if len(found) < 2 or countries.certain_code(text) is not None:
            return text
        options = [Option(one.code, f"{one.code} {one.english}") for one in found]
        return self._dialogue.choose("Which country", [*options, Option(text, "None of these")], about=COUNTRY.help)

    def _ask_lines(self, question: Question) -> None:
        """Names or extra lines: the first answer takes the place of what is kept, and each further one adds to it."""
        field = question.field
        kept = [host_names.to_unicode(one) if field == "sans" else one for one in items_of(self._draft.record, field)]
        more = f" and {len(kept) - LISTED} more" if len(kept) > LISTED else ""
        answer = self._dialogue.text(
            question.label, ", ".join(kept[:LISTED]) + more, about=help_of(question, self._draft.record)
        )
        lines: tuple[str, ...] = ()
        while answer is not None:
            lines = (*lines, answer)
            edited, notes = values.with_values(self._draft.record, {field: lines})
            self._save(field, edited)
            output.say_findings(notes)
            answer = (
                self._dialogue.text("One more, or Enter to go on", about=help_of(question, self._draft.record))
                if answer
                else None
            )

    def _ask_choice(self, question: Question, options: tuple[Option[object], ...]) -> None:
        record = self._draft.record
        kept = {
            "usage": record.usage,
            "purpose": record.purpose,
            "key_parameter": record.key,
            "password_choice": questions.usual_custody(record.custody, no_keyring=bool(self._no_keyring)),
        }[question.field]
        chosen = self._dialogue.choose(question.label, options, kept, about=help_of(question, self._draft.record))
        if chosen is Custody.TOKEN:
            self._ask_token(question)
            return
        part = {"key_parameter": "key", "password_choice": "custody"}.get(question.field, question.field)
        edited = replace(record, **{part: chosen})  # type: ignore[arg-type]  # the value of an option of this field
        self._save(question.field, values.with_values(edited, {"domain": record.subject.domain})[0])

    def _ask_token(self, question: Question) -> None:
        """Ask for a key on a token, existing or new; without a token, ask again how to protect the key."""
        from csr_tui.lifecycle import token_options, tokens

        record = self._draft.record
        try:
            with under_way("Looking for tokens"):
                found = tokens.open_tokens(self._context.paths).list()
            for problem in found.problems:
                output.say(f"error: {problem}")
            if not found.tokens and record.token is None:
                raise TokenError("No token is connected.")
        except CsrTuiError as error:
            output.say(f"error: {advice.sentence(error)}")
            self._ask(question)
            return
        offered = token_options.options(found, record)
        key = self._dialogue.choose(
            "Key on a token", offered, token_options.find(offered, record.token), about=help_of(question, record)
        )
        on_token = replace(record, custody=Custody.TOKEN, token=key.uri, key=key.spec or record.key, key_file="")
        self._save(question.field, on_token)

    def _save(self, field: str, record: Record) -> None:
        self._draft.edit(replace(record, step=questions.STEP_OF[field]))
        try:
            if sentence := self._draft.save():
                output.say(sentence)
        except CsrTuiError as error:
            output.say(f"error: The answer is not saved yet. {advice.sentence(error)}")

    def _has_errors(self, question: Question) -> bool:
        """Report the findings of a question, and offer what corrects them; whether an error remains."""
        for found in self._findings(question):
            output.say(f"{found.level}: {found.labelled}")
            if found.fix is not None and (corrected := self._corrected(question.field, found)) is not None:
                self._save(question.field, corrected)
        return any(found.level is Level.ERROR for found in self._findings(question))

    def _corrected(self, field: str, found: Finding) -> Record | None:
        """The record with what a finding offers, where the person wants it."""
        record, fix = self._draft.record, found.fix or ""
        shown = escaped(host_names.to_unicode(fix))
        if field in ("sans", "extra"):
            items = items_of(record, field)
            bad = [one for one in items if rules.check_field(field, one, record.purpose, record.usage) == found]
            if not bad and found.level is not Level.HINT:
                return None
            question = f"Use {shown} instead?" if bad else f"Add {shown}?"
            if not self._dialogue.agrees(question, usual=bool(bad)):
                return None
            lines = tuple(fix if one in bad else one for one in items)
            return values.with_values(record, {field: lines if bad else (*lines, fix)})[0]
        if not self._dialogue.agrees(f"Use {shown}?" if fix else "Empty this answer?", usual=True):
            return None
        return with_text(record, found.field, fix)

    def _findings(self, question: Question) -> tuple[Finding, ...]:
        """Those of the answer; those of the usage wait for the answer about the CA, which decides them."""
        record = self._draft.record
        if question.field == "key_file":
            fault = existing_key.file_fault(record.key_file) if record.key_file else None
            return () if fault is None else (fault,)
        return tuple(one for one in rules.check(record) if concerns(question, one))

    def _has_no_keyring(self, question: Question) -> bool:
        """Whether there is no keyring; it is asked when the first question depends on it."""
        if question.field == questions.CUSTODY.field and self._no_keyring is None:
            status = self._context.vault.status()
            self._no_keyring = status.state is VaultState.MISSING
            output.say(status.sentence)
        return bool(self._no_keyring)

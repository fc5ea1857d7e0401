"""The first step: what the certificate is for, and who."""

from __future__ import annotations

from dataclasses import replace

from textual import getters, on
from textual.app import ComposeResult

from csr_tui.core import countries, host_names, names, questions, rules
from csr_tui.core.fields import DOMAIN, FIELDS, Subject, Syntax
from csr_tui.core.questions import PURPOSE, USAGE
from csr_tui.core.record import Record, WizardStep
from csr_tui.core.text import counted
from csr_tui.core.usages import USAGES, MainName, Usage
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.widgets.choices import Choices
from csr_tui.ui.widgets.field import Field, Rule


class SubjectStep(Step):
    """Main name, organisation and place, checked for the usage and the purpose chosen above them."""

    STEP = WizardStep.SUBJECT
    LEAD = "What is the certificate for?  * required"
    HELP = (
        "Fill in what you know and skip the rest; the draft saves as you type. A public CA uses the domain, and for "
        "an OV certificate the organization and its location; it drops the department and the email. Generating on "
        "this machine needs only the domain; Tencent Cloud needs every field."
    )

    usage = getters.query_one("#usage", Choices)
    purpose = getters.query_one("#purpose", Choices)
    main = getters.query_one(f"#{DOMAIN.name}", Field)

    def compose_fields(self) -> ComposeResult:
        row = USAGES[self.record.usage]
        yield Choices(
            questions.usages(),
            row.name,
            id=USAGE.field,
            help=f"{USAGE.help} Choose with the arrow keys or a click.",
            folded=True,
        )
        yield Choices(
            questions.purposes(row),
            self.record.purpose,
            id=PURPOSE.field,
            help=f"{PURPOSE.help} Choose with the arrow keys or a click.",
        )
        for field, question in zip(FIELDS, questions.of_subject(row), strict=True):
            text = getattr(self.record.subject, field.name)
            yield Field(
                question.label,
                host_names.to_unicode(text) if field.syntax is Syntax.HOST else text,
                id=field.name,
                placeholder=question.placeholder,
                paste=self._take_names if field is DOMAIN else None,
                missing=question.missing,
                help=question.help,
                rule=self._rule(field.name),
                complete=complete_country if field.syntax is Syntax.COUNTRY else None,
            )

    def first_field(self) -> Field:
        return self.main

    def read(self) -> Record:
        subject = Subject(*(self.query_one(f"#{field.name}", Field).value for field in FIELDS))
        usage = self._usage()
        return replace(
            self.record,
            usage=usage.name,
            purpose=self.purpose.value or self.record.purpose,
            subject=replace(subject, domain=usage.canonical(subject.domain)),
        )

    def _usage(self) -> Usage:
        return USAGES[self.usage.value or self.record.usage]

    @on(Choices.Changed, "#usage")
    def _usage_changed(self) -> None:
        usage = self._usage()
        self.purpose.set_options(questions.purposes(usage), self.purpose.value)
        main = next(questions.of_subject(usage))
        self.main.ask(main.label, missing=main.missing, placeholder=main.placeholder, help=main.help)
        self._validated()

    @on(Choices.Changed, "#purpose")
    def _purpose_changed(self) -> None:
        for field in self.query(Field):
            if field.finding is not None:
                field.validate()

    def _take_names(self, text: str) -> str:
        """Of several names that are pasted into Domain the first stays; the rest are names of the next step."""
        found = names.several(text) if self._usage().main is MainName.HOST else ()
        if not found:
            return text
        more = [name for name in found[1:] if name not in self.record.names]
        self.record = replace(self.record, names=(*self.record.names, *more))
        self.notify(f"{counted(len(found) - 1, 'more name')} added to the step Names.")
        return host_names.to_unicode(found[0])

    def _rule(self, field: str) -> Rule:
        return lambda text: rules.check_field(
            field, text, self.purpose.value or self.record.purpose, self._usage().name
        )


def complete_country(text: str) -> tuple[tuple[str, str], ...]:
    """The codes that a text may stand for, with the names people know."""
    found = countries.search(text)[:3] or tuple(filter(None, (countries.nearest(text),)))
    return tuple((country.code, f"{country.english} {country.chinese}") for country in found)

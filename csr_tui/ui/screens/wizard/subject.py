"""The first step: what the certificate is for, and who."""

from __future__ import annotations

from dataclasses import replace

from textual import getters, on
from textual.app import ComposeResult

from csr_tui.core import countries, host_names, names, rules
from csr_tui.core.fields import DOMAIN, FIELDS, Subject, Syntax
from csr_tui.core.record import Purpose, Record, WizardStep
from csr_tui.core.usages import USAGES, MainName, Usage
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.widgets.choices import Choices, Option
from csr_tui.ui.widgets.field import Field, Rule

EXAMPLES = {MainName.TEXT: "e.g. Jane Doe", MainName.MAILBOX: "e.g. jane@example.com"}


def purposes(usage: Usage) -> tuple[Option[Purpose], ...]:
    """Who can sign; public CAs with the reason where they sign no request of this usage."""
    return (
        Option(Purpose.PUBLIC, "Public web: a CA that browsers trust signs it", refusal=usage.not_public),
        Option(Purpose.PRIVATE, "Own CA: internal names, any kind of key"),
    )


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
            [Option(one.name, one.title) for one in USAGES.values()],
            row.name,
            id="usage",
            help="The purpose that the CA certifies. Choose with the arrow keys or a click.",
            folded=True,
        )
        yield Choices(
            purposes(row),
            self.record.purpose,
            id="purpose",
            help="The CA decides which rules apply. Choose with the arrow keys or a click.",
        )
        for field in FIELDS:
            text = getattr(self.record.subject, field.name)
            yield Field(
                row.main.value if field is DOMAIN else field.label,
                host_names.to_unicode(text) if field.syntax is Syntax.HOST else text,
                id=field.name,
                placeholder=_example(row) if field is DOMAIN else field.placeholder,
                paste=self._take_names if field is DOMAIN else None,
                missing=row.missing if field is DOMAIN else field.missing,
                help=_help(row) if field is DOMAIN else field.help,
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
        self.purpose.set_options(purposes(usage), self.purpose.value)
        self.main.ask(usage.main.value, missing=usage.missing, placeholder=_example(usage), help=_help(usage))
        self._validated()

    @on(Choices.Changed, "#purpose")
    def _purpose_changed(self) -> None:
        for field in self.query(Field):
            if field.finding is not None:
                field.validate()

    def _take_names(self, text: str) -> str:
        """Of several names that are pasted into Domain the first stays; the rest are names of the next step."""
        found = names.read_all(text).names if self._usage().main is MainName.HOST else ()
        if len(found) < 2 or ("\n" not in text.strip() and not all("." in name for name in found)):
            return text
        more = [name for name in found[1:] if name not in self.record.names]
        self.record = replace(self.record, names=(*self.record.names, *more))
        self.notify(
            f"{len(found) - 1} more {'name' if len(found) == 2 else 'names'} added to the step Names.", markup=False
        )
        return host_names.to_unicode(found[0])

    def _rule(self, field: str) -> Rule:
        return lambda text: rules.check_field(
            field, text, self.purpose.value or self.record.purpose, self._usage().name
        )


def _example(usage: Usage) -> str:
    return EXAMPLES.get(usage.main, DOMAIN.placeholder)


def _help(usage: Usage) -> str:
    return "It becomes the CN." if usage.main is MainName.TEXT else DOMAIN.help


def complete_country(text: str) -> tuple[tuple[str, str], ...]:
    """The codes that a text may stand for, with the names people know."""
    found = countries.search(text)[:3] or tuple(filter(None, (countries.nearest(text),)))
    return tuple((country.code, f"{country.english} {country.chinese}") for country in found)

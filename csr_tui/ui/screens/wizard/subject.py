"""The first step: who the certificate is for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import getters, on

from csr_tui.core import countries, names, rules
from csr_tui.core import record as records
from csr_tui.core.fields import Subject
from csr_tui.core.record import Purpose, Record
from csr_tui.ui.screens.wizard.step import Step
from csr_tui.ui.widgets.choices import Choices, Option
from csr_tui.ui.widgets.field import Field, Rule

if TYPE_CHECKING:
    from textual.app import ComposeResult

PURPOSES = (
    Option(Purpose.PUBLIC, "Public web: a CA that browsers trust signs it"),
    Option(Purpose.PRIVATE, "Own CA: internal names, any kind of key"),
)


class SubjectStep(Step):
    """Domain, organisation and place, checked for the purpose chosen above them."""

    STEP = records.Step.SUBJECT
    LEAD = "Who is the certificate for?"
    HELP = (
        "Fill in what you know and leave the rest: nothing here stops you from going on, and the draft is kept as "
        "you type. For a public certificate the CA takes the domain, and for an OV certificate the organisation and "
        "its place; it leaves out the department and the email. Only the domain is needed to generate the request "
        "on this machine; Tencent Cloud wants every field."
    )

    purpose = getters.query_one("#purpose", Choices)
    domain = getters.query_one("#domain", Field)
    organization = getters.query_one("#organization", Field)
    department = getters.query_one("#department", Field)
    email = getters.query_one("#email", Field)
    province = getters.query_one("#province", Field)
    city = getters.query_one("#city", Field)
    country = getters.query_one("#country", Field)

    def compose_fields(self) -> ComposeResult:
        subject = self.record.subject
        yield Choices(
            PURPOSES,
            self.record.purpose,
            id="purpose",
            help="Who signs it decides which rules count. Arrow keys or a click choose.",
        )
        yield Field(
            "Domain",
            names.shown(subject.domain) if subject.domain else "",
            id="domain",
            placeholder="e.g. www.example.com",
            missing="Type the main name, such as www.example.com: nothing can be made without it.",
            help="The main name. It becomes the CN, and is always among the alternative names.",
            rule=self._rule("domain"),
        )
        yield Field(
            "Organization",
            subject.organization,
            id="organization",
            placeholder="e.g. Example Ltd",
            help="The legal name, as the trade register has it. At most 64 characters.",
            rule=self._rule("organization"),
        )
        yield Field(
            "Department",
            subject.department,
            id="department",
            help="OU. Public CAs leave it out; Tencent Cloud asks for one all the same.",
            rule=self._rule("department"),
        )
        yield Field(
            "Email",
            subject.email,
            id="email",
            placeholder="e.g. pki@example.com",
            help="A contact. Public certificates drop it; Tencent Cloud asks for one.",
            rule=self._rule("email"),
        )
        yield Field(
            "Province/state",
            subject.province,
            id="province",
            help="ST, written out: Guangdong, not GD.",
            rule=self._rule("province"),
        )
        yield Field("City", subject.city, id="city", help="L, such as Shenzhen.", rule=self._rule("city"))
        yield Field(
            "Country",
            subject.country,
            id="country",
            placeholder="a code or a name: CN, China, 中国",
            help="A code or a name, in English or Chinese; Enter takes what is offered.",
            rule=self._rule("country"),
            complete=complete_country,
        )

    def first_field(self) -> Field:
        return self.domain

    def read(self) -> Record:
        return replace(
            self.record,
            purpose=self.purpose.value or self.record.purpose,
            subject=Subject(
                domain=names.ascii_domain(self.domain.value),
                organization=self.organization.value,
                department=self.department.value,
                email=self.email.value,
                province=self.province.value,
                city=self.city.value,
                country=self.country.value,
            ),
        )

    @on(Choices.Changed, "#purpose")
    def _purpose_changed(self) -> None:
        for field in self.query(Field):
            if field.finding is not None:
                field.judge()

    def _rule(self, field: str) -> Rule:
        return lambda text: rules.of_field(field, text, self.purpose.value or self.record.purpose)


def complete_country(text: str) -> tuple[tuple[str, str], ...]:
    """The codes that a text may stand for, with the names people know."""
    return tuple((found.code, f"{found.english} {found.chinese}") for found in countries.search(text)[:3])

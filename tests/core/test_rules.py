"""The rules: a row of the table for each row of what CAs accept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from drafts import drafts
from hypothesis import given
from hypothesis import strategies as st

from csr_tui.core import rules
from csr_tui.core.fields import Subject
from csr_tui.core.findings import Code, Level
from csr_tui.core.record import KeySpec, Purpose, Record, Tag
from csr_tui.core.rules import Treatment
from csr_tui.core.usages import USAGES

PUBLIC, PRIVATE = Purpose.PUBLIC, Purpose.PRIVATE
E, W, H = Level.ERROR, Level.WARNING, Level.HINT
FINE = None

ROWS = [
    # country: assigned ISO 3166-1 alpha-2, upper case
    ("country", "CN", PUBLIC, FINE),
    ("country", "UK", PUBLIC, (E, "country-unknown")),
    ("country", "China", PUBLIC, (E, "country-unknown")),
    ("country", "cn", PUBLIC, (E, "country-unknown")),
    ("country", "XX", PRIVATE, (E, "filler")),
    # province and city: 128 characters
    ("province", "Guangdong", PUBLIC, FINE),
    ("province", "x" * 128, PUBLIC, FINE),
    ("province", "x" * 129, PUBLIC, (E, "too-long")),
    ("city", "x" * 129, PRIVATE, (E, "too-long")),
    # organization and department: 64 characters; the department is dropped publicly
    ("organization", "x" * 64, PUBLIC, FINE),
    ("organization", "x" * 65, PUBLIC, (E, "too-long")),
    ("organization", "示例科技有限公司", PUBLIC, FINE),
    ("department", "IT", PUBLIC, (W, "field-dropped")),
    ("department", "IT", PRIVATE, FINE),
    ("department", "x" * 65, PRIVATE, (E, "too-long")),
    # email: one @, ASCII, 255; dropped publicly
    ("email", "pki@example.com", PUBLIC, (W, "field-dropped")),
    ("email", "pki@example.com", PRIVATE, FINE),
    ("email", "pki.example.com", PRIVATE, (E, "email-malformed")),
    ("email", "a@b@c.com", PRIVATE, (E, "email-malformed")),
    ("email", "ü@example.com", PRIVATE, (E, "email-not-ascii")),
    ("email", f"{'a' * 250}@b.com", PRIVATE, (E, "too-long")),
    # filler values
    *(("organization", filler, PUBLIC, (E, "filler")) for filler in (".", "-", "?", "na", "N/A", "none")),
    # control characters, NUL, newline, bidi overrides
    *(
        ("organization", f"Ac{bad}me", PRIVATE, (E, "invisible-character"))
        for bad in ("\x00", "\x1b", "\n", "\u202e", "\u200b", "\ufeff")
    ),
    # DNS names
    ("domain", "www.example.com", PUBLIC, FINE),
    ("domain", "bücher.example.com", PUBLIC, FINE),
    ("domain", f"{'a' * 64}.com", PUBLIC, (E, "name-malformed")),
    ("domain", ".".join(["a" * 60] * 5), PUBLIC, (E, "name-malformed")),
    ("domain", "example.com.", PUBLIC, (E, "name-malformed")),
    ("domain", "exam ple.com", PUBLIC, (E, "name-malformed")),
    ("domain", "https://example.com/", PUBLIC, (E, "name-malformed")),
    ("domain", "example.com:443", PUBLIC, (E, "name-malformed")),
    ("domain", "a_b.example.com", PUBLIC, (E, "name-malformed")),
    ("domain", "1.2.3.4", PUBLIC, (E, "domain-is-address")),
    ("domain", "2001:db8::1", PRIVATE, (E, "domain-is-address")),
    ("domain", "a@example.com", PUBLIC, (E, "name-malformed")),
    # IDN, and hyphens in places 3 and 4
    ("domain", "xn--zzzz.com", PUBLIC, (E, "name-malformed")),
    ("domain", "ab--cd.com", PRIVATE, (E, "name-malformed")),
    ("domain", "раypal.com", PUBLIC, (W, "mixed-scripts")),
    # wildcards and public suffixes
    ("domain", "*.example.com", PUBLIC, FINE),
    ("domain", "foo.*.com", PUBLIC, (E, "name-malformed")),
    ("domain", "*.co.uk", PUBLIC, (E, "public-suffix")),
    ("domain", "co.uk", PUBLIC, (E, "public-suffix")),
    ("sans", "*.com", PUBLIC, (E, "internal-name")),
    # internal names and private addresses
    ("domain", "host.local", PUBLIC, (E, "internal-name")),
    ("domain", "host.local", PRIVATE, FINE),
    ("domain", "intranet", PUBLIC, (E, "internal-name")),
    ("domain", "intranet", PRIVATE, FINE),
    ("domain", "a.corp", PUBLIC, (E, "internal-name")),
    ("sans", "10.0.0.1", PUBLIC, (E, "private-address")),
    ("sans", "10.0.0.1", PRIVATE, FINE),
    ("sans", "8.8.8.8", PUBLIC, FINE),
    ("sans", "2606:4700::1111", PUBLIC, FINE),
    ("sans", "fd00::1", PUBLIC, (E, "private-address")),
    # kinds of names
    ("sans", "a@example.com", PUBLIC, (E, "name-not-public")),
    ("sans", "a@example.com", PRIVATE, FINE),
    ("sans", "spiffe://example.org/web", PUBLIC, (E, "name-not-public")),
    ("sans", "spiffe://example.org/web", PRIVATE, FINE),
    # more than ten labels
    ("sans", "a.b.c.d.e.f.g.h.i.example.com", PUBLIC, (W, "too-many-labels")),
    # kinds of keys
    ("algorithm", "RSA", PUBLIC, FINE),
    ("algorithm", "ECC", PUBLIC, FINE),
    ("algorithm", "ED25519", PUBLIC, (E, "algorithm-not-public")),
    ("algorithm", "ED25519", PRIVATE, FINE),
    ("algorithm", "ML-DSA", PUBLIC, (E, "algorithm-not-public")),
    ("algorithm", "ML-DSA", PRIVATE, FINE),
    ("algorithm", "DSA", PRIVATE, (E, "algorithm-unknown")),
    ("key_parameter", "1024", PRIVATE, (E, "key-parameter-unknown")),
    ("key_parameter", "secp521r1", PUBLIC, FINE),
    ("key_parameter", "secp256k1", PRIVATE, (E, "key-parameter-unknown")),
    ("key_parameter", "3072", PUBLIC, FINE),
    # notes
    ("remark", "x" * 257, PUBLIC, (E, "too-long")),
    ("remark", "a\x1bb", PUBLIC, (E, "invisible-character")),
    ("remark", "a\r\nb", PUBLIC, (E, "value-malformed")),
    ("tags", "team=web, env=prod", PUBLIC, FINE),
    ("tags", "team", PUBLIC, (E, "tag-malformed")),
    ("tags", "=web", PUBLIC, (E, "tag-without-key")),
    ("tags", "a=1,a=2", PUBLIC, (E, "tag-repeated")),
]


@pytest.mark.parametrize(("field", "text", "purpose", "expected"), ROWS)
def test_a_field_is_judged_as_the_table_says(
    field: str, text: str, purpose: Purpose, expected: tuple[Level, Code] | None
) -> None:
    finding = rules.FIELDS[field](text, purpose)

    assert ((finding.level, finding.code) if finding else None) == expected
    if finding is not None:
        assert finding.field == field
        assert finding.message.endswith((".", "?"))


@pytest.mark.parametrize(
    ("field", "text", "fix"),
    [("country", "中国", "CN"), ("country", "uk", "GB"), ("domain", "https://a.com/x", "a.com")],
)
def test_where_one_value_puts_it_right_the_finding_brings_it(field: str, text: str, fix: str) -> None:
    finding = rules.FIELDS[field](text, PUBLIC)

    assert finding is not None
    assert finding.fix == fix
    assert rules.FIELDS[field](fix, PUBLIC) is None


GOOD = Record(
    "good000000",
    subject=Subject("www.example.com", "Example Ltd", "", "", "Guangdong", "Shenzhen", "CN"),
)


def levels(record: Record, field: str) -> list[Level]:
    return [finding.level for finding in rules.check(record) if finding.field == field]


def test_a_good_record_has_no_findings() -> None:
    assert rules.check(GOOD) == ()


def test_without_a_domain_nothing_can_be_generated() -> None:
    assert E in levels(replace(GOOD, subject=replace(GOOD.subject, domain="")), "domain")


def test_an_organization_without_a_place_is_warned_of_publicly_only() -> None:
    nowhere = replace(GOOD, subject=replace(GOOD.subject, province="", city="", country=""))

    assert levels(nowhere, "province") == [W]
    assert levels(nowhere, "country") == [W]
    assert rules.check(replace(nowhere, purpose=PRIVATE)) == ()


def test_a_domain_over_64_characters_is_left_out_of_the_cn_with_a_warning() -> None:
    long = replace(GOOD, subject=replace(GOOD.subject, domain=f"{'a' * 60}.example.com"))

    assert levels(long, "domain") == [W]


def test_a_wildcard_offers_its_apex() -> None:
    hints = [found for found in rules.check(replace(GOOD, names=("*.example.com",))) if found.fix]

    assert [hint.fix for hint in hints] == ["example.com"]
    assert not [found for found in rules.check(replace(GOOD, names=("*.example.com", "example.com"))) if found.fix]


def test_more_than_a_hundred_names_are_warned_of() -> None:
    many = replace(GOOD, names=tuple(f"h{number}.example.com" for number in range(100)))

    assert W in levels(many, "sans")


def test_a_size_that_is_not_of_its_algorithm_is_an_error() -> None:
    assert levels(replace(GOOD, key=KeySpec("RSA", "prime256v1")), "key_parameter") == [E]


def test_what_tencent_cannot_carry_is_a_hint() -> None:
    assert levels(replace(GOOD, names=("example.com",)), "sans") == [H]
    assert levels(replace(GOOD, key=KeySpec("RSA", "3072")), "key_parameter") == [H]


def test_a_private_ca_lets_internal_names_departments_and_ed25519_through() -> None:
    record = Record(
        "lab0000000",
        purpose=PRIVATE,
        subject=Subject(domain="printer.lab.local", department="IT", email="it@lab.local"),
        names=("printer", "10.0.0.7", "spiffe://lab/printer", "it@lab.local"),
        key=KeySpec("ED25519", "ed25519"),
    )

    assert [found for found in rules.check(record) if found.level is not H] == []


def test_a_public_ca_drops_department_and_email_and_refuses_bad_names() -> None:
    record = replace(GOOD, subject=replace(GOOD.subject, department="IT", email="a@example.com"), names=("x.local",))

    treatments = {expectation.part: expectation.treatment for expectation in rules.forecast(record, date(2026, 11, 25))}

    assert treatments["department"] is treatments["email"] is Treatment.DROPPED
    assert treatments["names"] is Treatment.REFUSED
    assert treatments["key"] is treatments["organization and place"] is Treatment.KEPT


@pytest.mark.parametrize("usage", ["client", "both", "code", "ca"])
def test_nothing_is_kept_of_a_request_whose_usage_no_public_ca_signs(usage: str) -> None:
    record = replace(GOOD, usage=usage, key=KeySpec("RSA", "3072"))

    (only,) = rules.forecast(record, date(2026, 11, 25))
    assert (only.part, only.treatment) == ("usage", Treatment.REFUSED)
    own = rules.forecast(replace(record, purpose=PRIVATE), date(2026, 11, 25))
    assert {one.treatment for one in own} == {Treatment.KEPT}


def test_a_public_ca_limits_a_mail_certificate_to_825_days_and_checks_the_organization() -> None:
    mail = Record("x", usage="email", subject=Subject("jane@example.com"), key=KeySpec("ECC", "prime256v1"))

    def parts(record: Record) -> dict[str, Treatment]:
        return {one.part: one.treatment for one in rules.forecast(record, date(2026, 11, 25))}

    alone = {"mailboxes": Treatment.KEPT, "key": Treatment.KEPT, "validity": Treatment.LIMITED}
    assert parts(mail) == alone
    assert parts(replace(mail, subject=Subject("jane@example.com", "Example Ltd"))) == alone | {
        "subject": Treatment.KEPT
    }
    assert "825 days" in rules.forecast(mail, date(2026, 11, 25))[-1].reason
    assert parts(replace(mail, subject=Subject("jane")))["mailboxes"] is Treatment.REFUSED
    assert "validity" not in parts(replace(mail, purpose=PRIVATE))


NASTY = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="a.-*_@:/ \x00\x1b\u202e[]", max_size=80),
    st.sampled_from(["[/]", "[@click=app.quit]x[/]", "\x1b[31m", "." * 5000, "xn--" * 100, "*." * 100]),
)


@pytest.mark.parametrize("field", sorted(rules.FIELDS))
@pytest.mark.parametrize("char", ["x", ".", "中", "\x00", "@", ","])
def test_ten_megabytes_in_a_field_are_an_error_in_a_few_words(field: str, char: str) -> None:
    finding = rules.FIELDS[field](char * 10_000_000, PUBLIC)

    assert finding is not None
    assert finding.level is E
    assert len(finding.message) < 300


@given(NASTY, st.sampled_from(sorted(rules.FIELDS)), st.sampled_from(Purpose))
def test_no_rule_ever_raises(text: str, field: str, purpose: Purpose) -> None:
    rules.FIELDS[field](text, purpose)


@given(NASTY, NASTY, NASTY, st.sampled_from(Purpose))
def test_no_record_makes_the_rules_raise(one: str, two: str, three: str, purpose: Purpose) -> None:
    record = Record(
        "x",
        purpose=purpose,
        subject=Subject(one, two, three, one, two, three, one),
        names=(one, two, three),
        extra=(one, f"permit={two}", f"eku={three}", f"upn={one}", f"pathlen={two}", f"DC={three}"),
        key=KeySpec(two[:100], three[:100]),
        remark=one,
        tags=(Tag(two, three),),
    )

    rules.check(record)
    rules.forecast(record, date(2026, 11, 25))


@pytest.mark.parametrize("text", ['"www.example.com"', "“www.example.com”", "'www.example.com'", "DNS:www.example.com"])
def test_the_error_of_a_domain_with_more_around_it_names_the_host(text: str) -> None:
    found = rules.FIELDS["domain"](text, PUBLIC)

    assert found is not None
    assert (found.message, found.fix) == ("Enter only the host name: www.example.com.", "www.example.com")


RSA2, RSA3, EC = KeySpec("RSA", "2048"), KeySpec("RSA", "3072"), KeySpec("ECC", "prime256v1")
P521, ED = KeySpec("ECC", "secp521r1"), KeySpec("ED25519", "ed25519")

# usage, purpose, main name, other names, key: the errors and warnings of it
USAGE_ROWS: list[tuple[str, Purpose, str, tuple[str, ...], KeySpec, set[tuple[str, Code]]]] = [
    ("server", PUBLIC, "www.example.com", (), RSA2, set()),
    ("server", PUBLIC, "www.example.com", (), P521, {("key_parameter", "key-doubtful")}),
    ("server", PRIVATE, "www.example.com", (), P521, set()),
    ("email", PUBLIC, "jane@example.com", (), P521, set()),
    ("server", PRIVATE, "Jane Doe", (), EC, {("domain", "name-malformed")}),
    ("client", PRIVATE, "Jane Doe", (), EC, set()),
    ("client", PRIVATE, "王小明", ("jane@example.com", "spiffe://example.org/jane"), RSA2, set()),
    ("client", PRIVATE, "x" * 64, (), EC, set()),
    ("client", PRIVATE, "x" * 65, (), EC, {("domain", "too-long")}),
    ("client", PRIVATE, "Jane\x1bDoe", (), EC, {("domain", "invisible-character")}),
    ("client", PRIVATE, "", (), EC, {("domain", "field-missing")}),
    ("client", PUBLIC, "Jane Doe", (), EC, {("usage", "usage-not-public")}),
    ("both", PRIVATE, "etcd1.local", ("10.0.0.5",), EC, set()),
    ("both", PRIVATE, "Jane Doe", (), EC, {("domain", "name-malformed")}),
    ("both", PUBLIC, "www.example.com", (), EC, {("usage", "usage-not-public")}),
    ("email", PUBLIC, "jane@example.com", ("jane.doe@example.com",), RSA2, set()),
    ("email", PUBLIC, "www.example.com", (), RSA2, {("domain", "email-malformed")}),
    ("email", PUBLIC, "", (), RSA2, {("domain", "field-missing")}),
    ("email", PRIVATE, "jane@example.com", ("www.example.com",), EC, {("sans", "usage-name")}),
    ("email", PRIVATE, "jane@example.com", (), ED, {("key_parameter", "usage-key")}),
    ("email", PRIVATE, "jane@example&example.com", (), EC, {("domain", "email-malformed")}),
    ("code", PRIVATE, "Example Ltd", (), RSA3, set()),
    ("code", PRIVATE, "Example Ltd", (), ED, set()),
    ("code", PRIVATE, "Example Ltd", (), KeySpec("ML-DSA", "65"), set()),
    ("email", PRIVATE, "jane@example.com", (), KeySpec("ML-DSA", "44"), {("key_parameter", "usage-key")}),
    ("code", PRIVATE, "Example Ltd", (), EC, set()),
    ("code", PRIVATE, "Example Ltd", (), RSA2, {("key_parameter", "usage-key")}),
    ("code", PUBLIC, "Example Ltd", (), EC, {("usage", "usage-not-public")}),
    ("code", PRIVATE, "Example Ltd", ("www.example.com",), EC, {("sans", "usage-name")}),
    ("ca", PRIVATE, "Example Issuing CA 1", (), EC, set()),
    ("ca", PUBLIC, "Example Issuing CA 1", (), EC, {("usage", "usage-not-public")}),
]


@pytest.mark.parametrize(("usage", "purpose", "domain", "names", "key", "expected"), USAGE_ROWS)
def test_each_usage_has_rules_of_its_own(
    usage: str,
    purpose: Purpose,
    domain: str,
    names: tuple[str, ...],
    key: KeySpec,
    expected: set[tuple[str, Code]],
) -> None:
    record = Record("usages0000", usage=usage, purpose=purpose, subject=Subject(domain=domain), names=names, key=key)

    found = {(one.field, one.code) for one in rules.check(record) if one.level is not H}

    assert found == expected


@pytest.mark.parametrize(
    ("purpose", "email", "expected"),
    [
        (PUBLIC, "jane@EXAMPLE.com", []),
        (PUBLIC, "jim@example.com", []),
        (PUBLIC, "pki@example.com", [("email", "usage-name")]),
        (PRIVATE, "pki@example.com", []),
    ],
)
def test_a_mailbox_in_the_subject_of_public_mail_is_one_of_the_names(
    purpose: Purpose, email: str, expected: list[tuple[str, Code]]
) -> None:
    """What public TLS CAs drop, or require beside an organization, is nothing to a CA for mail."""
    subject = Subject("jane@example.com", "Example Ltd", "IT", email)
    record = Record("usages0000", usage="email", purpose=purpose, subject=subject, names=("jim@example.com",))

    assert [(one.field, one.code) for one in rules.check(record)] == expected
    assert rules.check_field("email", email, purpose, "email") is None


@pytest.mark.parametrize("usage", [usage for usage in USAGES if usage != "server"])
def test_tencent_cloud_makes_requests_for_servers_alone(usage: str) -> None:
    record = Record("usages0000", subject=Subject(*["www.example.com"] * 7), usage=usage)

    assert [one.code for one in rules.for_tencent(record)] == ["tencent-usage"]
    assert rules.for_tencent(replace(record, usage="server")) == ()


@given(drafts())
def test_records_that_share_all_but_their_names_are_judged_like_each_alone(draft: Record) -> None:
    shared, alone = replace(draft, remark=""), replace(draft, remark="alone")

    assert rules.check(shared) == rules.check(alone)

"""Tables as people and spreadsheets write them, read into the drafts they ask for."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from csr_tui.core import batch, headings, table_file
from csr_tui.core.fields import FIELDS, NAMES, Subject
from csr_tui.core.findings import InvalidError
from csr_tui.core.record import KeySpec, Purpose, Tag

if TYPE_CHECKING:
    from csr_tui.core.batch import Row

WHOLE = (
    "Domain,Organization,Department,Email,Province,City,Country,EncryptAlgo,KeyParameter,Remark,Tags,SAN\n"
    'www.example.com,"Example, Ltd",IT,pki@example.com,Hunan,Changsha,CN,ECC,secp384r1,"ticket ""4711""",'
    '"team=web, stage=test","example.com\nwww.example.org"\n'
)


def rows(text: str | bytes) -> tuple[Row, ...]:
    found = table_file.read(text.encode() if isinstance(text, str) else text)
    return batch.assign_ids(batch.evaluate(found, line) for line in found.lines)


def test_every_field_of_a_row_is_in_its_draft() -> None:
    (row,) = rows(WHOLE)

    record = row.record
    assert record.subject == Subject(
        "www.example.com", "Example, Ltd", "IT", "pki@example.com", "Hunan", "Changsha", "CN"
    )
    assert record.names == ("example.com", "www.example.org")
    assert (record.key, record.remark) == (KeySpec("ECC", "secp384r1"), 'ticket "4711"')
    assert record.tags == (Tag("team", "web"), Tag("stage", "test"))
    assert row.errors == ()


def test_every_label_of_a_field_is_a_heading() -> None:
    assert [headings.field_of(field.label) for field in FIELDS] == list(NAMES)
    assert headings.field_of("State/Province") == "province"


def test_every_part_of_the_subject_has_a_column() -> None:
    parts = {field.name: f"{field.name}.example.com" for field in fields(Subject)}

    (row,) = rows(f"{','.join(parts)}\n{','.join(parts.values())}\n")

    assert row.record.subject == Subject(**parts)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + WHOLE.encode(),
        WHOLE.encode("utf-16"),
        WHOLE.replace(", ", "; ").replace(",", "\t").encode("utf-16"),
        WHOLE.encode("utf-16-be"),
        WHOLE.replace("\n", "\r\n").encode(),
        WHOLE.replace("\n", "\r").encode(),
        ("sep=;\n" + WHOLE.replace(",", ";").replace("Example; ", "Example, ")).encode(),
        ("\n\n" + WHOLE).encode(),
    ],
    ids=["bom", "utf-16", "tabs", "utf-16-be without bom", "crlf", "cr", "sep=", "empty lines before"],
)
def test_whatever_a_spreadsheet_writes_is_the_same_row(data: bytes) -> None:
    (row,) = rows(data)

    assert row.record.subject.domain == "www.example.com"
    assert row.record.subject.country == "CN"
    assert row.record.tags[0] == Tag("team", "web")
    assert row.errors == ()


@pytest.mark.parametrize(
    ("heading", "text", "field"),
    [
        ("CN", "www.example.com", "domain"),
        ("Common Name", "www.example.com", "domain"),
        ("common_name", "www.example.com", "domain"),
        ("域名", "www.example.com", "domain"),
        ("O", "Example", "organization"),
        ("organizationalUnitName", "IT", "department"),
        ("stateOrProvinceName", "Hunan", "province"),
        ("State", "Hunan", "province"),
        ("L", "Changsha", "city"),
        ("Country Code", "CN", "country"),
        ("E-mail", "pki@example.com", "email"),
    ],
)
def test_the_usual_spellings_of_a_heading_are_known(heading: str, text: str, field: str) -> None:
    other = "" if field == "domain" else ",Domain"
    (row,) = rows(f"{heading}{other}\n{text}{other and ',www.example.com'}\n")

    assert getattr(row.record.subject, field) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("Domain\n", "no row"),
        ("Domain,Contry\nwww.example.com,CN\n", "Contry"),
        ("Domain,,Country\nwww.example.com,,CN\n", "column 2, which has no name"),
        ("Organization\nExample\n", "no column has the domain"),
        ("Domain,CN\na.example.com,b.example.com\n", "Domain and CN both name the domain"),
        ("Domain,KeyPassword\na.example.com,hunter2\n", "has passwords"),
        ('Domain,Organization\na.example.com,"Example\nb.example.com,X\n', "Line 2: a quotation mark"),
        (b"Domain,City\na.example.com,M\xfcnchen\n", "Line 2 is not UTF-8"),
        (b"PK\x03\x04 and so on", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on", "spreadsheet"),
        (b"\xff\xfea", "not UTF-16"),
    ],
)
def test_a_table_that_cannot_be_understood_is_told_with_its_place(text: str | bytes, says: str) -> None:
    with pytest.raises(InvalidError, match=says):
        rows(text)


def test_a_broken_row_is_told_with_its_line_and_the_others_are_read() -> None:
    found = rows(
        'Domain,Organization,Country\na.example.com,"Example\nLtd",CN\nb.example.com,Example, Ltd,CN\n'
        'c.example.com,"Ex"ample,CN\n\nd.example.com\n'
    )

    assert [row.line.number for row in found] == [2, 4, 5, 7]
    assert [bool(row.errors) for row in found] == [True, True, True, False]
    assert "4 cells" in found[1].errors[0].message
    assert "Double a quotation mark" in found[2].errors[0].message


@pytest.mark.parametrize(("separator", "name"), [(",", "a comma"), (";", "a semicolon"), ("\t", "a tab")])
def test_a_row_that_is_too_wide_names_the_separator_of_its_table(separator: str, name: str) -> None:
    (row,) = rows("Domain,Extra\nwww.example.com,OU=a,T=b\n".replace(",", separator))

    assert f"put a text with {name} in quotation marks" in row.errors[0].message


def test_a_stray_zero_is_an_error_of_its_field_and_changes_no_encoding() -> None:
    (row,) = rows("Domain,Organization\nwww.example.com,Ac\0me\n")

    assert [(error.field, error.code) for error in row.errors] == [("organization", "invisible-character")]


def test_the_empty_columns_and_cells_of_a_spreadsheet_do_no_harm() -> None:
    found = rows("Domain,Country,,\na.example.com,CN,,\n,,,\nb.example.com,,,\n")

    assert [row.record.subject.country for row in found] == ["CN", ""]
    assert not any(row.errors for row in found)


def test_choices_outside_their_sets_are_errors_of_their_field() -> None:
    (row,) = rows("domain,purpose,protection,tags\na.example.com,secret,nobody,no equals sign\n")

    assert {finding.field for finding in row.errors} == {"purpose", "protection", "tags"}


def test_the_same_request_has_the_same_id_in_whatever_file_it_stands() -> None:
    (first,) = rows("Domain,Country\nwww.example.com,CN\n")
    other, second = rows("C;City;CN\nCN;;other.example.com\nCN;;www.example.com\n")

    assert second.record.id == first.record.id != other.record.id
    assert len(first.record.id) == 10


def test_a_row_that_comes_twice_is_told_and_has_an_id_of_its_own() -> None:
    found = rows("Domain,Remark\na.example.com,x\na.example.com,x\na.example.com,y\n")

    assert len({row.record.id for row in found}) == 3
    assert "repeats line 2" in found[1].findings[-1].message
    assert "Line 2 has the same domain" in found[2].findings[-1].message
    assert not any(row.errors for row in found)


ONE = """
id = "4m7"
state = "draft"
purpose = "private"
domain = "db1.local"
sans = ["db1.local", "10.0.0.5"]
algorithm = "ED25519"
key_parameter = "ed25519"
tags = { team = "web, data" }
password_choice = "none"
protection = "unprotected"
findings = [{ field = "domain" }]
"""


def test_one_request_in_toml_comes_back_as_it_was() -> None:
    found = table_file.read(ONE.encode())
    row = batch.evaluate(found, found.lines[0])

    record = row.record
    assert (record.subject.domain, record.names, record.purpose) == ("db1.local", ("10.0.0.5",), Purpose.PRIVATE)
    assert (record.key, record.tags) == (KeySpec("ED25519", "ed25519"), (Tag("team", "web, data"),))
    assert record.custody.words == ("none", "unprotected")
    assert row.errors == ()


def test_several_requests_in_toml_are_told_apart_by_their_lines() -> None:
    found = table_file.read(
        b'[[request]]\ndomain = "a.example.com"\n\n[[request]]\ndomain = "b.example.com"\nsans = "x"\ncolour = "red"\n'
    )
    one, other = (batch.evaluate(found, line) for line in found.lines)

    assert (one.line.number, other.line.number) == (1, 4)
    assert one.errors == ()
    assert {finding.field for finding in other.errors} == {"sans", "colour"}


@pytest.mark.parametrize("text", ["domain = ", 'domain = "a.example.com"\n[[request]]\ndomain = "b.example.com"\n'])
def test_toml_that_cannot_be_understood_is_told(text: str) -> None:
    with pytest.raises(InvalidError):
        table_file.read(text.encode())


@pytest.mark.parametrize("mark", ["sep=;", "SEP=;", '"sep=;"', '"SEP=;"', "sep=;;;;", "sep=;,,", "Sep=;\r"])
def test_a_separator_is_named_as_spreadsheets_name_it(mark: str) -> None:
    (row,) = rows(f"{mark}\nDomain;City\nwww.example.com;A,B\n")

    assert (row.record.subject.domain, row.record.subject.city) == ("www.example.com", "A,B")


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("algorithm", "rsa", "RSA"),
        ("algorithm", "Ecdsa", "ECC"),
        ("key_parameter", '"2,048"', "2048"),
        ("key_parameter", "3072 bit", "3072"),
        ("key_parameter", "4096.0", "4096"),
        ("key_parameter", "P-256", "prime256v1"),
        ("key_parameter", "nist p-384", "secp384r1"),
        ("key_parameter", "２０４８", "2048"),
        ("algorithm", "P-256", "ECC prime256v1"),
        ("algorithm", "RSA-3072", "RSA 3072"),
        ("algorithm", "ecdsa secp384r1", "ECC secp384r1"),
        ("country", "cn", "CN"),
        ("country", "Germany", "DE"),
        ("country", "中国", "CN"),
        ("purpose", "Private", "private"),
    ],
)
def test_what_certainly_means_a_code_is_taken_with_a_hint(field: str, typed: str, code: str) -> None:
    algorithm = "ECC" if code in ("prime256v1", "secp384r1") else "RSA"
    first = "" if field == "algorithm" else f"algorithm,{field}"
    text = f"Domain,{first or field}\nwww.example.com,{f'{algorithm},' if first else ''}{typed}\n"

    (row,) = rows(text)

    assert row.errors == ()
    assert f"{typed.strip(chr(34))} was read as {code}." in [one.message for one in row.findings if one.field == field]


def test_a_kind_of_key_in_the_place_of_its_algorithm_needs_no_size_beside_it() -> None:
    (row,) = rows("Domain,algorithm,key_parameter\nwww.example.com,P-384,\n")
    (twice,) = rows("Domain,algorithm,key_parameter\nwww.example.com,P-384,prime256v1\n")

    assert row.record.key == KeySpec("ECC", "secp384r1")
    assert [one.field for one in twice.errors] == ["algorithm"]


@pytest.mark.parametrize("text", ["Germ", "Rsa2", "20480", "P-999", "united"])
def test_what_may_mean_several_stays_an_error(text: str) -> None:
    for field in ("country", "algorithm", "key_parameter"):
        (row,) = rows(f"Domain,{field}\nwww.example.com,{text}\n")

        assert field in {one.field for one in row.errors}


@pytest.mark.parametrize(
    ("cell", "says", "fix"),
    [
        ("team=shop env=production", "Put a comma between two tags", "team=shop, env=production"),
        ("team = web", "Spaces around keys and values were removed", None),
        ("team=", "team has no value", None),
    ],
)
def test_tags_that_become_something_else_are_reported(cell: str, says: str, fix: str | None) -> None:
    (row,) = rows(f"Domain,Tags\nwww.example.com,{cell}\n")

    (found,) = (one for one in row.findings if one.field == "tags")
    assert says in found.message
    assert found.fix == fix


@pytest.mark.parametrize("encode", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_toml_is_known_by_its_content_in_any_unicode(encode: str) -> None:
    found = table_file.read(ONE.encode(encode))

    assert batch.evaluate(found, found.lines[0]).record.subject.domain == "db1.local"


def test_headings_of_toml_have_the_numbers_of_their_lines() -> None:
    heading = re.compile("^\\[\\[request]]", re.MULTILINE)
    text = "".join(f"# {number}\n[[request]]\n" for number in range(5))

    assert list(table_file._line_numbers(text, heading)) == [2, 4, 6, 8, 10]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"Domain\n" + b"\n" * table_file.MOST_LINES, "more than 1,000,000 lines"),
        (b"Domain\n" + b"a.example\n" * (table_file.MOST_ROWS + 1), "more than 100,000 requests"),
        (b"[[request]]\n" * (table_file.MOST_ROWS + 1), "more than 100,000 requests"),
        (b'Domain,Remark\na.example,"' + b"x\n" * table_file.LONGEST_CELL + b'"\n', "Line 2: the value"),
        (b'Domain,Remark\na.example,E\nb.example,"E\nc.example,F\n', "Line 3: a quotation mark .* never closes"),
    ],
    ids=["lines", "rows", "requests", "cell", "quote"],
)
def test_a_table_beyond_its_bounds_is_refused_in_a_sentence(data: bytes, says: str) -> None:
    with pytest.raises(InvalidError, match=says):
        table_file.read(data)


def test_every_line_end_is_one() -> None:
    source = iter(table_file._Source("a\rb\r\nc\n\nd"))

    assert list(source) == ["a\n", "b\n", "c\n", "\n", "d\n"]


def test_a_text_with_nul_characters_is_no_utf_16() -> None:
    (row,) = rows(b"Domain,Organization\na\0.example.com,E\0\n")

    assert "invisible character" in row.errors[0].message


def test_rows_that_were_left_out_come_back_as_they_were() -> None:
    found = table_file.read(WHOLE.encode())
    mended = table_file.read(table_file.left_out(found, ((found.lines[0], "domain: not so"),)).encode())

    assert batch.evaluate(mended, mended.lines[0]).record == batch.evaluate(found, found.lines[0]).record


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), min_size=1, max_size=6))
def test_any_text_in_any_cell_is_read_without_a_crash(cells: list[str]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows((list(headings.SPELLINGS)[: len(cells)], cells))

    try:
        found = table_file.read(out.getvalue().encode())
    except InvalidError:
        return
    for line in found.lines:
        batch.evaluate(found, line)


@given(st.binary(max_size=300))
@example(b"\x0b")
def test_any_bytes_are_a_table_or_a_sentence(data: bytes) -> None:
    try:
        found = table_file.read(data)
    except InvalidError:
        return
    for line in found.lines:
        batch.evaluate(found, line)

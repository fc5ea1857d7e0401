"""A request as TOML comes back as it was, and what is no such file is told where it is wrong."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from drafts import subjects
from hypothesis import given
from hypothesis import strategies as st

from csr_tui.core import extra, names, request_file
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys.kinds import KINDS
from csr_tui.core.record import KeySpec, Purpose, Record, Tag
from csr_tui.core.text import trim

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
HOST = st.from_regex(r"(\*\.)?[a-zA-Z0-9_-]{1,8}(\.[a-zü例]{2,8}){0,3}", fullmatch=True)
NAME = st.one_of(TEXT, HOST, st.ip_addresses().map(str), HOST.map("https://{}/x,y".format), HOST.map("DNS:{}".format))
LINE = st.builds("{}={}".format, st.sampled_from([*extra.EXTRA_LINES, "ou", "challenge"]), TEXT)


@st.composite
def drafts(draw: st.DrawFn) -> Record:
    """Any draft that can come to be: typed, or read from another program's request."""
    subject = draw(subjects(TEXT.map(trim)))
    domain = names.ascii_domain(draw(NAME))
    sans = dict.fromkeys(map(names.canonical_or_raw, draw(st.lists(NAME.filter(trim), max_size=12))))
    tags = draw(st.lists(st.tuples(TEXT.filter(lambda text: "=" not in text), TEXT), max_size=4))
    return Record(
        "request000",
        purpose=draw(st.sampled_from(Purpose)),
        subject=replace(subject, domain=domain),
        names=tuple(name for name in sans if name != domain),
        extra=extra.read_all(draw(st.lists(st.one_of(TEXT, LINE), max_size=4))),
        key=draw(st.one_of(st.sampled_from([kind.spec for kind in KINDS]), st.builds(KeySpec, *[TEXT.map(trim)] * 2))),
        remark=trim(draw(TEXT)),
        tags=tuple(Tag(trim(key), trim(value)) for key, value in tags),
        custody=draw(st.sampled_from([one for one in Custody if one is not Custody.TOKEN])),
    )


@given(drafts())
def test_every_field_comes_back_unchanged(draft: Record) -> None:
    text = request_file.dump(draft)

    back, notes = request_file.load(text.encode(), Record(draft.id))

    assert (back, notes) == (draft, ())
    assert request_file.is_one(text.encode())
    assert "\n".join(text.splitlines()) + "\n" == text


@given(NAME)
def test_a_name_that_is_kept_once_is_kept_so_for_ever(text: str) -> None:
    assert names.canonical_or_raw(names.canonical_or_raw(text)) == names.canonical_or_raw(text)


def test_a_uri_in_a_file_stays_one_where_typing_it_would_mean_its_host() -> None:
    record, _ = request_file.load(b'sans = ["https://a.example.com/x", "DNS:B.example.com"]', Record("request000"))

    assert record.names == ("https://a.example.com/x", "b.example.com")


def test_any_other_toml_reader_sees_the_names_of_the_json_document() -> None:
    draft = Record("request000", subject=Subject("a.example.com", country="DE"), names=("b.example.com",))

    table = tomllib.loads(request_file.dump(draft))

    assert table["sans"] == ["a.example.com", "b.example.com"]
    assert (table["country"], table["algorithm"], table["key_parameter"]) == ("DE", "RSA", "2048")


def test_a_file_that_a_person_wrote_is_read_as_if_it_were_typed() -> None:
    text = '\ufeffdomain = " Bücher.example"\r\nsans = ["www.BÜCHER.example"]\r\nkey_parameter = 4096\r\n'

    record, notes = request_file.load(text.encode(), Record("request000"))

    assert record.sans == ("xn--bcher-kva.example", "www.xn--bcher-kva.example")
    assert record.key == KeySpec("RSA", "4096")
    assert [note.field for note in notes] == ["domain"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('organisation = "Acme"', "organisation is not a field of a request"),
        ("country = 49", "country is a text"),
        ('purpose = "internal"', "purpose is either"),
        ('protection = "none"', "protection is one of"),
        ("sans = 'a.example.com'", "sans is a list"),
        ('tags = "team"', "tags is a table"),
        ('tags = ["team"]', "has no ="),
        ("domain = \n", "line 1"),
        ("domain = " + "[" * 100_000, "TOML"),
        ('remark = "' + "x" * (1 << 20) + '"', "larger"),
        ('"\\u001b[31m" = "x"', "u{1b}"),
    ],
)
def test_what_cannot_be_understood_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InvalidError) as caught:
        request_file.load(text.encode(), Record("request000"))

    assert said in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x30\x82=", b"\xff\xfe=\0", b"-----BEGIN CERTIFICATE REQUEST-----\n=="]
)
def test_what_is_no_text_with_an_equals_sign_is_not_taken_for_one(data: bytes) -> None:
    assert not request_file.is_one(data)

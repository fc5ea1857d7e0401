"""Names: what typed and pasted text becomes."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from csr_tui.core import host_names, names, pasted, public_suffix
from csr_tui.core.host_names import InvalidName
from csr_tui.core.name_kinds import NameKind
from csr_tui.core.names import Name

GOOD = [
    ("www.example.com", NameKind.DNS, "www.example.com"),
    ("WWW.Example.COM", NameKind.DNS, "www.example.com"),
    ("*.example.com", NameKind.DNS, "*.example.com"),
    ("bücher.example", NameKind.DNS, "xn--bcher-kva.example"),
    ("例え。テスト", NameKind.DNS, "xn--r8jz45g.xn--zckzah"),
    ("ｗｗｗ．example．com", NameKind.DNS, "www.example.com"),
    ("https://User@Example.com:8443/a?b#c", NameKind.DNS, "example.com"),
    ("http://[2001:db8::1]:80/", NameKind.IP, "2001:db8::1"),
    ("10.0.0.1", NameKind.IP, "10.0.0.1"),
    ("2001:0db8:0:0:0:0:0:1", NameKind.IP, "2001:db8::1"),
    ("[::1]", NameKind.IP, "::1"),
    ("admin@Example.COM", NameKind.EMAIL, "admin@example.com"),
    ("spiffe://example.org/web", NameKind.URI, "spiffe://example.org/web"),
    ("urn:uuid:1", NameKind.URI, "urn:uuid:1"),
    ("DNS:a.example.com", NameKind.DNS, "a.example.com"),
    ("IP Address:10.0.0.1", NameKind.IP, "10.0.0.1"),
    ("email:a@example.com", NameKind.EMAIL, "a@example.com"),
    ("URI:https://example.com/x", NameKind.URI, "https://example.com/x"),
    ("localhost", NameKind.DNS, "localhost"),
]


@pytest.mark.parametrize(("text", "kind", "value"), GOOD)
def test_a_piece_of_text_becomes_a_name(text: str, kind: NameKind, value: str) -> None:
    assert names.read(text) == Name(kind, value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("foo.*.com", "at the start"),
        ("*foo.example.com", "whole label"),
        ("*.*.example.com", "one"),
        ("a_b.example.com", "underscore"),
        ("example.com.", "dot at the end"),
        ("a..example.com", "Two dots"),
        (".example.com", "dot at the start"),
        ("-a.example.com", "hyphen"),
        ("a-.example.com", "hyphen"),
        ("ab--c.example.com", "places 3 and 4"),
        ("xn--zzzz.example.com", "xn--"),
        (f"{'a' * 64}.example.com", "63"),
        (".".join(["a" * 60] * 5), "253"),
        ("example.com:8443", "port"),
        ("example.com/path", "slash"),
        ("a b", "space"),
        ("a@b@example.com", "one @"),
        ("ü@example.com", "ASCII"),
        ("a(b)@example.com", "no \\( before the @"),
        ("1.2.3", "IP address"),
        ("1.2.3.4:80", "port"),
        ("fe80::1%eth0", "zone"),
        ("exa\u202emple.com", "invisible character"),
        ("a\x00b.com", "invisible character"),
        ("", "Enter a name"),
        ("a💩.com", "IDNA"),
    ],
)
def test_what_is_no_name_is_told_why(text: str, says: str) -> None:
    with pytest.raises(InvalidName, match=says):
        names.read(text)


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("example.com.", "example.com"),
        ("example.com:443", "example.com"),
        ("a_b.example.com", "a-b.example.com"),
        ("example.com/x", "example.com"),
    ],
)
def test_a_slip_comes_with_what_puts_it_right(text: str, fix: str) -> None:
    with pytest.raises(InvalidName) as caught:
        names.dns(text)

    assert caught.value.fix == fix
    assert names.dns(fix)


def test_pasted_text_is_split_at_every_usual_separator() -> None:
    text = "a.com, b.com;c.com d.com\te.com\nf.com\r\ng.com，h.com、i.com；j.com"

    assert names.read_all(text).names == tuple(f"{letter}.com" for letter in "abcdefghij")


def test_what_openssl_prints_can_be_pasted() -> None:
    text = "DNS:www.example.com, DNS:example.com, IP Address:192.0.2.1, email:a@example.com"

    assert names.read_all(text).names == ("www.example.com", "example.com", "192.0.2.1", "a@example.com")


LISTS = {
    "certutil": "DNS Name=a.example.com\nDNS Name=b.example.com",
    "certutil with a heading": "Subject Alternative Name\n     DNS Name=a.example.com\n     DNS Name=b.example.com\n",
    "certutil of a whole request": "    Certificate Extensions: 1\n    2.5.29.17: Flags = 0, Length = 1d\n"
    "    Subject Alternative Name\n        DNS Name=a.example.com\n        DNS Name=b.example.com",
    "certutil in Russian": "DNS-имя=a.example.com\nDNS-имя=b.example.com",
    "GnuTLS": "\tSubject Alternative Name (not critical):\n\t\tDNSname: a.example.com\n\t\tDNSname: b.example.com",
    "pyca": "[<DNSName(value='a.example.com')>, <DNSName(value='b.example.com')>]",
    "an array of PowerShell": "@('a.example.com', 'b.example.com')",
    "Go": '[]string{"a.example.com", "b.example.com"}',
    "HTML": "<ul><li>a.example.com</li><li>b.example.com</li></ul>",
    "boxes to tick": "- [ ] a.example.com\n- [x] b.example.com",
    "certutil in German": "DNS-Name=a.example.com\r\nDNS-Name=b.example.com",
    "certutil in French": "Nom DNS=a.example.com\nNom DNS=b.example.com",
    "certreq": "SAN:dns=a.example.com&dns=b.example.com",
    "an INF file": '2.5.29.17 = "{text}"\n_continue_ = "dns=a.example.com&"\n_continue_ = "dns=b.example.com&"',
    "PowerShell": "{a.example.com, b.example.com}",
    "openssl": "X509v3 Subject Alternative Name: critical\n    DNS:a.example.com, DNS:b.example.com",
    "openssl with blanks": "DNS: a.example.com, DNS: b.example.com",
    "openssl's extension": "subjectAltName=DNS:a.example.com,DNS:b.example.com",
    "openssl's configuration": "[alt_names]\nDNS.1 = a.example.com\nDNS.2=b.example.com # the other",
    "keytool": "#1: ObjectId: 2.5.29.17 Criticality=false\nSubjectAlternativeName [\n  DNSName: a.example.com\n"
    "  DNSName: b.example.com\n]",
    "keytool's flag": "-ext SAN=dns:a.example.com,dns:b.example.com",
    "certbot": "-d a.example.com -d b.example.com",
    "nginx": "server_name a.example.com b.example.com;",
    "JSON": '{"hosts": ["a.example.com", "b.example.com"]}',
    "JSON list": '["a.example.com", "b.example.com"]',
    "YAML": "dnsNames:\n  - a.example.com\n  - 'b.example.com'\n",
    "Markdown": "* a.example.com\n* `b.example.com`",
    "a link of Markdown": "[a.example.com](https://a.example.com/), [b.example.com](https://b.example.com/x)",
    "a table of Markdown": "| a.example.com | b.example.com |\n|---|---|",
    "bullets": "• a.example.com\n• b.example.com",
    "hyphens": "- a.example.com\n- b.example.com",
    "numbers": "1. a.example.com\n2. b.example.com",
    "numbers in a line": "(1) a.example.com (2) b.example.com",
    "quotes": "\"a.example.com\" 'b.example.com'",
    "typographic quotes": "“a.example.com”, ‘b.example.com’",
    "angle brackets": "<a.example.com>, <b.example.com>",
    "a sentence's end": "a.example.com and b.example.com.",
    "a zone": "a.example.com.\nb.example.com.",
    "semicolons and tabs": "a.example.com;\tb.example.com;",
    "web addresses": "https://a.example.com/ https://b.example.com:8443/x?y",
    "full-width letters": "ａ．ｅｘａｍｐｌｅ．ｃｏｍ，ＤＮＳ：ｂ．ｅｘａｍｐｌｅ．ｃｏｍ",
    "Chinese": "DNS 名称=a.example.com\n域名：b.example.com",
    "unseen characters": "\ufeffa.example.com\u200b\u00a0b.example.com\u200e",
    "slashes": "a.example.com / b.example.com",
    "a rule between": "a.example.com\n--\nb.example.com",
    "Traefik": "Host(`a.example.com`) || Host(`b.example.com`)",
    "names of a subject": "CN=a.example.com\nCN = b.example.com",
}


@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS)
def test_a_list_is_understood_however_it_was_written(text: str) -> None:
    assert names.read_all(text).names == ("a.example.com", "b.example.com")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("IP Address=10.0.0.5", Name(NameKind.IP, "10.0.0.5")),
        ("IP Address: 10.0.0.5", Name(NameKind.IP, "10.0.0.5")),
        ("IP.1 = 10.0.0.5", Name(NameKind.IP, "10.0.0.5")),
        ("IPAddress: 2001:db8::1", Name(NameKind.IP, "2001:db8::1")),
        ("IP-Adresse=10.0.0.5", Name(NameKind.IP, "10.0.0.5")),
        ("[2001:db8::1]", Name(NameKind.IP, "2001:db8::1")),
        ("RFC822 Name=a@example.com", Name(NameKind.EMAIL, "a@example.com")),
        ("RFC822Name: a@example.com", Name(NameKind.EMAIL, "a@example.com")),
        ("email.1 = o'brien@example.com", Name(NameKind.EMAIL, "o'brien@example.com")),
        ("<a@example.com>", Name(NameKind.EMAIL, "a@example.com")),
        ("URL=https://example.com/x", Name(NameKind.URI, "https://example.com/x")),
        ("URIName: spiffe://example.org/a?b=c&url=d", Name(NameKind.URI, "spiffe://example.org/a?b=c&url=d")),
        ('"*.example.com"', Name(NameKind.DNS, "*.example.com")),
    ],
)
def test_the_kind_before_a_name_is_understood_however_it_was_written(text: str, name: Name) -> None:
    (piece,) = pasted.pieces(text)

    assert names.read(piece) == name


@pytest.mark.parametrize("text", ["*", "-", '""', "DNS:", "dnsNames:", "a_b.example.com", "host:8080", "dns:10.0.0.5"])
def test_what_is_no_name_is_never_left_out_in_silence(text: str) -> None:
    (name,) = names.read_all(text).names

    with pytest.raises(InvalidName):
        names.parse(name)


def test_a_name_that_is_none_is_shown_without_a_kind_that_its_form_says() -> None:
    assert names.read_all("DNS Name=a_b.example.com").names == ("a_b.example.com",)
    assert names.read_all("DNS:10.0.0.5").names == ("dns:10.0.0.5",)


@pytest.mark.parametrize("text", ["(", ")", "[]", "\u200b", '"', "dns ", "_", "\n", "&"])
def test_signs_without_end_are_cut_in_linear_time(text: str) -> None:
    pasted.pieces(text * 100_000)


def test_duplicates_are_merged_whatever_their_form_and_said() -> None:
    found = names.read_all("bücher.example XN--BCHER-KVA.example https://bücher.example/ bücher．example")

    assert found.names == ("xn--bcher-kva.example",)
    assert found.notes == ("3 duplicates were merged.", "The host was taken from 1 web address.")


def test_bad_pieces_stay_as_they_were_typed() -> None:
    assert names.read_all("good.com bad_name *.*.x").names == ("good.com", "bad_name", "*.*.x")


def test_a_wildcard_covers_one_level_only() -> None:
    assert names.coverage(names.read("*.example.com")) == "matches a.example.com, not a.b.example.com, not the apex"


def test_people_see_unicode_unless_it_would_not_lead_back() -> None:
    assert host_names.to_unicode("xn--bcher-kva.example") == "bücher.example"
    assert host_names.to_unicode("*.xn--bcher-kva.example") == "*.bücher.example"
    assert host_names.to_unicode("xn--zzzz") == "xn--zzzz"


@pytest.mark.parametrize(
    ("domain", "suffix"),
    [
        ("com", True),
        ("co.uk", True),
        ("example.com", False),
        ("github.io", False),
        ("xn--p1ai", True),
        ("xn--55qx5d.cn", True),
        ("xn--bcher-kva.xn--p1ai", False),
    ],
)
def test_public_suffixes_are_those_of_the_icann_section(domain: str, suffix: bool) -> None:
    assert public_suffix.is_public_suffix(domain) is suffix


@pytest.mark.parametrize(
    ("domain", "internal"),
    [
        ("host.local", True),
        ("intranet", True),
        ("a.corp", True),
        ("a.example.com", False),
        ("xn--bcher-kva.corp", True),
        ("xn--bcher-kva.xn--p1ai", False),
        ("xn--ls8h.xn--p1ai", False),
    ],
)
def test_internal_names_are_those_no_registry_knows(domain: str, internal: bool) -> None:
    assert public_suffix.is_internal(domain) is internal


def test_megabytes_are_split_in_linear_time() -> None:
    assert len(pasted.pieces("a" * 10_000_000)) == 1
    assert len(pasted.pieces("a, " * 300_000)) == 300_000


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading(text: str) -> None:
    for name in names.read_all(text).names:
        host_names.to_unicode(name)


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True).filter(lambda label: label[2:4] != "--")
HOST = st.lists(LABEL, min_size=2, max_size=5).map(".".join).filter(lambda host: not host.replace(".", "").isdigit())


@given(
    st.lists(HOST, min_size=1, max_size=20, unique=True),
    st.sampled_from(
        [",", " ", "\n", ";", "，", " , ", "\n- ", "\n  1. ", "\nDNS Name=", ", DNS:", '", "', "&\n", " | "]
    ),
)
def test_splitting_never_loses_a_good_name(hosts: list[str], separator: str) -> None:
    assert names.read_all(separator.join(hosts)).names == tuple(hosts)


@given(st.one_of(HOST, st.ip_addresses().map(str), HOST.map("admin@{}".format), st.text(max_size=40)))
@example("²")  # a digit only once it is folded
def test_a_canonical_name_reads_back_as_itself(text: str) -> None:
    try:
        name = names.read(text)
    except InvalidName:
        return

    if not name.value.casefold().startswith(("http://", "https://")):
        assert names.read(name.value) == name
    assert names.parse(name.value) == name
    assert name.kind is not NameKind.DNS or names.dns(name.shown) == name


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (NameKind.DNS, "www.example.com", "www.example.com"),
        (NameKind.DNS, "10.0.0.5", "DNS:10.0.0.5"),
        (NameKind.DNS, "2001:db8::1", "DNS:2001:db8::1"),
        (NameKind.DNS, "[2001:db8::1]", "DNS:[2001:db8::1]"),
        (NameKind.DNS, "a@example.com", "DNS:a@example.com"),
        (NameKind.DNS, "https://example.com/", "DNS:https://example.com/"),
        (NameKind.IP, "10.0.0.5", "10.0.0.5"),
        (NameKind.IP, "10.0.0.0/8", "IP:10.0.0.0/8"),
        (NameKind.EMAIL, "a@example.com", "a@example.com"),
        (NameKind.EMAIL, "example.com", "email:example.com"),
        (NameKind.URI, "spiffe://example.com/a", "spiffe://example.com/a"),
        (NameKind.URI, "sip:a@example.com", "URI:sip:a@example.com"),
    ],
)
def test_a_name_whose_form_is_that_of_another_kind_says_its_own(kind: NameKind, text: str, expected: str) -> None:
    assert names.tagged(kind, text) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("www.example.com", "WWW.Example.COM", True),
        ("www.example.com", "www.example.com.", False),
        ("10.0.0.5", "DNS:10.0.0.5", False),
        ("Ann@example.com", "Ann@EXAMPLE.com", True),
        ("Ann@example.com", "ann@example.com", False),
        ("spiffe://Example.com/a", "SPIFFE://example.com/a", True),
        ("spiffe://example.com/a", "spiffe://example.com/A", False),
        ("urn:a:B", "urn:a:b", False),
    ],
)
def test_names_are_compared_as_clients_match_them(one: str, other: str, *, same: bool) -> None:
    assert (names.comparable(one) == names.comparable(other)) is same


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("DNS:10.0.0.5", "10.0.0.5 is an address"),
        ("DNS:2001:db8::1", "2001:db8::1 is an address"),
        ("DNS:a@example.com", "an email address"),
        ("DNS:https://example.com/", "a URI"),
        ("DNS:www.example.com:443", "no host name"),
        ("www.example.com.", "ends in a dot"),
        ("www example.com", "has a space"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("email:www.example.com", "is a host name, but written as an email address"),
        ("email:10.0.0.5", "is an address, but written as an email address"),
        ("URI:www.example.com", "is a host name, but written as a URI"),
        ("URI:a@example.com", "is an email address, but written as a URI"),
        ("URI:mailto:a@example.com", ""),
        ("IP:10.0.0.0/8", "10.0.0.0/8 is no address"),
        ("", "An empty name is in it, written as a DNS name"),
        ("email:", "An empty name is in it, written as an email address"),
        (".example.com", "starts with a dot"),
        ("*.example.com", ""),
        ("www*.example.com", "a wildcard that is not its whole first label"),
        ("www.*.example.com", "a wildcard that is not its whole first label"),
        ("www.example.com\0.example.org", "www.example.com\\u{0}.example.org has an invisible character"),
        ("www.example.com", ""),
        ("10.0.0.5", ""),
        ("a@example.com", ""),
        ("_dmarc.example.com", ""),
    ],
)
def test_a_name_that_no_client_matches_is_a_mistake(text: str, says: str) -> None:
    assert says in names.mistake(text)
    assert bool(says) is bool(names.mistake(text))

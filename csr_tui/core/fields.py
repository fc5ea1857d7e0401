"""The subject of a request: `Subject`, and one row for each of its fields, from which everything else is read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from operator import attrgetter
from typing import NamedTuple


@dataclass(frozen=True)
class Subject:
    """A text for each row of `FIELDS`, in their order; an empty one is missing."""

    domain: str = ""
    organization: str = ""
    department: str = ""
    email: str = ""
    province: str = ""
    city: str = ""
    country: str = ""


EMPTY = Subject()


class Syntax(Enum):
    """The rule that a field's text follows."""

    HOST = auto()
    TEXT = auto()
    MAILBOX = auto()
    COUNTRY = auto()


class SubjectField(NamedTuple):
    """One field: what it is called everywhere, and what is known of it.

    `name` is the attribute of `Subject`, the key in JSON and TOML, the column of the store and the flag. `oid`, `x520`
    and `short` are its names in certificates, `rank` its place there (BR 7.1.4.1), `longest` X.520's upper bound in
    characters. `about` says in a few words what to type, `note` what else the flag's help says, `help` the wizard's.
    `spellings` are the headings of tables that mean it, in small letters and digits alone. `tencent` is CreateCSR's
    parameter, empty where its API has none. `dropped` says why public CAs leave it out; `warning` and its `source` are
    the finding about that. `missing` is the error where nothing can be made without it.
    """

    name: str
    label: str
    oid: str
    x520: str
    short: str
    rank: int
    longest: int
    about: str
    help: str
    spellings: str
    syntax: Syntax = Syntax.TEXT
    metavar: str = ""
    note: str = ""
    placeholder: str = ""
    tencent: str = ""
    searched: bool = True
    dropped: str = ""
    warning: str = ""
    source: str = ""
    missing: str = ""


DOMAIN = SubjectField(
    "domain",
    "Domain",
    oid="2.5.4.3",
    x520="commonName",
    short="CN",
    metavar="NAME",
    rank=11,
    longest=64,
    syntax=Syntax.HOST,
    about="the main name, such as www.example.com",
    note="Unicode is fine",
    help="It becomes the CN and the first of the alternative names.",
    placeholder="e.g. www.example.com",
    spellings="domain domainname commonname cn fqdn host hostname servername 域名 主域名 通用名称",
    tencent="Domain",
    missing="Enter the domain, such as www.example.com. It is required.",
)
ORGANIZATION = SubjectField(
    "organization",
    "Organization",
    oid="2.5.4.10",
    x520="organizationName",
    short="O",
    rank=7,
    longest=64,
    about="the organization's legal name",
    help="The legal name, as in the trade register. At most 64 characters.",
    placeholder="e.g. Example Ltd",
    spellings="organization organisation organizationname organisationname o org company 组织 组织名称 公司 公司名称",
    tencent="Organization",
)
DEPARTMENT = SubjectField(
    "department",
    "Department",
    oid="2.5.4.11",
    x520="organizationalUnitName",
    short="OU",
    rank=10,
    longest=64,
    about="a department, such as IT",
    note="public CAs drop it",
    help="OU. Public CAs drop it; Tencent Cloud requires it.",
    spellings="department organizationalunit organizationalunitname organisationalunit ou unit 部门 部门名称",
    tencent="Department",
    dropped="forbidden since 2022-09 (BR 7.1.2.7)",
    warning="Public CAs have dropped the department (OU) since 2022. Tencent Cloud still requires it.",
    source="BR 7.1.2.7",
)
EMAIL = SubjectField(
    "email",
    "Email",
    oid="1.2.840.113549.1.9.1",
    x520="emailAddress",
    short="email",
    metavar="ADDRESS",
    rank=12,
    longest=255,
    syntax=Syntax.MAILBOX,
    about="an email address, such as pki@example.com",
    note="public CAs drop it",
    help="A contact. Public CAs drop it; Tencent Cloud requires it.",
    placeholder="e.g. pki@example.com",
    spellings="email emailaddress mail e 邮箱 电子邮件",
    tencent="Email",
    dropped="not part of a TLS certificate",
    warning="Public CAs drop the email address.",
    source="BR 7.1.2.7",
)
PROVINCE = SubjectField(
    "province",
    "Province/state",
    oid="2.5.4.8",
    x520="stateOrProvinceName",
    short="ST",
    rank=3,
    longest=128,
    about="the province or state",
    note="written out",
    help="ST, written out: Guangdong, not GD.",
    spellings="province state provincestate stateprovince stateorprovince stateorprovincename st region 省 省份",
    tencent="Province",
)
CITY = SubjectField(
    "city",
    "City",
    oid="2.5.4.7",
    x520="localityName",
    short="L",
    rank=4,
    longest=128,
    about="the city",
    help="L, such as Shenzhen.",
    spellings="city locality localityname l town 市 城市",
    tencent="City",
)
COUNTRY = SubjectField(
    "country",
    "Country",
    oid="2.5.4.6",
    x520="countryName",
    short="C",
    rank=2,
    longest=2,
    syntax=Syntax.COUNTRY,
    about="the two-letter country code, such as CN",
    help="A code or a name, in English or Chinese; matches are offered.",
    placeholder="e.g. CN, China or 中国",
    spellings="country countryname countrycode c 国家",
    tencent="Country",
    searched=False,
)

FIELDS = (DOMAIN, ORGANIZATION, DEPARTMENT, EMAIL, PROVINCE, CITY, COUNTRY)
"""As people are asked for them."""

ENCODED = tuple(sorted(FIELDS, key=attrgetter("rank")))
"""As they stand in a request."""

NAMES = tuple(field.name for field in FIELDS)

LABELS = {
    **{field.name: field.label for field in FIELDS},
    "sans": "Names",
    "extra": "Extra lines",
    "algorithm": "Key type",
    "key_parameter": "Key size",
    "purpose": "Purpose",
    "usage": "Usage",
    "remark": "Remark",
    "tags": "Tags",
    "challenge": "Challenge password",
    "password_choice": "Password",
    "protection": "Protection",
    "token": "Token",
}
"""Field of a record, as JSON names it -> its label for people."""


def field_label(field: str) -> str:
    """The label of a field; a text without one, such as `row` or `chain`, is its own."""
    return LABELS.get(field, field.replace("_", " ").capitalize())


texts_of = attrgetter(*NAMES)
"""The texts of a subject, in the order of `FIELDS`."""

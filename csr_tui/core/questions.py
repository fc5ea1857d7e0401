"""The questions of a new request, in their order: their labels and help, and the options of those that have some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from csr_tui.core.custody import OFFERED, Custody
from csr_tui.core.extra import EXTRA_LINES
from csr_tui.core.fields import DOMAIN, FIELDS, LABELS, NAMES
from csr_tui.core.keys.kinds import KINDS, missing
from csr_tui.core.record import KeySpec, Purpose, Record, Tag, WizardStep
from csr_tui.core.usages import USAGES, MainName, Usage

Value = TypeVar("Value")

STEP_OF: Mapping[str, WizardStep] = MappingProxyType(
    {
        "usage": WizardStep.SUBJECT,
        "purpose": WizardStep.SUBJECT,
        **dict.fromkeys(NAMES, WizardStep.SUBJECT),
        "sans": WizardStep.NAMES,
        "remark": WizardStep.NAMES,
        "tags": WizardStep.NAMES,
        "extra": WizardStep.NAMES,
        "algorithm": WizardStep.ALGORITHM,
        "key_parameter": WizardStep.ALGORITHM,
        "password_choice": WizardStep.KEY,
        "protection": WizardStep.KEY,
        "key_file": WizardStep.KEY,
        "token": WizardStep.KEY,
    }
)
"""Where each field of a finding is put right."""


@dataclass(frozen=True, slots=True)
class Option(Generic[Value]):
    """One way to go: its value, its name, a line or two on what it means, and the reason where it cannot be chosen."""

    value: Value
    title: str
    lines: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What asks for one field, as JSON names it; `missing` is the error where nothing can be made without it."""

    field: str
    label: str
    help: str
    placeholder: str = ""
    missing: str = ""


USAGE = Question("usage", LABELS["usage"], "The purpose that the CA certifies.")
PURPOSE = Question("purpose", LABELS["purpose"], "The CA decides which rules apply.")
SANS = Question(
    "sans",
    "Other names",
    "One name per line, or paste any list: commas, spaces, semicolons and whole URLs are sorted out, Unicode names "
    "are turned into their xn-- form, and duplicates are merged. The domain is always among the names. A wildcard "
    "such as *.example.com covers one level and not the bare domain.",
)
REMARK = Question("remark", LABELS["remark"], "Your own note; you can edit it at any time.")
TAGS = Question(
    "tags",
    LABELS["tags"],
    "KEY=VALUE, separated by commas; you can edit them at any time.",
    "e.g. team=web, env=production",
)
KEY = Question(
    "key_parameter",
    LABELS["algorithm"],
    "RSA 2048 works everywhere; ECC P-256 is smaller, faster and stronger, and all current browsers and public "
    "CAs accept it. Ed25519 and ML-DSA (post-quantum) are listed if the request is for your own CA.",
)
CUSTODY = Question(
    "password_choice",
    "Protection of the key",
    "The private key is stored encrypted. A random password in your keyring is the simplest choice. You enter a "
    "password of your own when you generate; drafts never contain it. Servers such as haproxy cannot read an "
    "encrypted key: choose no encryption for them, or export the key in clear later.",
)
KEY_FILE = Question(
    "key_file",
    "Existing key",
    "A key file: PEM, DER or PKCS#12. It decides the key type.",
    "optional; leave empty to generate a new key",
)


def of_subject(usage: Usage) -> Iterator[Question]:
    """Those of the subject; a usage has its own words for the main name."""
    about = "It becomes the CN." if usage.main is MainName.TEXT else DOMAIN.help
    yield Question(DOMAIN.name, usage.main.value, about, f"e.g. {usage.example}", usage.missing)
    for field in FIELDS[1:]:
        yield Question(field.name, field.label, field.help, field.placeholder, field.missing)


def extra_lines(usage: str) -> Question:
    """The one of the extra lines, with a line that only some usages can have, where this one can."""
    fitting = [row for row in EXTRA_LINES.values() if usage in row.usages]
    row = min(fitting, key=lambda row: len(row.usages))
    return Question(
        "extra",
        LABELS["extra"],
        "NAME=VALUE, one per line; public CAs drop them.",
        f"for a private CA, e.g. {row.name}={row.example}",
    )


def has_names(record: Record) -> bool:
    """Whether alternative names are asked for: the usage has some, or there are some to remove."""
    return bool(USAGES[record.usage].names or record.names)


def questions(record: Record) -> tuple[Question, ...]:
    """Every question that this record needs, in the order in which people are asked."""
    usage, same = USAGES[record.usage], record.lineage.same_key
    needed = {SANS: has_names(record), KEY: not same, CUSTODY: not (same and record.token)}
    needed |= {KEY_FILE: not (same or record.token)}
    asked = (USAGE, PURPOSE, *of_subject(usage), SANS, REMARK, TAGS, extra_lines(usage.name), KEY, CUSTODY, KEY_FILE)
    return tuple(question for question in asked if needed.get(question, True))


def usages() -> tuple[Option[str], ...]:
    """What a certificate can be for."""
    return tuple(Option(one.name, one.title) for one in USAGES.values())


def purposes(usage: Usage) -> tuple[Option[Purpose], ...]:
    """Who can sign; public CAs with the reason where they sign no request of this usage."""
    return (
        Option(Purpose.PUBLIC, "Public web: a CA that browsers trust signs it", refusal=usage.not_public),
        Option(Purpose.PRIVATE, "Own CA: internal names, any kind of key"),
    )


def key_kinds(record: Record) -> tuple[Option[KeySpec], ...]:
    """The kinds of key that CAs of the record's purpose accept, sizes and curves included; its own at any rate."""
    private = record.purpose is Purpose.PRIVATE
    offered = (kind for kind in KINDS if kind.public or private or kind.spec == record.key)
    on_token = "The key on the token has another type." if record.token and record.token.names_key else ""
    return tuple(
        Option(
            kind.spec,
            kind.label,
            (kind.meaning,),
            missing(kind.algorithm) or (on_token if kind.spec != record.key else ""),
        )
        for kind in offered
    )


def custodies(*, no_keyring: bool = False) -> tuple[Option[Custody], ...]:
    """Each way to keep a key; those that need the keyring are refused where there is none."""
    return tuple(
        Option(one, one.label, one.notes, "Not available without a keyring." if no_keyring and one.in_keyring else "")
        for one in OFFERED
    )


def on_token(record: Record) -> Option[Custody]:
    """The way to keep a key that is on a token, or is made there; refused where the draft reuses another."""
    reused = record.lineage.same_key and record.token is None
    return Option(
        Custody.TOKEN,
        "On a token: smart card, HSM or TPM (PKCS #11)",
        ("The key never leaves it; you enter its PIN, no password.",),
        "The reused key is not on a token." if reused else "",
    )


def usual_custody(custody: Custody, *, no_keyring: bool) -> Custody:
    """The one to begin with: what nobody chose is not proposed where it cannot be had."""
    if custody is not Custody.RANDOM_KEYRING:
        return custody
    return Custody.TYPED_PROMPT if no_keyring else custody


def options(field: str, record: Record, *, no_keyring: bool) -> tuple[Option[Any], ...]:
    """The options of a field; none for a text."""
    match field:
        case "usage":
            return usages()
        case "purpose":
            return purposes(USAGES[record.usage])
        case "key_parameter":
            return key_kinds(record)
        case "password_choice":
            return (*custodies(no_keyring=no_keyring), on_token(record))
    return ()


def tags_text(tags: tuple[Tag, ...]) -> str:
    """As the person types them."""
    return ", ".join(map(str, tags))


def parse_tags(text: str) -> tuple[Tag, ...]:
    """What was typed, whatever it is: a piece without `=` is a key without a value, and the rules say so."""
    pieces = (piece.strip() for piece in text.replace("，", ",").split(","))
    pairs = (piece.partition("=") for piece in pieces if piece)
    return tuple(Tag(key.strip(), value.strip()) for key, _, value in pairs)

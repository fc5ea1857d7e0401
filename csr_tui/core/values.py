"""The fields of a request as texts, and the record that they make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from csr_tui.core import extra, names
from csr_tui.core.custody import PASSWORD_CHOICES, PROTECTIONS, Custody
from csr_tui.core.fields import NAMES
from csr_tui.core.findings import Finding, InvalidError
from csr_tui.core.keys.kinds import KINDS, of_algorithm
from csr_tui.core.record import KeySpec, Purpose, Record, Tag, replace
from csr_tui.core.rules.characters import blanks
from csr_tui.core.text import trim
from csr_tui.core.usages import USAGES

Values: TypeAlias = Mapping[str, str | tuple[str, ...]]
"""Field, as the JSON contract names it -> its text; several for `sans` and `extra`, `KEY=VALUE` pieces for `tags`."""

TEXTS = (*NAMES, "algorithm", "key_parameter", "remark", "purpose", "usage")
FIELDS = (*TEXTS, "sans", "extra", "tags")

CHOICES = {"purpose": Purpose, "usage": tuple(USAGES), "password_choice": PASSWORD_CHOICES, "protection": PROTECTIONS}
_USUAL = Custody.RANDOM_KEYRING.choices
"""Field -> the closed set that its text has to be of."""


def parse(field: str, value: object) -> str | tuple[str, ...]:
    """What a TOML value says of a field; ValueError, with the rest of a sentence, where it cannot be one of it."""
    match field:
        case "purpose" if value not in tuple(Purpose):
            raise ValueError('is either "public" or "private".')
        case "password_choice" | "protection" | "usage" if value not in tuple(CHOICES[field]):
            raise ValueError(f"is one of {', '.join(CHOICES[field])}.")
        case "sans" | "extra" if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return extra.read_all(value) if field == "extra" else tuple(value)
        case "sans":
            raise ValueError('is a list of texts, such as ["www.example.com", "example.com"].')
        case "extra":
            raise ValueError('is a list of texts, such as ["OU=Ops", "eku=1.3.6.1.4.1.311.20.2.2"].')
        case "tags" if isinstance(value, dict) and all(isinstance(one, str) for one in value.values()):
            return tuple(f"{key}={text}" for key, text in value.items())
        case "tags":
            raise ValueError('is a table of texts, such as { team = "web" }.')
        case "key_parameter" if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        case _ if field not in TEXTS and field not in CHOICES:
            raise ValueError(f"is not a field of a request. The fields are: {', '.join(FIELDS)}.")
        case _ if isinstance(value, str):
            return value
    raise ValueError(f'is a text: put it in quotes, as in {field} = "...".')


def with_values(record: Record, values: Values) -> tuple[Record, tuple[Finding, ...]]:
    """The record with these values in it, and a hint wherever one is not kept just as it was typed.

    InvalidError for a tag that has no =. Texts of `CHOICES` are of their sets.
    """
    texts = {field: value for field, value in values.items() if isinstance(value, str)}
    notes = [note for field, text in texts.items() if (note := blanks(field, text)) is not None]
    kept = {field: trim(text) for field, text in texts.items()}

    usage = kept.get("usage", record.usage)
    parts = {field: text for field, text in kept.items() if field in NAMES}
    if "domain" in parts:
        parts["domain"] = USAGES[usage].canonical(parts["domain"])
    subject = replace(record.subject, **parts)
    others = record.names
    if (typed := values.get("sans")) is not None:
        found = names.read_all("\n".join(typed))
        others = found.names
        notes += [Finding.hint("names-read", "sans", note) for note in found.notes]
    tags = record.tags if "tags" not in values else _tags(values["tags"])
    if "tags" in values and set(map(str, tags)) != set(filter(trim, values["tags"])):
        notes.append(Finding.hint("spaces-removed", "tags", "Spaces around keys and values were removed."))
    custody = record.custody
    if not kept.keys().isdisjoint(_USUAL):
        words = {**_USUAL, **custody.choices, **kept}
        custody = Custody.of(words["password_choice"], words["protection"])
    edited = replace(
        record,
        subject=subject,
        names=tuple(name for name in others if name != USAGES[usage].among_names(subject.domain)),
        key=_key(record.key, kept.get("algorithm"), kept.get("key_parameter")),
        remark=kept.get("remark", record.remark),
        tags=tags,
        purpose=Purpose(kept.get("purpose", record.purpose)),
        usage=usage,
        extra=extra.read_all(values["extra"]) if "extra" in values else record.extra,
        custody=custody,
        token=record.token if custody is Custody.TOKEN else None,
    )
    return edited, tuple(notes)


def _key(current: KeySpec, algorithm: str | None, parameter: str | None) -> KeySpec:
    """Of algorithm and parameter, what is not given follows from what is, where only one fits."""
    if parameter is None:
        if algorithm is None or algorithm == current.algorithm:
            return current
        return next((kind.spec for kind in of_algorithm(algorithm)), KeySpec(algorithm, current.parameter))
    if algorithm is None:
        fitting = {kind.algorithm.name for kind in KINDS if kind.parameter == parameter}
        algorithm = fitting.pop() if len(fitting) == 1 else current.algorithm
    return KeySpec(algorithm, parameter)


def _tags(pieces: str | tuple[str, ...]) -> tuple[Tag, ...]:
    """KEY=VALUE pieces as tags; the rules refuse a piece that is none before it can become one."""
    wanted = [piece for piece in pieces if trim(piece)]
    for piece in wanted:
        if "=" not in piece:
            finding = Finding.error(
                "tag-malformed", "tags", f"A tag is KEY=VALUE, as in team=web: {piece[:40]} has no =."
            )
            raise InvalidError(f"{finding.labelled} Nothing was stored.", (finding,))
    pairs = (piece.partition("=") for piece in wanted)
    return tuple(Tag(trim(key), trim(value)) for key, _, value in pairs)

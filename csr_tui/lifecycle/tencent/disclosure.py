"""What a submission sends to Tencent Cloud, and what is kept there, in words: shown before a person confirms."""

from __future__ import annotations

from dataclasses import dataclass

from csr_tui.core.record import Record
from csr_tui.lifecycle.tencent.submit import SubmitOptions
from csr_tui.tencent.client import fields


@dataclass(frozen=True, slots=True)
class Disclosure:
    """`sent` holds the API's names and their values, `sentences` whole sentences."""

    sent: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]


def disclosure(record: Record, options: SubmitOptions, place: str = "Tencent Cloud") -> Disclosure:
    """For one record, sent to `place`; the password is spoken of, never shown."""
    sent = [*fields(record).items()]
    if record.remark:
        sent.append(("Remark", record.remark))
    created = record.submission is not None and record.submission.csr_id is not None
    if record.tags and not created:
        sent.append(("Tags", ", ".join(map(str, record.tags))))
    if options.draft_only:
        return Disclosure(tuple(sent), tuple(_draft(record, place, created=created)))
    if (password := _password(options)) is not None:
        sent.append(("KeyPassword", password))
    return Disclosure(tuple(sent), tuple(_final(record, options, place, created=created)))


def _password(options: SubmitOptions) -> str | None:
    match options.custody.password_choice:
        case "random":
            return "a random one, also stored in your keyring"
        case "typed":
            return "the one you type"
        case "none":
            return None


def _draft(record: Record, place: str, *, created: bool) -> list[str]:
    sentences = [f"{_capital(place)} stores a draft without a key; you can change, finalise or delete it later."]
    if record.tags:
        sentences.append(_tags(created=created))
    return sentences


def _final(record: Record, options: SubmitOptions, place: str, *, created: bool) -> list[str]:
    sentences = [
        f"{_capital(place)} generates the private key and keeps a copy.",
        "It also stores the key's password unencrypted: anyone with access to DescribeCSR can read both."
        if options.custody.has_password
        else "The key has no password there: anyone with access to DescribeCSR can read it.",
        "Once generated, the record there can never be modified.",
        f"If {place} does not return the key, this record has no key here and cannot be exported.",
    ]
    if options.custody.held_by_person:
        sentences.append("On this machine, only you hold the password.")
    if record.tags and created:
        sentences.append(_tags(created=created))
    return sentences


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _tags(*, created: bool) -> str:
    if created:
        return "Tags are not sent: the API takes them only when a record is created."
    return "Tags can only be set now: the API cannot change them later."

"""Drafts with something in every field, drawn from the types, so that a new field is tested as well."""

from __future__ import annotations

import typing
from dataclasses import fields, replace
from datetime import datetime

from hypothesis import strategies as st

from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.lineage import Lineage
from csr_tui.core.record import Purpose, Record, Tag, new_id
from csr_tui.core.submission import Submission
from csr_tui.core.token_uri import TokenUri
from csr_tui.core.usages import USAGES

TEXT = st.text(max_size=40)
TOKENS = st.none() | st.builds(TokenUri, TEXT, TEXT, st.none() | TEXT, st.none() | st.binary(max_size=9).map(bytes.hex))


class Fields(typing.TypedDict, total=False):
    """What a test sets of a draft besides its subject and its key."""

    purpose: Purpose
    names: tuple[str, ...]
    remark: str
    tags: tuple[Tag, ...]
    custody: Custody
    lineage: Lineage
    key_file: str
    usage: str
    extra: tuple[str, ...]


LATER = (
    *("revision", "state", "origin", "created_at", "updated_at", "generated_at", "trashed_at"),
    *(
        "csr",
        "key_fingerprint",
        "has_key",
        "secret_ref",
        "certificate",
        "not_after",
        "earlier",
        "has_root",
        "attestation",
        "issuer",
        "submission",
        "order",
        "lineage",
        "ca",
        "damage",
    ),
)
"""The fields of a record that no draft is given: the store, or a later state, fills them in."""


def subjects(text: st.SearchStrategy[str] = TEXT) -> st.SearchStrategy[Subject]:
    """Subjects with `text` in each of their fields."""
    return st.builds(Subject, **{field.name: text for field in fields(Subject)})


def drafts() -> st.SearchStrategy[Record]:
    """Drafts with any value in each field that a person fills in."""
    types = typing.get_type_hints(Record, localns={"datetime": datetime, "Submission": Submission})
    drawn = {name: st.from_type(kind) for name, kind in types.items() if name not in LATER}
    named = {"id": st.builds(new_id), "subject": subjects(), "usage": st.sampled_from([*USAGES]), "token": TOKENS}
    return st.builds(Record, **{**drawn, **named}).map(_consistent)


def _consistent(draft: Record) -> Record:
    """Its custody is that of a token where it names one, and only then."""
    if draft.token is not None:
        return replace(draft, custody=Custody.TOKEN)
    return draft if draft.custody is not Custody.TOKEN else replace(draft, custody=Custody.RANDOM_KEYRING)

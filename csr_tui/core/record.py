"""One certificate request, from the first draft to the issued certificate, as frozen values."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from csr_tui.core.custody import Custody
from csr_tui.core.fields import EMPTY, Subject
from csr_tui.core.lineage import UNRELATED, Lineage
from csr_tui.core.order import CertificateOrder
from csr_tui.core.submission import Submission
from csr_tui.core.token_uri import TokenUri
from csr_tui.core.usages import SERVER, USAGES

if TYPE_CHECKING:
    from dataclasses import replace as replace  # so that the names and types of a call's fields are checked
else:

    def replace(old: Any, **fields: Any) -> Any:
        """As `dataclasses.replace`, in a tenth of the time: each row of a table is changed four times."""
        values = old.__dict__ | fields
        if len(values) != len(old.__dict__):
            raise TypeError(f"{type(old).__name__} has no {', '.join(fields.keys() - old.__dict__.keys())}")
        new = object.__new__(type(old))
        object.__setattr__(new, "__dict__", values)
        return new


ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH = 10


class State(StrEnum):
    """How far a record is; never back."""

    DRAFT = "draft"
    GENERATED = "generated"
    ISSUED = "issued"


class Origin(StrEnum):
    """Where the key was made."""

    LOCAL = "local"
    TOKEN = "token"  # noqa: S105  # a place
    TENCENT = "tencent"


class Purpose(StrEnum):
    """Whose rules count: a public TLS CA's, or one's own CA's."""

    PUBLIC = "public"
    PRIVATE = "private"


class WizardStep(StrEnum):
    """The wizard's steps, in order; a draft remembers where its person left."""

    SUBJECT = "subject"
    NAMES = "names"
    ALGORITHM = "algorithm"
    KEY = "key"
    REVIEW = "review"


@dataclass(frozen=True)
class KeySpec:
    """The algorithm and its parameter, spelled as CreateCSR spells them; any text, judged by the rules."""

    algorithm: str = "RSA"
    parameter: str = "2048"


@dataclass(frozen=True)
class Tag:
    """One key and value, as Tencent's Tags have them."""

    key: str
    value: str

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


@dataclass(frozen=True)
class Record:
    """One certificate request and what is known of it; never its key, never its password.

    `names` are the alternative names besides the domain: canonical text (A-labels) where they are valid,
    as typed where they are not. `secret_ref` is what the vault calls the record's password. `key_file` is the file of
    the person's own that the key is to come from, or came from; without one, it is made by this program or elsewhere.
    `token` is the token that has or is to have the key, with the key's own attributes where it is there already (one
    without any attribute is still to be chosen), and
    `attestation` are the certificates in PEM with which the token's maker attests that.
    `usage` names a row of `USAGES`. `extra` are lines NAME=VALUE as `extra.canonical` has them.
    `ca` names the CA that it was taken to last, or that the record it renews was taken to.
    `issuer` is who signed its certificate, as lists show it; an empty text also where that is not read yet.
    `damage` names what the store cannot read of it ("record": all but its id); neutral values are in the place of that.
    `earlier` are the certificates that this one took the place of, the last first;
    `has_root`: the CA sent the root of its chain, too. Times are aware and in UTC.
    """

    id: str
    revision: int = 0
    state: State = State.DRAFT
    origin: Origin | None = None
    purpose: Purpose = Purpose.PUBLIC
    subject: Subject = EMPTY
    names: tuple[str, ...] = ()
    key: KeySpec = KeySpec()
    remark: str = ""
    tags: tuple[Tag, ...] = ()
    custody: Custody = Custody.RANDOM_KEYRING
    step: WizardStep = WizardStep.SUBJECT
    created_at: datetime | None = None
    updated_at: datetime | None = None
    generated_at: datetime | None = None
    trashed_at: datetime | None = None
    csr: str | None = None
    key_fingerprint: str | None = None
    has_key: bool = False
    secret_ref: str | None = None
    certificate: str | None = None
    not_after: datetime | None = None
    earlier: tuple[str, ...] = ()
    has_root: bool = False
    submission: Submission | None = None
    lineage: Lineage = UNRELATED
    key_file: str = ""
    usage: str = SERVER
    extra: tuple[str, ...] = ()
    ca: str | None = None
    order: CertificateOrder | None = None
    token: TokenUri | None = None
    attestation: str | None = None
    issuer: str = ""
    damage: tuple[str, ...] = ()

    @property
    def has_remote_draft(self) -> bool:
        """Whether there is, or may be, a draft at Tencent Cloud that stands for this record."""
        return self.submission is not None and self.submission.has_remote_draft

    @property
    def in_sandbox(self) -> bool:
        """Whether it was submitted to this machine: a sandbox is never called Tencent Cloud."""
        return self.submission is not None and self.submission.in_sandbox

    @property
    def place(self) -> str:
        """Where it was submitted, in a sentence: a sandbox is never called Tencent Cloud."""
        return "the sandbox" if self.in_sandbox else "Tencent Cloud"

    @property
    def custody_text(self) -> str:
        """How the key is kept, in a sentence; that of a token names it."""
        return self.custody.sentence if self.token is None else f"on {self.token.place}"

    @property
    def lacks_issuer(self) -> bool:
        """Whether its certificate came alone, without the one that signed it: no server can load that as a chain."""
        alone = self.certificate is not None and self.certificate.count("-----BEGIN CERTIFICATE-----") == 1
        return alone and not self.has_root

    @property
    def sans(self) -> tuple[str, ...]:
        """Every alternative name asked for: the domain first, nothing twice; none where the usage has no names."""
        usage = USAGES[self.usage]
        if not usage.names:
            return ()
        main = usage.among_names(self.subject.domain)
        return tuple(dict.fromkeys((main, *self.names) if main else self.names))

    def generated(
        self, origin: Origin, custody: Custody, secret_ref: str | None, *, csr: str, key_fingerprint: str
    ) -> Self:
        """This draft once its key and its CSR exist."""
        return replace(
            self,
            state=State.GENERATED,
            origin=origin,
            custody=custody,
            secret_ref=secret_ref,
            csr=csr,
            key_fingerprint=key_fingerprint,
        )


def new_id() -> str:
    """Ten characters (50 bits) that cannot be misread for one another (Crockford's base 32)."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))

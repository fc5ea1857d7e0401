"""An order for a certificate at one CA: the journal's states, and what has to be proven for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from csr_tui.errors import StateError


class OrderStage(StrEnum):
    """How far an order is; UNKNOWN comes from FINALISING only, for nothing else can have issued a certificate."""

    INTENT = "intent"
    ORDERING = "ordering"
    ORDERED = "ordered"
    PROVING = "proving"
    FINALISING = "finalising"
    FETCHING = "fetching"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    EXPIRED = "expired"


_FAILED = {OrderStage.REFUSED, OrderStage.EXPIRED}

ORDER_MOVES: Mapping[OrderStage, tuple[set[OrderStage], set[OrderStage]]] = {
    OrderStage.INTENT: ({OrderStage.ORDERING, OrderStage.FINALISING}, set()),
    OrderStage.ORDERING: ({OrderStage.INTENT, OrderStage.ORDERED, OrderStage.REFUSED}, set()),
    OrderStage.ORDERED: (set(), {OrderStage.PROVING, OrderStage.FINALISING, *_FAILED}),
    OrderStage.PROVING: (set(), {OrderStage.FINALISING, *_FAILED}),
    OrderStage.FINALISING: (
        {OrderStage.CONFIRMED, OrderStage.REFUSED, OrderStage.UNKNOWN},
        {OrderStage.PROVING, OrderStage.FETCHING, OrderStage.REFUSED, OrderStage.UNKNOWN},
    ),
    OrderStage.FETCHING: (set(), {OrderStage.CONFIRMED}),
    OrderStage.CONFIRMED: (set(), set()),
    OrderStage.REFUSED: ({OrderStage.INTENT}, {OrderStage.INTENT}),
    OrderStage.UNKNOWN: ({OrderStage.CONFIRMED}, {OrderStage.PROVING, OrderStage.FETCHING, OrderStage.REFUSED}),
    OrderStage.EXPIRED: (set(), {OrderStage.INTENT}),
}
"""Stage -> those that may follow it: of an order without a URL, as a command's, and of one with. The store refuses all
others too."""


@dataclass(frozen=True, slots=True)
class NameProof:
    """A name and what proves it: `place` is the name of a TXT record, or the URL of a file, and `value` its content.

    `kind` is the type of the challenge. `seen` is what our own last look came to, which `note` words; `proven` names
    need nothing any more. `lasting` is place and value of the TXT record that proves the name for every order, where
    the CA takes one. `folder` is that of the web server below which csr-tui writes the file; empty where it does not.
    """

    name: str
    kind: str
    place: str
    value: str
    challenge: str
    seen: bool = False
    note: str = ""
    proven: bool = False
    lasting: tuple[str, str] | None = None
    folder: str = ""

    @property
    def whole_note(self) -> str:
        """The note, with that record."""
        if self.lasting is None:
            return self.note
        once = "Or set this TXT record once, for all orders of this account:"
        return f"{self.note} {once} {self.lasting[0]} with the value {self.lasting[1]}.".lstrip()


@dataclass(frozen=True, slots=True)
class CertificateOrder:
    """One record's row in the journal; its methods are the moves, StateError where `ORDER_MOVES` has none.

    `directory` and `account` are URLs, None where the CA is a command. `again_at` is when the CA wants to be asked
    again. `searched_at` is when the order was last looked at since `sent_at`. Times are aware and in UTC.
    """

    record_id: str
    stage: OrderStage
    ca: str
    directory: str | None = None
    account: str | None = None
    url: str | None = None
    finalize_url: str | None = None
    certificate_url: str | None = None
    csr_sha256: str | None = None
    expires: datetime | None = None
    proofs: tuple[NameProof, ...] = ()
    message: str = ""
    sent_at: datetime | None = None
    searched_at: datetime | None = None
    again_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether something may still come of it."""
        return self.stage not in {OrderStage.INTENT, OrderStage.CONFIRMED, *_FAILED}

    @property
    def may_have_issued(self) -> bool:
        """Whether the CA may have issued a certificate that is not here."""
        return self.stage in {OrderStage.FINALISING, OrderStage.FETCHING, OrderStage.UNKNOWN}

    @property
    def is_to_prove(self) -> bool:
        """Whether the CA may still look at proofs."""
        return self.stage in {OrderStage.ORDERED, OrderStage.PROVING}

    def is_late(self, now: datetime) -> bool:
        """Whether the time to prove its names is over, by the clock here: the CA knows it for certain."""
        return self.is_to_prove and self.expires is not None and self.expires <= now

    @property
    def unproven(self) -> tuple[NameProof, ...]:
        return tuple(proof for proof in self.proofs if not proof.proven)

    @property
    def files(self) -> tuple[NameProof, ...]:
        """The proofs whose files csr-tui writes, as long as the CA may look at them."""
        return tuple(proof for proof in self.unproven if proof.folder) if self.is_to_prove else ()

    def ordering(self, at: datetime) -> Self:
        """The new order is about to leave."""
        return self._move(OrderStage.ORDERING, sent_at=at)

    def returned(self) -> Self:
        """The new order has no reply: it issues nothing by itself, so it is as if it had never been."""
        return self._move(OrderStage.INTENT)

    def ordered(self, url: str) -> Self:
        """There is an order there."""
        return self._move(OrderStage.ORDERED, url=url, message="")

    def looked(self, *, finalize_url: str, expires: datetime | None, at: datetime, again_at: datetime | None) -> Self:
        """The order was looked at, which leaves the stage as it is."""
        return replace(
            self,
            finalize_url=finalize_url,
            expires=expires or self.expires,
            searched_at=at,
            again_at=again_at,
            message="",
        )

    def to_prove(self, proofs: tuple[NameProof, ...]) -> Self:
        """These names are, or were, to be proven."""
        return replace(self, proofs=proofs)

    def proving(self) -> Self:
        """Before the CA is asked to check the proofs; also after a CSR that never arrived."""
        return self._move(OrderStage.PROVING, message="")

    def finalising(self, at: datetime, csr_sha256: str | None = None) -> Self:
        """The CSR is about to leave."""
        return self._move(
            OrderStage.FINALISING, sent_at=at, searched_at=None, again_at=None, csr_sha256=csr_sha256, message=""
        )

    def fetching(self, certificate_url: str) -> Self:
        """It is issued there."""
        return self._move(OrderStage.FETCHING, certificate_url=certificate_url, again_at=None, message="")

    def confirmed(self) -> Self:
        """The certificate is here."""
        return self._move(OrderStage.CONFIRMED, message="", proofs=())

    def refused(self, why: str) -> Self:
        """Nothing comes of it, in the CA's own words."""
        return self._move(OrderStage.REFUSED, message=why)

    def expired(self, why: str) -> Self:
        """The CA has forgotten it, and nothing was issued."""
        return self._move(OrderStage.EXPIRED, message=why)

    def unknown(self, why: str) -> Self:
        """The outcome of the CSR is not known."""
        return self._move(OrderStage.UNKNOWN, message=why)

    def _move(self, stage: OrderStage, **changes: Any) -> Self:
        if stage is not self.stage and stage not in ORDER_MOVES[self.stage][self.url is not None]:
            raise StateError(f"An order in stage {self.stage} cannot become {stage}.")
        return replace(self, stage=stage, **changes)

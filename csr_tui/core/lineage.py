"""Which record a record renews or copies, and which ones renew it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lineage:
    """The ids of related records: a record renews another or is copied from it, never both.

    `same_key`: this one is to use, or uses, the very key of the one it renews. `renewal` is the state of its furthest
    renewal outside the trash, empty without one.
    """

    renews: str | None = None
    same_key: bool = False
    copied_from: str | None = None
    renewed_by: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    renewal: str = ""

    @property
    def source(self) -> str | None:
        """The record that this one was made from."""
        return self.renews or self.copied_from

    @property
    def replaced(self) -> bool:
        """Whether a renewal has its certificate, so that nothing is left to do here."""
        return self.renewal == "issued"


UNRELATED = Lineage()

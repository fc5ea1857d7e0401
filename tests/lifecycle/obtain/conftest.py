"""Pebble as the CA, its account, and records that it can certify."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from pebble import PROGRAMS, Pebble, Pebbles, account_key

from csr_tui.acme.client import AcmeClient
from csr_tui.core.ca import CA
from csr_tui.core.custody import Custody
from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, new_id
from csr_tui.core.secret import Secret
from csr_tui.errors import Fact
from csr_tui.lifecycle import generate
from csr_tui.lifecycle.attach import Offer
from csr_tui.lifecycle.obtain import order, proofs
from csr_tui.lifecycle.obtain.proofs import Looking
from csr_tui.lifecycle.obtain.run import ObtainOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from csr_tui.lifecycle.steps import Reached
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault


Client = TypeVar("Client", bound=AcmeClient)


@pytest.fixture(scope="session")
def pebbles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pebbles]:
    running = Pebbles(tmp_path_factory.mktemp("pebbles"))
    yield running
    running.close()


@pytest.fixture
def pebble(pebbles: Pebbles, require: Callable[..., None]) -> Pebble:
    require(*PROGRAMS)
    return pebbles()


def a_moment(_: float) -> None:
    """Pebble looks at a proof within milliseconds; whoever waits for it asks again until it has."""
    time.sleep(0.01)


@dataclass
class Desk:
    """A store, a CA, and the person at the DNS."""

    store: RecordStore
    vault: Vault
    pebble: Pebble
    key: Secret = field(default_factory=account_key)
    account: str = ""

    def __post_init__(self) -> None:
        self.account = self.client().new_account(email=None, agreed=True)
        trusted = self.pebble.trust
        self.ca = CA("pebble", self.pebble.directory, trust=trusted, custody=Custody.NONE_UNPROTECTED)
        self.store.cas.add(self.ca, account_key=self.key.reveal())

    def client(self, kind: type[Client] = AcmeClient, **options: Any) -> Client:  # type: ignore[assignment]  # PEP 696
        return kind(
            self.pebble.directory,
            self.key,
            label="pebble",
            account=self.account or None,
            trust=self.pebble.trust,
            **options,
        )

    @property
    def looking(self) -> Looking:
        resolver = proofs.resolver_of({"CSR_TUI_RESOLVER": self.pebble.resolver})
        return Looking(resolver, port=self.pebble.http_port)

    def record(self, *names: str, **fields: Any) -> Record:
        """A generated record for these names, or for one that nobody has used."""
        domain, *others = names or (f"{new_id()}.example.com",)
        draft = Record(
            new_id(),
            subject=Subject(domain=domain),
            names=tuple(others),
            key=KeySpec("ECC", "prime256v1"),
            custody=Custody.NONE_UNPROTECTED,
            **fields,
        )
        return generate.generate(self.store, self.vault, self.store.add(draft), Custody.NONE_UNPROTECTED)

    def obtain(
        self,
        record: Record,
        *,
        client: AcmeClient | None = None,
        reached: Reached = lambda _: None,
        sleep: Callable[[float], None] = a_moment,
        **options: Any,
    ) -> Offer | Fact:
        """Go on with a record as it is now."""
        chosen = ObtainOptions(looking=self.looking, **options)
        now = self.store.get(record.id)
        return order.obtain(self.store, client or self.client(), now, self.ca, chosen, reached=reached, sleep=sleep)

    def prove(self, record: Record) -> None:
        """The person at the DNS does what the order shows."""
        found = self.store.get(record.id).order
        for proof in found.unproven if found is not None else ():
            self.pebble.set_txt(proof.place, proof.value)

    def whole(self, record: Record, *, place_nothing: bool = False, **options: Any) -> Offer:
        """From the order to the certificate."""
        waiting = self.obtain(record, **options)
        if not isinstance(waiting, Offer):
            if not place_nothing:
                self.prove(record)
            for _ in range(100):
                if isinstance(waiting := self.obtain(record, **options), Offer):
                    break
        assert isinstance(waiting, Offer), waiting
        return waiting


@pytest.fixture
def desk(store: RecordStore, vault: Vault, pebble: Pebble) -> Desk:
    return Desk(store, vault, pebble)

"""A challenge password: in the CSR, read by openssl, and nowhere else, wherever the program is killed."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from canaries.listening import files, heard

from csr_tui.core import csr
from csr_tui.core.custody import Custody
from csr_tui.core.findings import InvalidError
from csr_tui.core.record import Record, State
from csr_tui.core.secret import Secret
from csr_tui.lifecycle import generate
from csr_tui.lifecycle.steps import Point
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.vault import Vault

CHALLENGE = "canary-sesame-ü-4711"
SECRETS: dict[str, str | bytes] = {"challenge": CHALLENGE}
POINTS = (Point.INTENT, Point.PASSWORD_KEPT, Point.KEY_MADE, Point.CSR_PROVED)


@pytest.mark.system
def test_it_is_in_the_csr_and_in_no_other_file(
    store: RecordStore, vault: Vault, draft: Callable[..., Record], require: Callable[..., None]
) -> None:
    require("openssl")
    done = generate.generate(store, vault, draft(), Custody.NONE_UNPROTECTED, challenge=Secret(CHALLENGE))

    assert done.csr is not None
    words = ("openssl", "req", "-noout", "-text", "-nameopt", "utf8")
    shown = subprocess.run(words, input=done.csr, capture_output=True, text=True, check=True).stdout
    assert "challengePassword" in shown
    assert csr.read(done.csr).challenge_length == len(CHALLENGE)
    assert csr.differences(done, csr.read(done.csr)) == ()
    stored = {name: data.replace(done.csr.encode(), b"") for name, data in files(store.path.parent).items()}
    assert heard(SECRETS, {"csr": done.csr.encode()}) == {("challenge", "csr")}
    assert heard(SECRETS, stored) == set()


@pytest.mark.parametrize("point", POINTS)
def test_where_it_stops_before_the_csr_is_stored_a_draft_is_left_without_it(
    point: Point, store: RecordStore, vault: Vault, draft: Callable[..., Record]
) -> None:
    record = draft()
    seen: dict[str, bytes] = {}

    def stop(reached: str) -> None:
        if reached == point:
            seen.update(files(store.path.parent))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate.generate(store, vault, record, Custody.RANDOM_KEYRING, challenge=Secret(CHALLENGE), reached=stop)

    assert store.get(record.id).state is State.DRAFT
    assert seen
    assert heard(SECRETS, seen) == set()
    assert heard(SECRETS, files(store.path.parent)) == set()


@pytest.mark.parametrize("typed", ["", "x" * 256, "a\nb"], ids=["empty", "long", "control"])
def test_a_wrong_one_is_refused_before_anything_begins(
    typed: str, store: RecordStore, vault: Vault, draft: Callable[..., Record]
) -> None:
    with pytest.raises(InvalidError, match="Challenge password") as refused:
        generate.generate(store, vault, draft(), Custody.RANDOM_KEYRING, challenge=Secret(typed))

    assert not typed or typed not in str(refused.value)

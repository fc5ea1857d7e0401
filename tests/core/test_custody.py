"""Custody: every two words make one, a new key has only what can be opened again, and JSON keeps the words."""

from __future__ import annotations

from itertools import product

import pytest

from csr_tui.core.custody import OFFERED, PASSWORD_CHOICES, PROTECTIONS, Custody, Protection
from csr_tui.core.record import Record
from csr_tui.errors import UsageError
from csr_tui.lifecycle import key_encryption

WITH_PASSWORDS = tuple(custody for custody in Custody if custody is not Custody.TOKEN)


def test_every_two_words_are_one_custody_and_each_says_how_the_key_is_kept() -> None:
    pairs = [*product(PASSWORD_CHOICES, PROTECTIONS)]

    assert sorted(custody.words for custody in WITH_PASSWORDS) == sorted(pairs)
    assert [Custody.of(*pair).words for pair in pairs] == pairs
    assert all(custody.sentence for custody in Custody)


def test_what_a_new_key_can_have_is_offered_and_the_rest_is_refused_with_a_reason() -> None:
    assert {custody for custody in WITH_PASSWORDS if not custody.refusal} == set(OFFERED)


@pytest.mark.parametrize("custody", [custody for custody in Custody if custody.refusal])
def test_no_key_is_encrypted_so_that_nobody_has_its_password(custody: Custody) -> None:
    with pytest.raises(UsageError):
        key_encryption.prepare(Record("0123456789"), custody, None)


@pytest.mark.parametrize("custody", WITH_PASSWORDS)
@pytest.mark.parametrize("protection", [None, *PROTECTIONS])
def test_a_draft_of_any_two_words_becomes_what_a_new_key_can_have(
    custody: Custody, protection: Protection | None
) -> None:
    try:
        chosen = custody.choose(protection=protection)
    except UsageError:
        assert protection == "unprotected"
        assert custody.has_password
    else:
        assert chosen in OFFERED
        assert protection in (None, chosen.protection)


def test_a_key_on_a_token_stays_there_whatever_is_chosen_for_passwords() -> None:
    assert all(Custody.TOKEN.choose(protection=protection) is Custody.TOKEN for protection in PROTECTIONS)
    assert Custody.TOKEN.words in {custody.words for custody in WITH_PASSWORDS}  # the store has a check of the words
    assert Custody.of(Custody.TOKEN.password_choice, Custody.TOKEN.protection) is Custody.TOKEN
    assert Custody.TOKEN.under("keyring") is Custody.RANDOM_KEYRING

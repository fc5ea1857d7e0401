"""Generate a draft at a plain terminal: ask for its passwords, or for another protection without a keyring."""

from __future__ import annotations

from pathlib import Path

from csr_tui.cli import advice, command, keys, output
from csr_tui.cli.ask.dialogue import CURRENT, Dialogue, GoBack, under_way
from csr_tui.cli.context import Context
from csr_tui.core import questions
from csr_tui.core.challenge import IN_CLEAR, challenge_fault
from csr_tui.core.record import Purpose, Record
from csr_tui.core.secret import Secret
from csr_tui.core.text import escaped
from csr_tui.errors import PasswordError, VaultError
from csr_tui.files import read_file
from csr_tui.lifecycle import existing_key, key_encryption
from csr_tui.lifecycle.existing_key import ExistingKey
from csr_tui.lifecycle.generate import begin, check, check_free, finish
from csr_tui.storage import RecordStore
from csr_tui.vault import VaultState

CHALLENGE = "The challenge password that your CA gave you. Nothing is shown while you type."


def generate(context: Context, store: RecordStore, dialogue: Dialogue, record: Record) -> Record:
    """The record with its key and its CSR. Where the keyring fails, ask for another way to protect the key."""
    keys.recover(store, context)
    check(record)
    if record.token is not None:
        output.say(command.run("generate", [record.id], context).text.rstrip("\n"))
        return store.get(record.id)
    record, existing = _existing_key(context, store, dialogue, record)
    own = existing is not None and existing.strength_accepted and existing.password is not None
    challenge = _challenge(dialogue) if record.purpose is Purpose.PRIVATE else None
    custody, typed, insists = record.custody.choose(), None, False
    while True:
        try:
            key_encryption.need_keyring(context.vault, custody)
            if custody.is_typed and typed is None and not own:
                avoid = (record.subject.domain, record.subject.organization)
                typed, insists = dialogue.new_password("New key password", avoid=avoid)
            begun = begin(
                store, record, custody, password=typed, weak_ok=insists, existing=existing, challenge=challenge
            )
            with under_way("Generating the key and the CSR"):
                done = finish(store, context.vault, begun)
        except VaultError as error:
            output.say(f"error: {advice.sentence(error)}")
            missing = context.vault.status().state is VaultState.MISSING
            custody = dialogue.choose(
                questions.CUSTODY.label,
                questions.custodies(no_keyring=missing),
                questions.usual_custody(custody, no_keyring=missing),
                about=questions.CUSTODY.help,
            )
            continue
        if challenge is not None:
            output.say(f"warning: {IN_CLEAR}")
        output.say(keys.generated_text(done).rstrip("\n"))
        return done


def _challenge(dialogue: Dialogue) -> Secret | None:
    """The challenge password, where the CA requires one."""
    if not dialogue.agrees("Does your CA require a challenge password?", usual=False, about=CHALLENGE):
        return None
    while True:
        typed = dialogue.secret("Challenge password", about=CHALLENGE) or Secret("")
        if (fault := challenge_fault(typed)) is None:
            return typed
        output.say(f"error: {fault.labelled}")


def _existing_key(
    context: Context, store: RecordStore, dialogue: Dialogue, record: Record
) -> tuple[Record, ExistingKey | None]:
    """The opened key that the draft is to use, if it is to have no new one; and the draft, which asks for its kind."""
    check_free(record)
    old = existing_key.source(store, record)
    if old is None and not record.key_file:
        return record, None
    path = record.key_file
    current: Secret | None = None
    while True:
        try:
            if old is not None:
                return record, existing_key.of_record(store, context.vault, old, current)
            existing = existing_key.from_file(store, read_file(Path(path)), current, path=path)
        except PasswordError as error:
            if current is not None:
                output.say(f"error: {advice.sentence(error)}")
            whose = f"the key of record {old.id}" if old is not None else escaped(path)
            current = dialogue.secret(f"Password of {whose}", about=CURRENT)
            if current is None:
                raise GoBack from None
        else:
            record = existing_key.with_key_type(record, existing, path)
            check(record)
            return record, existing

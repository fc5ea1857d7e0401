"""Making the CSR of a draft on this machine, with a new key or one that is there already."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from csr_tui.core import findings, rules
from csr_tui.core.challenge import challenge_fault
from csr_tui.core.custody import Custody
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import kinds
from csr_tui.core.record import Origin, Record, State
from csr_tui.core.secret import Secret
from csr_tui.core.submission import Submission
from csr_tui.errors import CsrTuiError, Hint, StateError, StorageError
from csr_tui.lifecycle import existing_key, key_encryption, recovery
from csr_tui.lifecycle.existing_key import ExistingKey
from csr_tui.lifecycle.key_encryption import KeyEncryption
from csr_tui.lifecycle.steps import Point, Reached
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from csr_tui.core.keys.kinds import PrivateKey
    from csr_tui.lifecycle.tokens import NewKey
    from csr_tui.storage import Intent, RecordStore


class KeyAndCsr(NamedTuple):
    """What was made for a draft: its CSR, the fingerprint of its key, and the key at rest, unless a token has it."""

    csr: str
    key_fingerprint: str
    key_pem: str | None

    def record_of(self, draft: Record, encryption: KeyEncryption) -> Record:
        """The draft as it will be with these."""
        origin = Origin.TOKEN if encryption.custody is Custody.TOKEN else Origin.LOCAL
        return draft.generated(
            origin, encryption.custody, encryption.ref, csr=self.csr, key_fingerprint=self.key_fingerprint
        )


Steps: TypeAlias = Generator[Point, None, KeyAndCsr]
"""The making of a key and a CSR, one step at a time; each yields the point that it reached."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation under way: its intent is committed, its key is not made yet, or `existing`; with `new_key` on a
    token."""

    record: Record
    encryption: KeyEncryption
    intent: Intent
    existing: ExistingKey | None
    challenge: Secret | None = None
    new_key: NewKey | None = None


def generate(
    store: RecordStore,
    vault: Vault,
    record: Record,
    custody: Custody,
    *,
    password: Secret | None = None,
    weak_ok: bool = False,
    existing: ExistingKey | None = None,
    new_key: NewKey | None = None,
    challenge: Secret | None = None,
    reached: Reached = lambda _: None,
) -> Record:
    """Finalise a draft here; on any failure it is a draft still, and nothing is left in the keyring."""
    check(record)
    custody = custody if new_key is None else Custody.TOKEN
    key_encryption.need_keyring(vault, custody)
    begun = begin(
        store,
        record,
        custody,
        password=password,
        weak_ok=weak_ok,
        existing=existing,
        new_key=new_key,
        challenge=challenge,
    )
    return finish(store, vault, begun, reached=reached)


def begin(
    store: RecordStore,
    record: Record,
    custody: Custody,
    *,
    password: Secret | None = None,
    weak_ok: bool = False,
    existing: ExistingKey | None = None,
    new_key: NewKey | None = None,
    challenge: Secret | None = None,
) -> Generation:
    """Check everything that can be checked, then commit the intent: quick, and safe on the event loop.

    A key that is there already is encrypted anew for this record. Where that is a password of the person's, and
    none is given, it is the one that the key was opened with. `new_key` is made on a token, where it stays.
    `challenge` is kept nowhere but in the CSR.
    """
    if challenge is not None and (wrong := challenge_fault(challenge)) is not None:
        raise InvalidError(wrong.labelled, (wrong,))
    if new_key is not None:
        check(record)
        custody = Custody.TOKEN
    elif existing is None:
        check_new_key(record)
    else:
        check(record)
        existing_key.check(record, existing)
    if existing is not None and custody.is_typed and password is None:
        password, weak_ok = existing.password, weak_ok or existing.strength_accepted
    encryption = key_encryption.prepare(record, custody, password, weak_ok=weak_ok)
    return Generation(record, encryption, store.begin(record, "generate", encryption.ref), existing, challenge, new_key)


def finish(store: RecordStore, vault: Vault, generation: Generation, *, reached: Reached = lambda _: None) -> Record:
    """Make key and CSR, prove them, and keep them in one commit; takes seconds for RSA 4096.

    The order is what makes it safe: the password is in the keyring, and read back, before there is a key.
    The commit fails (IntentGone) if the intent was taken away meanwhile, which is how `cancel` works.
    """
    record, encryption, intent = generation.record, generation.encryption, generation.intent
    try:
        reached(Point.INTENT)
        encryption.store_password(vault)
        reached(Point.PASSWORD_KEPT)
        existing = generation.existing
        if generation.new_key is not None:
            existing = generation.new_key.make(store, record, reached)
            record = existing_key.with_key_type(record, existing)
        key = existing.key if existing is not None else None
        (made,) = make([in_steps(record, encryption, key=key, challenge=generation.challenge)], reached)
        generated = made.record_of(record, encryption)
        done = store.complete_generate(intent, generated, key_pem=made.key_pem)
    except BaseException as error:
        if isinstance(error, CsrTuiError) and generation.new_key is not None:
            _name_left_keys(error, store, record)
        with suppress(StorageError):  # as on a disk that stays full: the next start undoes it
            recovery.undo(store, vault, intent)
        raise
    reached(Point.COMMITTED)
    return done


def in_steps(
    record: Record, encryption: KeyEncryption, *, key: PrivateKey | None = None, challenge: Secret | None = None
) -> Steps:
    """Key and CSR of a draft, proved, with a new key unless one is given. Keeps nothing."""
    from csr_tui.core import csr

    key = kinds.generate(record.key) if key is None else key
    yield Point.KEY_MADE
    der = csr.sign(record, key, challenge)
    yield Point.CSR_SIGNED
    request = csr.prove(record, key, der, challenge)
    yield Point.CSR_PROVED
    pem = None if encryption.custody is Custody.TOKEN else encryption.encrypt(key)
    return KeyAndCsr(request.pem, request.fingerprint, pem)


def make(several: Sequence[Steps], reached: Reached = lambda _: None) -> list[KeyAndCsr]:
    """Each step for all of these before the next one: what a step needs is in the processor's caches then.

    Of 25 P-256 requests, each takes a seventh less time so.
    """
    made: list[KeyAndCsr] = []
    while len(made) < len(several):
        for steps in several:
            try:
                reached(next(steps))
            except StopIteration as end:
                made.append(end.value)
    return made


def check(record: Record) -> None:
    """Refuse what cannot be generated: StateError unless it is a free draft, InvalidError while an error remains."""
    check_free(record)
    if errors := findings.errors(rules.check(record)):
        raise InvalidError(findings.summary(errors), errors)


def check_new_key(record: Record) -> None:
    """Refuse what `check` refuses, and a draft that is to use a key which is there already."""
    check(record)
    if record.lineage.same_key or record.key_file:
        raise StateError("This draft uses an existing key, which must be decrypted first.")
    if record.token is not None:
        raise StateError(f"The key of this draft is on {record.token.place}: generate it alone, with the PIN.")


def check_free(record: Record) -> None:
    """StateError unless this is a draft that stands for nothing at Tencent Cloud."""
    if record.state is not State.DRAFT:
        raise StateError("This request is already generated. Copy it to create a new one.")
    if record.has_remote_draft and record.submission is not None:
        raise _with_remote_draft(record.submission)


def _name_left_keys(error: CsrTuiError, store: RecordStore, record: Record) -> None:
    """Let an error name the keys that are left on tokens, with what to do about them."""
    if left := recovery.left_on_tokens(store, record.id):
        error.reworded(" ".join((str(error), *left)))
        error.hint, error.record = error.hint or Hint.TOKEN_KEY, error.record or record.id


def cancel(store: RecordStore, generation: Generation) -> bool:
    """Stop a generation that `finish` runs in another thread, which then keeps nothing; False when it was complete."""
    return store.abandon(generation.intent)


def _with_remote_draft(submission: Submission) -> StateError:
    """Why a draft that stands for one at Tencent Cloud cannot be generated here."""
    if submission.outcome_unknown:
        return StateError(
            f"This draft was sent to {submission.place}, and the outcome is unknown.", hint=Hint.RECONCILE
        )
    return StateError(
        f"This draft belongs to CSR {submission.csr_id} at {submission.place}.",
        hint=Hint.SUBMIT_OR_DETACH,
        record=submission.record_id,
    )

"""Bringing home what Tencent Cloud generated: the CSR read back, the key encrypted by us, one commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core.findings import InvalidError
from csr_tui.core.record import Origin, Record
from csr_tui.core.secret import Secret
from csr_tui.core.submission import Submission
from csr_tui.errors import PasswordError, UnknownOutcomeError

if TYPE_CHECKING:
    from csr_tui.core.csr import Request
    from csr_tui.core.keys.kinds import PrivateKey
    from csr_tui.lifecycle.key_encryption import KeyEncryption
    from csr_tui.storage import Intent, RecordStore
    from csr_tui.tencent.inventory import RemoteRequest


def store_result(
    store: RecordStore,
    intent: Intent,
    record: Record,
    sent: Submission,
    remote: RemoteRequest,
    encryption: KeyEncryption,
) -> Record:
    """The record as generated, with its key where the service gave it and it belongs to the CSR; else keyless.

    UnknownOutcomeError where the CSR cannot be read: the journal stays as it is, and it can be fetched again.
    """
    from csr_tui.core import csr
    from csr_tui.core.keys import identity

    try:
        request = csr.read(remote.csr or "")
    except InvalidError as error:
        raise UnknownOutcomeError(
            f"Tencent Cloud generated CSR {sent.csr_id}, but its reply cannot be read: {error}",
            request_id=remote.request_id,
        ) from error
    key = _key(remote, encryption.password, request)
    kept_ref = encryption.ref if key is not None or encryption.custody.has_password else None
    generated = record.generated(
        Origin.TENCENT,
        encryption.custody,
        kept_ref,
        csr=request.pem,
        key_fingerprint=identity.fingerprint(request.public_key),
    )
    confirmed = sent.confirmed(remote.status, remote.request_id)
    return store.complete_submit(
        intent, generated, confirmed, key_pem=encryption.encrypt(key) if key is not None else None
    )


def _key(remote: RemoteRequest, password: Secret | None, request: Request) -> PrivateKey | None:
    """The private key, whether it comes clear or encrypted; None where there is none, or not one that can be used.

    It stays at Tencent Cloud and can be fetched again, so one that does not open is not a key lost.
    """
    from csr_tui.core.keys import encryption, identity

    if remote.private_key is None:
        return None
    pem = remote.private_key.reveal().replace("\r\n", "\n")
    for tried in (password, remote.key_password, None):
        try:
            key = encryption.decrypt(pem, tried)
        except (PasswordError, InvalidError):
            continue
        return key if identity.fingerprint(key) == request.fingerprint else None
    return None

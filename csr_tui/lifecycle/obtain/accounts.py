"""Accounts at ACME directories: registered once, their keys kept as those of records are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from csr_tui.core import certificate
from csr_tui.core.ca import CA
from csr_tui.core.custody import Custody
from csr_tui.core.findings import InvalidError
from csr_tui.core.host_names import InvalidName, is_loopback
from csr_tui.core.name_kinds import NameKind
from csr_tui.core.names import parse
from csr_tui.core.record import KeySpec, new_id
from csr_tui.core.secret import Environ, Secret
from csr_tui.core.text import escaped
from csr_tui.errors import Hint, PasswordError, RefusedError, StateError, UsageError, VaultError
from csr_tui.lifecycle import key_encryption, network, recovery
from csr_tui.lifecycle.obtain.cas import check_name
from csr_tui.lifecycle.steps import Point, Reached

if TYPE_CHECKING:
    from csr_tui.acme.client import AcmeClient, ExternalAccount
    from csr_tui.core.keys.kinds import PrivateKey
    from csr_tui.storage import RecordStore
    from csr_tui.vault import Vault

LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"
STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"
DIRECTORIES = {"letsencrypt-staging": STAGING, "letsencrypt": LETS_ENCRYPT}
"""Names that stand for a directory."""

KEY = KeySpec("ECC", "prime256v1")
"""What every ACME server takes."""


@dataclass(frozen=True, slots=True)
class Registration:
    """An account that is about to be registered; `terms` are those of the CA, to be agreed to before.

    `key` is None where the account's key is kept already, because the reply of an earlier attempt was lost.
    """

    ca: CA
    client: AcmeClient
    key: PrivateKey | None

    @property
    def terms(self) -> str | None:
        return self.client.directory.terms

    @property
    def eab_required(self) -> bool:
        """Whether the CA knows its customers, and gave each a key id and a key."""
        return self.client.directory.eab_required


def directory_of(text: str) -> str:
    """A directory as it is typed, by its name or its URL; UsageError where it is none, or not safe."""
    url = DIRECTORIES.get(text, text)
    shown = escaped(url[:80])
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{shown} is not the URL of an ACME directory: {error}.") from error
    if parts.scheme not in {"http", "https"} or not host or not url.isascii() or any(map(str.isspace, url)):
        raise UsageError(
            f"{shown or 'An empty text'} is not the URL of an ACME directory. Enter letsencrypt-staging, letsencrypt, "
            "or a URL such as https://ca.example.com/acme/directory."
        )
    if "@" in parts.netloc or parts.fragment:
        raise UsageError("The URL of an ACME directory has no user name, password or fragment.")
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(f"{shown} would not be encrypted: use https. Only this machine itself may use http.")
    return url


def offers_staging(store: RecordStore, directory: str) -> bool:
    """Whether it is Let's Encrypt itself, and its staging environment was not used here yet."""
    return directory == LETS_ENCRYPT and all(one.directory != STAGING for one in store.cas.all())


def begin(
    store: RecordStore,
    vault: Vault,
    new: CA,
    environ: Environ,
    *,
    trust: bytes | None = None,
    password: Secret | None = None,
) -> Registration:
    """Read a new CA's directory, without registering anything; `trust` are the certificates that it is trusted by.

    StateError where the name is taken, unless the same CA lacks its account: that goes on. RefusedError where the
    directory cannot be read.
    """
    from csr_tui.core.keys import encryption, kinds

    check_name(new.name)
    if new.email:
        _check_email(new.email)
    if trust is not None:
        new = replace(new, trust=certificate.dump(certificate.look(trust).certificates))
    there = next((one for one in store.cas.all() if one.name == new.name), None)
    if there is not None and (there.account_url is not None or there.directory != new.directory):
        raise StateError(f"A CA named {new.name} already exists.", hint=Hint.REMOVE_CA)
    if there is None:
        key = kinds.generate(KEY)
        found = Registration(new, _client(new, Secret(encryption.to_plain_pem(key)), environ), key)
    else:
        new = replace(there, email=new.email or there.email)
        found = Registration(new, _client(new, open_key(store, vault, there, lambda: password), environ), None)
    _ = found.terms  # asked for once, here
    return found


def register(
    store: RecordStore,
    vault: Vault,
    new: Registration,
    custody: Custody,
    *,
    password: Secret | None = None,
    weak_ok: bool = False,
    external: ExternalAccount | None = None,
    reached: Reached = lambda _: None,
) -> CA:
    """Register the account, once its terms were agreed to; its key is kept, and read back, before.

    RefusedError: nothing of it remains. UnknownOutcomeError: the same again goes on, for the CA finds the account by
    its key.
    """
    if new.eab_required and external is None and new.key is not None:
        raise UsageError(f"{new.ca.name} requires an external account binding (EAB).", hint=Hint.EAB)
    ca = new.ca if new.key is None else _keep(store, vault, new, new.key, custody, password, weak_ok, reached)
    try:
        account = new.client.new_account(email=new.ca.email or None, agreed=True, external=external)
    except (RefusedError, InvalidError):
        if new.key is not None:
            store.cas.remove(ca.name)
            recovery.sweep(store, vault)
        raise
    reached(Point.ACCOUNT_ANSWERED)
    done = store.cas.registered(ca, account)
    reached(Point.COMMITTED)
    return done


def client(
    store: RecordStore, vault: Vault, ca: CA, environ: Environ, *, ask: Callable[[], Secret | None] = lambda: None
) -> AcmeClient:
    """The account of a directory; `ask` is for a key whose password you hold. May block while the keyring is asked.

    StateError where the CA has not registered the account yet.
    """
    if ca.directory is None or ca.account_url is None:
        raise StateError(f"The CA {ca.name} has no account yet.", hint=Hint.REGISTER)
    return _client(ca, open_key(store, vault, ca, ask), environ)


def reader(ca: CA, environ: Environ) -> AcmeClient:
    """A client for what is read without an account; its key is made for it, and lost with it."""
    from csr_tui.core.keys import encryption, kinds

    return _client(replace(ca, account_url=None), Secret(encryption.to_plain_pem(kinds.generate(KEY))), environ)


def open_key(store: RecordStore, vault: Vault, ca: CA, ask: Callable[[], Secret | None]) -> Secret:
    """The account's key, clear; PasswordError where nobody gives its password."""
    from csr_tui.core.keys import encryption

    password = None
    if ca.secret_ref is not None:
        password = vault.get(ca.secret_ref)
    elif ca.custody is not None and ca.custody.held_by_person:
        password = ask()
        if password is None:
            raise PasswordError(f"You hold the password of the account's key at {ca.name}.", hint=Hint.AT_TERMINAL)
    pem = store.cas.account_key(ca.name) or ""
    return Secret(encryption.to_plain_pem(encryption.decrypt(pem, password, trusted=True)))


def remove(store: RecordStore, vault: Vault, ca: CA) -> tuple[str, ...]:
    """Remove a CA, and the password of its account's key; what could not be removed yet, as sentences."""
    store.cas.remove(ca.name)
    return recovery.sweep(store, vault)


def _keep(
    store: RecordStore,
    vault: Vault,
    new: Registration,
    key: PrivateKey,
    custody: Custody,
    password: Secret | None,
    weak_ok: bool,
    reached: Reached,
) -> CA:
    """New reference, read back, and one commit of the CA with the account's key, before anything is sent."""
    if custody.is_typed and password is None:
        raise PasswordError("The key of this account needs a password of your own.", hint=Hint.CURRENT_PASSWORD)
    with _other_ways():
        key_encryption.need_keyring(vault, custody)
    ref = key_encryption.ref_of(f"ca-{new.ca.name}")
    encryption = key_encryption.prepare_as(ref, custody, password, context=(new.ca.email,), weak_ok=weak_ok)
    name = new_id()
    intents = store.batch.reserve_secrets(name, [ref] if encryption.ref else [], kind="ca")
    try:
        reached(Point.INTENT)
        with _other_ways():
            encryption.store_password(vault)
        reached(Point.PASSWORD_KEPT)
        ca = replace(new.ca, custody=custody, secret_ref=encryption.ref)
        kept = store.cas.add(ca, account_key=encryption.encrypt(key), intents=intents)
    except BaseException:
        store.batch.abandon(intents)
        recovery.sweep(store, vault)
        raise
    finally:
        store.batch.release(name)
    reached(Point.KEPT)
    return kept


@contextmanager
def _other_ways() -> Iterator[None]:
    """Where the keyring fails, the way out is to keep the key otherwise."""
    try:
        yield
    except VaultError as error:
        error.hint = Hint.PROTECT_ACCOUNT
        raise


def _client(ca: CA, key: Secret, environ: Environ) -> AcmeClient:
    from csr_tui.acme.client import AcmeClient
    from csr_tui.wire import Route

    return AcmeClient(
        ca.directory or "",
        key,
        label=ca.name,
        account=ca.account_url,
        trust=ca.trust,
        route=Route(network.proxy(environ), network.ca_file(environ)),
    )


def _check_email(text: str) -> None:
    try:
        if parse(text).kind is NameKind.EMAIL:
            return
    except InvalidName:
        pass
    raise UsageError(f"{escaped(text)[:80]} is not an email address.")

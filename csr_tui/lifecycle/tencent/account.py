"""The Tencent Cloud account: which endpoint, which API key, and where both are kept."""

from __future__ import annotations

import json

from csr_tui.core.secret import Environ, Secret, variable
from csr_tui.errors import Fact, Hint, StateError, UsageError, VaultError
from csr_tui.lifecycle import network
from csr_tui.tencent.client import Client
from csr_tui.tencent.endpoint import Credentials, Endpoint, endpoint_of
from csr_tui.vault import Vault

REF = "tencent-cloud"
"""What the vault calls the API key."""

DEFAULT = "international"
LONGEST = 256

MISSING = Fact("No Tencent Cloud API key is stored here.", Hint.LOGIN_FIRST)


def client(vault: Vault, environ: Environ) -> Client:
    """The account to talk to: the environment's key, else the vault's; StateError where there is neither.

    CSR_TUI_ENDPOINT goes before the site that was chosen at login. FileError where CSR_TUI_CA_FILE cannot be read. May
    block while the keyring is asked.
    """
    ca_file = network.ca_file(environ)
    credentials, site = _credentials(vault, environ)
    wanted = variable(environ, "CSR_TUI_ENDPOINT") or site
    return Client(endpoint_of(wanted), credentials, proxy=network.proxy(environ), ca_file=ca_file)


def from_environment(environ: Environ) -> Credentials | None:
    """The API key in the environment, if there is a whole one."""
    secret_id, secret_key, token = (
        variable(environ, f"TENCENTCLOUD_{name}") for name in ("SECRET_ID", "SECRET_KEY", "TOKEN")
    )
    if bool(secret_id) != bool(secret_key):
        there, lacking = ("SECRET_ID", "SECRET_KEY") if secret_id else ("SECRET_KEY", "SECRET_ID")
        raise UsageError(f"TENCENTCLOUD_{there} is set, and TENCENTCLOUD_{lacking} is not. Set both, or neither.")
    if not secret_id:
        return None
    return credentials_of(secret_id, Secret(secret_key), Secret(token) if token else None)


def credentials_of(secret_id: str, secret_key: Secret, token: Secret | None = None) -> Credentials:
    """An API key as it is typed or pasted: blanks around it go; UsageError where it can be none."""
    known, key = secret_id.strip(), Secret(secret_key.reveal().strip())
    for name, text in (("SecretId", known), ("SecretKey", key.reveal())):
        if not text:
            raise UsageError(f"The {name} is missing. Both are in the console under Access Management, API Keys.")
        if not text.isascii() or not text.isprintable() or " " in text or len(text) > LONGEST:
            raise UsageError(
                f"This is not a {name}, which has letters and digits only. Copy it again from the console."
            )
    return Credentials(known, key, token)


def login(vault: Vault, credentials: Credentials, endpoint: Endpoint) -> None:
    """Keep the API key and its site in the vault, read back; VaultError where there is none to rely on."""
    kept = {"secret_id": credentials.secret_id, "secret_key": credentials.secret_key.reveal(), "endpoint": endpoint.url}
    try:
        vault.put(REF, Secret(json.dumps(kept)))
    except VaultError as error:
        error.hint = Hint.KEYRING_OR_ENVIRONMENT
        raise


def need_keyring(vault: Vault) -> None:
    """VaultError, before anything is asked, where there is no keyring to keep an API key in. May block a second."""
    try:
        vault.require()
    except VaultError as error:
        error.hint = Hint.KEYRING_OR_ENVIRONMENT
        raise


def logout(vault: Vault) -> bool:
    """Take the API key out of the vault; False where there was none."""
    there = vault.find(REF) is not None
    vault.delete(REF)
    return there


def known(vault: Vault, environ: Environ) -> str:
    """Where the API key comes from, in words, without showing it: for doctor and the settings."""
    if from_environment(environ) is not None:
        return "from the environment"
    return "in the keyring" if vault.find(REF) is not None else ""


def _credentials(vault: Vault, environ: Environ) -> tuple[Credentials, str]:
    if (found := from_environment(environ)) is not None:
        return found, DEFAULT
    try:
        kept = vault.find(REF)
    except VaultError as error:
        raise VaultError(
            f"The Tencent Cloud API key cannot be read from the keyring: {error}", hint=Hint.KEYRING_OR_ENVIRONMENT
        ) from error
    if kept is None:
        raise StateError.of(MISSING)
    try:
        read = json.loads(kept.reveal())
        return credentials_of(read["secret_id"], Secret(read["secret_key"])), str(read["endpoint"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise StateError("The Tencent Cloud API key in the keyring cannot be read.", hint=Hint.LOGIN) from None

"""A configured CA: an ACME directory with the account there, or a command."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from csr_tui.core.custody import Custody

PUBLIC = (
    "letsencrypt.org",
    "api.buypass.com",
    "acme.zerossl.com",
    "pki.goog",
    "acme.ssl.com",
    "acme.sectigo.com",
    "acme.digicert.com",
    "acme.globalsign.com",
    "acme-api.actalis.com",
    "acme.harica.gr",
)
"""Hosts, or their ends, of directories whose certificates browsers trust and logs publish."""

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")

ACCOUNT_CUSTODIES = {
    one.protection: one for one in (Custody.RANDOM_KEYRING, Custody.TYPED_PROMPT, Custody.NONE_UNPROTECTED)
}
"""Protection -> how the key of an account is kept under it."""


@dataclass(frozen=True, slots=True)
class CA:
    """Either `directory`, a URL, or `command`, one line, is set; the account's key is not among these.

    `trust` holds the certificates that a private directory is trusted by, as PEM; `account_url` is None until the CA
    has registered the account. `custody` is how the account's key is kept, `secret_ref` its password in the vault.
    """

    name: str
    directory: str | None = None
    command: str | None = None
    trust: str | None = None
    email: str = ""
    account_url: str | None = None
    custody: Custody | None = None
    secret_ref: str | None = None
    created_at: datetime | None = None

    @property
    def is_public(self) -> bool:
        """Whether its certificates are published, with every name in them."""
        host = urlsplit(self.directory or "").hostname or ""
        return any(host == one or host.endswith(f".{one}") for one in PUBLIC)

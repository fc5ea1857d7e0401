"""A CA as a row, without the key of its account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from csr_tui.core.ca import ACCOUNT_CUSTODIES, CA
from csr_tui.storage.columns import moment

CA_ROW = (
    "name",
    "directory",
    "command",
    "trust",
    "email",
    "account_url",
    "account_key",
    "protection",
    "secret_ref",
    "created_at",
)
CA_COLUMNS = ", ".join(one for one in CA_ROW if one != "account_key")
"""What `ca_of` reads, in its order; the account's key is not among them."""


def ca_of(row: Sequence[Any]) -> CA:
    """The CA in a row of `CA_COLUMNS`."""
    name, directory, command, trust, email, account_url, protection, secret_ref, created_at = row
    return CA(
        name,
        directory=directory,
        command=command,
        trust=trust,
        email=email,
        account_url=account_url,
        custody=None if protection is None else ACCOUNT_CUSTODIES[protection],
        secret_ref=secret_ref,
        created_at=moment(created_at),
    )

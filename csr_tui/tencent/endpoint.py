"""Where the API is: the international site, the mainland's, or an address of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from csr_tui.core.host_names import is_loopback
from csr_tui.core.secret import Secret
from csr_tui.core.submission import account_of
from csr_tui.core.text import escaped
from csr_tui.errors import UsageError

SITES = {"international": "https://ssl.intl.tencentcloudapi.com", "mainland": "https://ssl.tencentcloudapi.com"}
"""Two sites with accounts of their own; the key of one is unknown at the other."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Scheme, host and port; http only on loopback."""

    scheme: str
    host: str

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}"

    @property
    def label(self) -> str:
        """The site's name, or the address; one on this machine is a sandbox."""
        named = next((name for name, url in SITES.items() if url == self.url), self.url)
        return f"SANDBOX {named}" if self.in_sandbox else named

    @property
    def in_sandbox(self) -> bool:
        """Whether it is on this machine, and so no real account's."""
        return is_loopback(urlsplit(self.url).hostname or "")

    @property
    def place(self) -> str:
        """What a sentence calls it: a sandbox is never called Tencent Cloud."""
        return "the sandbox" if self.in_sandbox else "Tencent Cloud"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An API key of a Tencent Cloud account."""

    secret_id: str
    secret_key: Secret
    token: Secret | None = None

    @property
    def account(self) -> str:
        """What the journal calls this account."""
        return account_of(self.secret_id)


def endpoint_of(text: str) -> Endpoint:
    """An endpoint as it is typed: a site's name or a URL; UsageError where it is none, or not safe."""
    wanted = text.strip()
    shown = escaped(wanted[:80])
    try:
        parts = urlsplit(SITES.get(wanted.lower(), wanted))
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{shown} is not the address of an API: {error}.") from error
    if parts.scheme not in {"http", "https"} or not host or not wanted.isascii() or any(map(str.isspace, wanted)):
        raise UsageError(
            f"{shown or 'An empty text'} is not the address of an API. Enter international, mainland, or a URL such as "
            "https://ssl.tencentcloudapi.com."
        )
    if parts.username is not None or parts.query or parts.fragment or parts.path not in {"", "/"}:
        raise UsageError(f"The address of the API has only a scheme and a host: {shown}.")
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(f"{shown} would send passwords unencrypted: use https. Only this machine itself may use http.")
    bracketed = f"[{host}]" if ":" in host else host
    return Endpoint(parts.scheme, f"{bracketed}:{port}" if port is not None else bracketed)

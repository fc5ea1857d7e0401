"""The programs that serve, and the CAs whose certificates they get here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from authority import Authority

from csr_tui.core.secret import Secret
from csr_tui.export.targets import TARGETS

if TYPE_CHECKING:
    pass


NEW = Secret("another fine long password 1")
ROOT = Authority("Example Root", now=datetime.now(UTC))
CA = Authority("Example Issuing CA", ROOT, now=datetime.now(UTC))
SERVERS = [target for target in TARGETS.values() if target.needs_certificate]
KEYS_CLEAR = [target for target in SERVERS if not target.key.is_pkcs12]

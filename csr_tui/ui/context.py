"""What the screens find around them: the records, the keyring, and where exports go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from csr_tui.core.secret import Environ

if TYPE_CHECKING:
    from csr_tui.storage import RecordStore
    from csr_tui.token import Tokens
    from csr_tui.ui.ca_run import CARun
    from csr_tui.vault import Vault


def no_tokens() -> Tokens:
    """Without any module."""
    from csr_tui.token import Tokens

    return Tokens(())


@dataclass(frozen=True, slots=True)
class DeskContext:
    """`environ` is where the API key, the endpoint and the proxy are looked for first; `profiles` may be a file.

    `runs` are the records that are on their way to a CA now, by their ids.
    `tokens` are those of this machine, for which it may ask other programs: it blocks, and raises CsrTuiError.
    """

    store: RecordStore
    vault: Vault
    exports: Path
    environ: Environ
    profiles: Path | None = None
    runs: dict[str, CARun] = field(default_factory=dict)
    tokens: Callable[[], Tokens] = no_tokens

"""The environment in which the program finds a sandbox in place of Tencent Cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csr_tui.tencent.sandbox import Sandbox


def environ_of(told: dict[str, str]) -> dict[str, str]:
    return {
        "CSR_TUI_ENDPOINT": told["endpoint"],
        "TENCENTCLOUD_SECRET_ID": told["secret_id"],
        "TENCENTCLOUD_SECRET_KEY": told["secret_key"],
    }


def here(sandbox: Sandbox) -> dict[str, str]:
    return environ_of({"endpoint": sandbox.endpoint, "secret_id": sandbox.secret_id, "secret_key": sandbox.secret_key})

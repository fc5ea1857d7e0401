"""A smoke test against the real service, for whoever has an account there: `make live`. No test runs it.

It makes one draft (nothing is generated), reads it back, finds it in the list, changes it, and deletes it. The API key
comes from TENCENTCLOUD_SECRET_ID and _SECRET_KEY, or from `csr-tui login`; CSR_TUI_ENDPOINT chooses another endpoint.
"""

from __future__ import annotations

import os
import secrets
import sys
from dataclasses import replace

from csr_tui.core.fields import Subject
from csr_tui.core.record import KeySpec, Record, Tag
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle.tencent import account
from csr_tui.vault import Vault

SUBJECT = Subject(
    "csr-tui-smoke-test.example.com", "Example Ltd", "IT", "pki@example.com", "Guangdong", "Shenzhen", "CN"
)


def main() -> int:
    client = account.client(Vault(), os.environ)
    marker = f"[csr-tui smoke test {secrets.token_hex(6)}]"
    draft = Record("live000000", subject=SUBJECT, key=KeySpec("ECC", "prime256v1"), tags=(Tag("csr-tui", "smoke"),))
    print(f"Endpoint: {client.endpoint.url}")

    made = client.create(draft, remark=marker)
    print(f"CreateCSR       CSR {made.csr_id}, request id {made.request_id}")
    good = True
    try:
        there = client.describe(made.csr_id)
        good &= _said("DescribeCSR", there.subject == SUBJECT and there.key == draft.key and there.csr is None)
        good &= _said("  the remark", there.remark == marker)
        good &= _said("DescribeCSRSet", any(item.csr_id == made.csr_id for item in client.inventory().items))
        client.modify(made.csr_id, replace(draft, subject=replace(SUBJECT, city="Guangzhou")), remark=marker)
        good &= _said("ModifyCSR", client.describe(made.csr_id).subject.city == "Guangzhou")
    finally:
        gone = client.delete((made.csr_id,)) == (made.csr_id,)
        good &= _said("BatchDeleteCSR", gone)
        if not gone:
            print(f"CSR {made.csr_id} may still be there: delete it in the console.")
    return 0 if good else 1


def _said(what: str, good: bool) -> bool:
    print(f"{what:<16}{'as expected' if good else 'NOT AS EXPECTED'}")
    return good


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CsrTuiError as error:
        sys.exit(str(error))

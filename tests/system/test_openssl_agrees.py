"""inspect notes of a key or a certificate that OpenSSL does not load it, exactly where it does not."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from cli.test_one_reader import FORMS, certificate, clear

from csr_tui.core import inspect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.system

BARE = {form for form in FORMS if form.startswith(("bare", "DER"))}
"""Without lines there is nothing that OpenSSL looks for, or it is told that it is DER."""


@pytest.mark.parametrize("form", [form for form in FORMS if form not in BARE])
@pytest.mark.parametrize("what", ["key", "certificate"])
def test_the_note_is_there_where_openssl_loads_nothing(
    form: str, what: str, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("openssl")
    path = tmp_path / "given.pem"
    data = FORMS[form](clear() if what == "key" else certificate())
    path.write_bytes(data)
    command = ["openssl", "pkey" if what == "key" else "x509", "-in", path, "-inform", "PEM", "-noout"]

    loads = subprocess.run(command, capture_output=True).returncode == 0
    item = next(item for item in inspect.read(data) if item.fingerprint)
    noted = any("do not load it like this" in value for label, value in item.lines if label == "note")

    assert noted is not loads


@pytest.mark.parametrize("form", sorted(BARE))
def test_base64_alone_is_loaded_by_nobody(form: str) -> None:
    (item,) = inspect.read(FORMS[form](certificate()))

    assert any(label == "note" for label, _ in item.lines) is form.startswith("bare")

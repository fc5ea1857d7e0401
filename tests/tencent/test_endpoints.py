"""Endpoints: the sites by their names, and none whose line could be listened to."""

from __future__ import annotations

import pytest

from csr_tui.errors import UsageError
from csr_tui.tencent.endpoint import SITES, endpoint_of


def test_the_sites_have_names_and_only_loopback_may_be_unencrypted() -> None:
    assert endpoint_of("international").url == SITES["international"] == "https://ssl.intl.tencentcloudapi.com"
    assert endpoint_of("mainland").url == "https://ssl.tencentcloudapi.com"
    assert endpoint_of(" https://ssl.tencentcloudapi.com/ ").label == "mainland"
    for local in ("http://127.0.0.1:80", "http://localhost:1", "http://[::1]:99"):
        assert endpoint_of(local).url == local


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://ssl.tencentcloudapi.com",
        "http://127.0.0.1.evil.com",
        "http://10.0.0.1",
        "ftp://127.0.0.1",
        "https://",
        "https://a b",
        "https://user@host",
        "https://host/path",
        "https://host?q",
        "https://host:99999",
        "https://[::1",
        "ssl.tencentcloudapi.com",
        "https://ex\u0430mple.com",
    ],
)
def test_what_is_no_safe_endpoint_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(UsageError, match=r"\."):
        endpoint_of(text)

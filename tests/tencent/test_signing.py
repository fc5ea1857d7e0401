"""The signature: three worked examples that the vendor publishes."""

from __future__ import annotations

import pytest

from csr_tui.tencent import signing

PAYLOAD = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
HEADERS = {
    "content-type": "application/json; charset=utf-8",
    "host": "cvm.tencentcloudapi.com",
    "x-tc-action": "DescribeInstances",
}


@pytest.mark.parametrize(
    ("signed", "key", "expected"),
    [
        (
            ("content-type", "host"),
            "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
            "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
        ),
        (
            ("content-type", "host"),
            "Gu5t9xGARNpq86cd98joQYCN3*******",
            "2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c",
        ),
        (
            ("content-type", "host", "x-tc-action"),
            "*" * 32,
            "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f",
        ),
    ],
)
def test_the_published_examples_come_out(signed: tuple[str, ...], key: str, expected: str) -> None:
    assert signing.signature(key, "cvm", 1551113065, HEADERS, signed, PAYLOAD) == expected


def test_the_date_of_a_signature_is_in_utc() -> None:
    assert signing.date_of(1551113065) == "2019-02-25"
    assert signing.date_of(1551139199) == "2019-02-25"
    assert signing.date_of(1551139200) == "2019-02-26"

"""Pace: no more calls within a second than an account may make."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from csr_tui.core.secret import Secret
from csr_tui.errors import UnreachableError
from csr_tui.tencent import transport
from csr_tui.tencent.client import Client
from csr_tui.tencent.endpoint import Credentials, endpoint_of
from csr_tui.tencent.pacing import Pacer

if TYPE_CHECKING:
    from collections.abc import Callable

    from csr_tui.tencent.sandbox import Sandbox


def test_the_eleventh_call_of_an_action_waits_and_another_action_does_not() -> None:
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    pacer = Pacer(clock=lambda: now[0], sleep=sleep, window=1.0)
    moments = []
    for _ in range(25):
        pacer.wait("CreateCSR").left()
        moments.append(now[0])
    pacer.wait("DescribeCSR")

    assert moments == [0.0] * 10 + [1.0] * 10 + [2.0] * 5
    assert len(slept) == 2


def test_the_time_counts_from_when_a_call_really_leaves() -> None:
    """A call that was slow to connect arrives late: the ten after it must not arrive within the same second."""
    now = [0.0]
    pacer = Pacer(clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds), window=1.0)
    first = [pacer.wait("CreateCSR") for _ in range(10)]
    now[0] = 0.4
    for slot in first:
        slot.left()
    now[0] = 0.5
    first[0].left()

    pacer.wait("CreateCSR")

    assert now == [1.4]


def test_a_call_that_never_leaves_holds_up_nobody() -> None:
    pacer = Pacer(window=0)
    nobody = Client(
        endpoint_of("http://127.0.0.1:9"), Credentials("AKIDexample", Secret("key")), pacer=pacer, sleep=lambda _: None
    )

    for _ in range(6):
        with pytest.raises(UnreachableError):
            nobody.page()

    assert pacer.wait((nobody.endpoint, nobody.account, "DescribeCSRSet"))


def test_never_more_than_ten_of_one_action_leave_within_a_second(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixteen threads at once, over real sockets; when the first byte goes is what this side can promise."""
    moments: list[float] = []
    send = transport.send

    def watched(*arguments: Any, leaving: Callable[[], None], **named: Any) -> bytes:
        def left() -> None:
            leaving()
            moments.append(time.monotonic())

        return send(*arguments, leaving=left, **named)

    monkeypatch.setattr(transport, "send", watched)
    client = Client(
        endpoint_of(sandbox.endpoint), Credentials(sandbox.secret_id, Secret(sandbox.secret_key)), pacer=Pacer()
    )
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: client.page(), range(35)))

    moments.sort()
    assert len(moments) >= 35
    assert all(later - first >= 1 for first, later in zip(moments, moments[10:], strict=False))

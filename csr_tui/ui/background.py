"""Calls that block, kept off the event loop and unable to hold up the program's end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from textual.worker import get_current_worker

from csr_tui.ui.live_screen import is_live

Result = TypeVar("Result")


async def run_blocking(function: Callable[[], Result]) -> Result:
    """What `function` returns or raises, run in a daemon thread; to be awaited in a worker.

    Unlike `asyncio.to_thread`, whose thread the interpreter waits for, a call that is still out when the
    person quits (an unanswered keyring, an RSA key in the making) is left behind; its intent is recovered later.
    What comes once the screen that asked is gone, or the app, is nobody's any more: it ends the worker.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def run() -> None:
        try:
            result = function()
        except BaseException as error:  # noqa: BLE001  # handed over whole, to whoever awaits it
            _tell(loop, future, None, error)
        else:
            _tell(loop, future, result, None)

    threading.Thread(target=run, daemon=True).start()
    result = await future
    if not is_live(get_current_worker().node):
        raise asyncio.CancelledError
    return result


def _tell(
    loop: asyncio.AbstractEventLoop, future: asyncio.Future[Result], result: Result | None, error: BaseException | None
) -> None:
    def settle() -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # None only where Result is None

    if not loop.is_closed():
        loop.call_soon_threadsafe(settle)

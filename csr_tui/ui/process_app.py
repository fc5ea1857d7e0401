"""How the program stops, ends and crashes: the draft is saved, and the terminal given back as it was."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import termios
from typing import cast

from rich.console import RenderableType
from rich.segment import Segments
from textual.drivers.linux_driver import LinuxDriver

from csr_tui.ui import hangup
from csr_tui.ui.job_control import JobControl, has_shell
from csr_tui.ui.notices import NoticeApp
from csr_tui.ui.terminal_color import Terminal


class ProcessApp(NoticeApp):
    """Answers signals, a vanished terminal and its own crash."""

    def _keep(self) -> bool:
        """Save what is on the screen alone; whether that worked."""
        raise NotImplementedError

    def _remember(self) -> None:
        """Write down how the desk is left."""
        raise NotImplementedError

    def _catch_signals(self, terminal: Terminal) -> None:
        """A closed terminal and a polite kill save the draft, and give the terminal back as it was."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(signum, self._stopped, signum)
        if not self.is_headless and sys.__stdin__ is not None:
            driver = cast("LinuxDriver", self._driver)
            driver.attrs_before = terminal.settings or driver.attrs_before  # a stop gives back no silent terminal
            job = JobControl(driver)
            loop.add_signal_handler(signal.SIGTSTP, self._stand_still, job)
            loop.add_signal_handler(signal.SIGCONT, self._paint_again, job)
            hangup.watch(sys.__stdin__.fileno(), lambda: loop.call_soon_threadsafe(self._stopped, signal.SIGHUP))

    def action_suspend_process(self) -> None:
        """As a terminal does it by itself: for all that was started together, `make` or `sudo` around us too."""
        if not self.is_headless:
            os.kill(0, signal.SIGTSTP)

    def _stand_still(self, job: JobControl) -> None:
        self._keep()
        if not has_shell():
            self.notify("No shell started csr-tui in this terminal, so it cannot stop.", severity="warning")
            return
        job.stop()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTSTP, self._stand_still, job)
        self._paint_again(job)

    def _paint_again(self, job: JobControl) -> None:
        try:
            job.resume()
        except termios.error:  # it went while this stood still
            self._stopped(signal.SIGHUP)
            return
        self.refresh(layout=True)

    def _stopped(self, signum: signal.Signals) -> None:
        self._keep()
        self._remember()
        self.exit(return_code=128 + signum)

    def _fatal_error(self) -> None:
        """Textual's own prints local variables, and a variable may hold a secret."""
        self._keep()
        self.bell()
        from rich.traceback import Traceback

        console = self.console
        traceback = Traceback(show_locals=False, width=None)
        self._exit_renderables.append(Segments(console.render(traceback, console.options)))
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """Textual ends this way when the terminal vanishes from under it."""
        self._keep()
        super().panic(*renderables)

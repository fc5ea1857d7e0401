"""A store, a keyring and a sandbox; a process that is killed among them; and a person who goes on from there.

The person does only what the program tells them to, at once, and so finds every way in which its advice is wrong.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from faults.actor import LATER, client_of
from faults.keyrings import Folder
from faults.mistakes import planted
from faults.scenarios import Broken, Scenario, ended, started
from lifecycle.tencent.cloud import DELAY, LOSE_REPLY, LOSE_REQUEST, Clock, Line, record

from csr_tui.core.custody import Custody
from csr_tui.core.keys import identity
from csr_tui.core.record import Record, State
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle import passwords, recovery
from csr_tui.lifecycle.tencent import reconcile, submit
from csr_tui.lifecycle.tencent.submit import SubmitOptions, may_send_again
from csr_tui.storage import RecordStore
from csr_tui.tencent.sandbox import Sandbox

if TYPE_CHECKING:
    import subprocess

REAL_WAIT = submit.WAIT
FATES = {"applies": LOSE_REPLY, "drops": LOSE_REQUEST, "delays": DELAY}


POINTS = {
    "submit": (
        "intent",
        "password kept",
        "creating",
        "create answered",
        "created",
        "finalising",
        "finalise answered",
        "described",
        "confirmed",
    ),
    "reconcile": ("looked", "settled"),
}
WRITES = ("CreateCSR", "ModifyCSR")

SCENARIOS = (
    *(Scenario("submit", point) for point in POINTS["submit"]),
    *(Scenario("submit", f"during {write}", write, fate) for write in WRITES for fate in FATES),
    *(Scenario("submit", "", write, fate) for write in WRITES for fate in FATES),
    *(
        Scenario("reconcile", point, write, fate)
        for write, read in zip(WRITES, ("DescribeCSRSet", "DescribeCSR"), strict=True)
        for fate in FATES
        for point in (*POINTS["reconcile"], f"during {read}")
    ),
)


@dataclass
class Hitman(Line):
    """A line that kills the process whose call arrives, before that call meets its fate."""

    victim: subprocess.Popen[str] | None = None
    during: str = ""

    def __call__(self, action: str, answer: object) -> bytes | None:
        if self.victim is not None and self.during == action:
            self.during = ""
            self.victim.kill()
            self.victim.wait()
        return super().__call__(action, answer)  # type: ignore[arg-type]  # what a sandbox hands over


@dataclass
class World:
    """One record and everything around it, in a folder."""

    folder: Path
    sandbox: Sandbox
    line: Hitman
    bug: str
    told_to_send_again: int = 0
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.keyring = Folder(self.folder / "keyring")
        self.vault = self.keyring.vault()
        self.client = client_of(self.sandbox.endpoint, self.sandbox.secret_id, self.sandbox.secret_key)
        self.path = self.folder / "records.db"
        with RecordStore(self.path) as store:
            self.id = store.add(record()).id

    def kill(self, scenario: Scenario) -> None:
        """Run the process that is to die, and see that it did."""
        self.line.during = scenario.point.removeprefix("during ") if scenario.point.startswith("during ") else ""
        credentials = {"SECRET_ID": self.sandbox.secret_id, "SECRET_KEY": self.sandbox.secret_key}
        arguments = (self.path, self.keyring, scenario.command, self.id, scenario.point, self.bug)
        with started(*arguments, environ={"ENDPOINT": self.sandbox.endpoint, **credentials}) as process:
            self.line.victim = process
            ended(process, scenario, self.bug)
        self.line.victim = None

    def go_on(self) -> None:
        """Start again, look, send what may be sent; then what was delayed arrives, and time passes."""
        for _ in range(4):
            with RecordStore(self.path, clock=self.clock, migrations=LATER) as store:
                recovery.recover(store, self.vault)
                self._look(store)
                self._send(store)
                if store.get(self.id).state is State.GENERATED and not self.line.late:
                    return
            self.line.deliver_late()
            self.clock.ahead += REAL_WAIT + timedelta(seconds=1)
        raise Broken("it never came to an end")

    def _look(self, store: RecordStore) -> None:
        if store.journal.unsettled():
            reconcile.reconcile(store, self.vault, self.client)

    def _send(self, store: RecordStore) -> None:
        now = store.get(self.id)
        if now.state is not State.DRAFT:
            return
        told = now.submission is not None and may_send_again(now.submission)
        self.told_to_send_again += told
        try:
            submit.submit(
                store,
                self.vault,
                self.client,
                now,
                SubmitOptions(Custody.RANDOM_KEYRING, send_again=told),
                sleep=lambda _: None,
            )
        except CsrTuiError:
            return

    def judge(self) -> Record:
        """Nothing twice, nothing lost, nothing left over."""
        there = tuple(self.client.inventory().items)
        with RecordStore(self.path, clock=self.clock, migrations=LATER) as store:
            here = store.get(self.id)
            if len(there) != 1:
                raise Broken(f"{len(there)} records at Tencent Cloud instead of one")
            if self.line.calls["CreateCSR"] > 1 + self.told_to_send_again:
                raise Broken("an unknown CreateCSR was sent again by itself")
            if here.state is not State.GENERATED or here.submission is None or here.submission.csr_id is None:
                raise Broken(f"the record is not generated: {here.state}")
            if here.submission.csr_id != there[0].csr_id or there[0].remark != here.remark:
                raise Broken("the record here stands for another one there")
            if identity.fingerprint(passwords.open_key(store, self.vault, here)) != here.key_fingerprint:
                raise Broken("the key here is another one")
            if store.unfinished() or store.orphaned_secrets() or store.journal.unsettled():
                raise Broken("something is left half done")
        if self.keyring.names() != {here.secret_ref}:
            raise Broken("the keyring holds something else than the one password")
        return here


def live_through(scenario: Scenario, *, bug: str = "") -> World:
    """Play one scenario to its end; Broken where a promise was not kept. The world, to look at."""
    line = Hitman()
    with tempfile.TemporaryDirectory() as folder, Sandbox(deliver=line) as sandbox, planted(bug):
        world = World(Path(folder), sandbox, line, bug)
        if scenario.lost:
            line.plan[scenario.lost] = [FATES[scenario.fate]]
        if scenario.command == "reconcile":
            world.kill(Scenario("submit"))
        world.kill(scenario)
        world.go_on()
        world.judge()
        return world
